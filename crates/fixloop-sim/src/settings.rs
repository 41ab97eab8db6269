//! What can be set of an organisation.

use jiff::civil::Date;

use crate::measured;

/// How long a fix takes in an average team: Weibull, so that an accelerated time and a hazard are both easy to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeToFix {
    /// Over all teams, with their differences.
    pub median_days: f64,
    /// 1 is exponential (no memory), less has a heavier tail.
    pub shape: f64,
}

impl TimeToFix {
    /// As the ten public repositories.
    pub const MEASURED: Self = Self { median_days: measured::MEDIAN_DAYS, shape: measured::SHAPE };

    /// As the reference simulations: without memory, half within 20 days.
    pub const EXPONENTIAL: Self = Self { median_days: 20.0, shape: 1.0 };

    /// The Weibull scale of a team of frailty 1, such that the median over teams with gamma frailty of this variance is the wanted one.
    ///
    /// Survival over teams is `(1 + v H(t))^(-1/v)` with `H(t) = (t / scale)^shape`, half at `H = (2^v - 1) / v`.
    pub(crate) fn scale(self, frailty: f64) -> f64 {
        let half = std::f64::consts::LN_2;
        let at_median = if frailty > 0.0 { (half * frailty).exp_m1() / frailty } else { half };
        self.median_days / at_median.powf(self.shape.recip())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub n_teams: usize,
    /// Day 0; what lies before is the past.
    pub start: Date,
    pub history_days: u32,
    /// What an alert multiplies the remaining time to a fix by; 1 is no effect.
    pub effect: f64,
    /// Variance of the teams' pace (gamma, mean 1), at most 1; a team keeps its pace.
    pub frailty: f64,
    pub time_to_fix: TimeToFix,
    /// New opportunities of a team, on average.
    pub findings_per_week: f64,
    /// Share of opportunities that come in when their advisory is public, if nobody prevents them.
    pub known_at_introduction: f64,
    /// Probability that an alert at the first reference keeps the vulnerable version out.
    pub prevention: f64,
    /// Probability that somebody has a repository's manifest open on a working day. An alert can come no sooner, and does nothing to the
    /// time before, so the ratio over whole times is nearer to 1 than `effect`.
    pub opened_per_working_day: f64,
    /// Share of upgrades that are undone within days.
    pub upgrade_regressions: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_teams: 60,
            start: Date::constant(2026, 1, 5),
            history_days: 400,
            effect: 1.0,
            frailty: measured::FRAILTY,
            time_to_fix: TimeToFix::MEASURED,
            findings_per_week: measured::FINDINGS_PER_WEEK,
            known_at_introduction: measured::KNOWN_AT_INTRODUCTION,
            prevention: 0.5,
            opened_per_working_day: measured::OPENED_PER_WORKING_DAY,
            upgrade_regressions: measured::UPGRADE_REGRESSIONS,
        }
    }
}
