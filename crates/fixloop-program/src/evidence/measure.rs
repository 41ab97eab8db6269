//! A share with its interval by team.

use std::collections::BTreeMap;

use fixloop_stats::proportion::{Proportion, wilson};
use fixloop_stats::{Interval, Jackknife, Level, jackknife};

/// What one opportunity adds to the share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tally<'a> {
    pub(crate) team: &'a str,
    pub(crate) x: f64,
    pub(crate) n: f64,
}

/// What `n` sums: trials, each worth one at most, or days, of which an opportunity's go together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Counts,
    Days,
}

/// One team's part.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamShare {
    pub team: String,
    pub x: f64,
    pub n: f64,
}

/// `x` of `n`, with a 95 % interval.
///
/// The share is the ratio of sums over teams. Its variance V is that of the delete-one-team jackknife; from it come the effective trials
/// `share (1 - share) / V`, never more than there are trials (opportunities, where `n` is days), and fewer by `(z / t)^2` because few
/// teams say little of V (t with teams minus one). Wilson's interval of those trials stays within 0 and 1, and 0 of n still allows for
/// more. Where all or none did it, V is 0 and says nothing: then only `(z / t)^2` narrows the trials.
///
/// With fewer than two teams it is by row: Wilson's of the plain counts, or the jackknife over opportunities for days.
///
/// # Source
/// Korn & Graubard 1998 (effective trials and their correction by t); Wilson 1927, <https://doi.org/10.1080/01621459.1927.10502953>;
/// Efron & Stein 1981, <https://doi.org/10.1214/aos/1176345462>.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub x: f64,
    pub n: f64,
    /// `None` if n is 0.
    pub share: Option<f64>,
    pub interval: Option<Interval>,
    /// Teams with a part in n, the largest first.
    pub teams: Vec<TeamShare>,
    /// How the interval came about, in words.
    pub method: String,
}

impl Measure {
    pub(crate) fn of(unit: Unit, tallies: &[Tally<'_>]) -> Self {
        let counted: Vec<Tally<'_>> = tallies.iter().copied().filter(|it| it.n > 0.0).collect();
        let (x, n) = sum(&counted);
        let teams = teams(&counted);
        let mut measure =
            Self { x, n, share: None, interval: None, teams, method: "none: n is 0".into() };
        if n > 0.0 {
            // Sums of days may differ from one another in the last bit.
            let share = (x / n).clamp(0.0, 1.0);
            measure.share = Some(share);
            let n_trials = match unit {
                Unit::Counts => n,
                Unit::Days => counted.len() as f64,
            };
            let (n_effective, method) = measure.effective(unit, n_trials, &counted);
            measure.method = method;
            let proportion = Proportion::of_effective(share, n_effective).ok();
            measure.interval = proportion.map(|it| wilson(it, Level::P95));
        }
        measure
    }

    /// Effective trials, and how they came about.
    fn effective(&self, unit: Unit, n_trials: f64, rows: &[Tally<'_>]) -> (f64, String) {
        let parts: Vec<(f64, f64)> = self.teams.iter().map(|it| (it.x, it.n)).collect();
        if parts.len() >= 2 {
            let n_effective = by_cluster(n_trials, &parts);
            let text = format!(
                "by team: Wilson on {} effective trials from the delete-one-team jackknife, {} degrees of freedom",
                round(n_effective),
                parts.len() - 1
            );
            return (n_effective, text);
        }
        let narrow = "opportunities of one team go together, so it is too narrow";
        match unit {
            Unit::Counts => (n_trials, format!("by row: Wilson on {n_trials} trials; {narrow}")),
            Unit::Days if rows.len() >= 2 => {
                let parts: Vec<(f64, f64)> = rows.iter().map(|it| (it.x, it.n)).collect();
                let n_effective = by_cluster(n_trials, &parts);
                let text = format!(
                    "by row: Wilson on {} effective trials from the delete-one-row jackknife; {narrow}",
                    round(n_effective)
                );
                (n_effective, text)
            }
            Unit::Days => (n_trials, "by row: one opportunity, which says next to nothing".into()),
        }
    }
}

fn sum(rows: &[Tally<'_>]) -> (f64, f64) {
    rows.iter().fold((0.0, 0.0), |(x, n), it| (x + it.x, n + it.n))
}

fn teams(rows: &[Tally<'_>]) -> Vec<TeamShare> {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for it in rows {
        let (x, n) = sums.entry(it.team).or_default();
        *x += it.x;
        *n += it.n;
    }
    let mut teams: Vec<TeamShare> =
        sums.into_iter().map(|(team, (x, n))| TeamShare { team: team.to_owned(), x, n }).collect();
    teams.sort_by(|a, b| b.n.total_cmp(&a.n));
    teams
}

/// Effective trials of at least two clusters' `(x, n)`.
fn by_cluster(n_trials: f64, parts: &[(f64, f64)]) -> f64 {
    let (x, n) = parts.iter().fold((0.0, 0.0), |(x, n), it| (x + it.0, n + it.1));
    let ratio = |without: Option<usize>| {
        let (less_x, less_n) = without.map_or((0.0, 0.0), |it| parts[it]);
        Some((x - less_x) / (n - less_n))
    };
    let share = x / n;
    let spread = jackknife(parts.len(), ratio).ok();
    let variance = spread.map_or(0.0, |it| it.std_error * it.std_error);
    let by_spread = if variance > 0.0 { share * (1.0 - share) / variance } else { n_trials };
    // Teams that chance made alike do not make more of the trials than there are.
    let n_effective = if by_spread > 0.0 { by_spread.min(n_trials) } else { n_trials };
    let t = half_width(parts.len() - 1);
    let shrink = Level::P95.z() / t;
    n_effective * shrink * shrink
}

/// Half a t interval's width in standard errors.
fn half_width(degrees_of_freedom: usize) -> f64 {
    let unit = Jackknife { estimate: 0.0, std_error: 1.0, degrees_of_freedom };
    unit.interval(Level::P95).upper
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
