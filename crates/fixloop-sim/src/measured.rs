//! How often things happen: figures of ten public repositories (18,125 commits of lockfiles, 653 opportunities), as `fixloop history` and
//! `fixloop evidence` mine them from the reference data, and assumptions where those do not tell.

/// Measured: half of the opportunities were fixed within 29 days (a third within 7, two thirds within 90).
pub const MEDIAN_DAYS: f64 = 29.0;

/// Measured: the Weibull shape inside repositories (each with its own scale) is 0.47; 0.44 over all of them, 0.50 beyond the first week.
/// Below 1 the tail is heavy: what was not fixed soon stays for long.
pub const SHAPE: f64 = 0.47;

/// Assumed: variance of the teams' pace, the larger one of the reference simulations. The ten repositories' own excess variance is 0.09,
/// which ten of them tell badly.
pub const FRAILTY: f64 = 0.3;

/// Measured: 37 of 648 opportunities came in when their advisory was already public.
pub const KNOWN_AT_INTRODUCTION: f64 = 0.057;

/// Measured: those 5.7 % hold 12.2 % of the open days, so each is open 2.3 times as long as one that was disclosed later.
pub const KNOWN_TIMES_AS_LONG: f64 = 2.3;

/// Measured: 4 of 544 upgrades were undone within 14 days.
pub const UPGRADE_REGRESSIONS: f64 = 0.007;

/// Measured: 54 of 594 ended opportunities ended because the package was removed.
pub const ENDS_BY_REMOVAL: f64 = 0.09;

/// Measured: of opportunities whose severity is told, critical, high, medium, low: 59, 176, 166, 38.
pub const SEVERITIES: [f64; 4] = [59.0, 176.0, 166.0, 38.0];

/// Measured: a day of the weekend has half as many commits as a working day (1,446 and 3,047), so half of what falls on one waits for
/// Monday.
pub const WAITS_FOR_MONDAY: f64 = 0.53;

/// Assumed, so that a repository changes its lockfile about as often as measured (on 1.2 days a week in the median of the ten, 0.4 to
/// 3.4), fixes included: upgrades that have nothing to do with advisories, a week.
pub const ROUTINE_UPGRADES_PER_WEEK: f64 = 0.5;

/// Assumed: new packages that are not vulnerable, a week.
pub const CLEAN_ADDITIONS_PER_WEEK: f64 = 0.1;

/// Assumed: new opportunities of a team, a week. The ten repositories have 0.13 each, with the advisories of the reference data, which
/// are a part of all; the reference simulations have 2.5 a team.
pub const FINDINGS_PER_WEEK: f64 = 2.5;

/// Assumed: somebody of its team has a repository's manifest open on four of five working days.
pub const OPENED_PER_WORKING_DAY: f64 = 0.8;

/// Assumed: the alerts of `alerts.json` come from a scan of the default branch once a week.
pub const DAYS_BETWEEN_SCANS: f64 = 7.0;

/// Assumed: a package has a release that has nothing to do with advisories every so many days.
pub const DAYS_BETWEEN_RELEASES: f64 = 45.0;

/// Of this organisation itself: so many disclosures hit a package that is open already, and join its opportunity.
pub const JOINED: f64 = 0.15;
