//! An organisation's own past, from which pilots are drawn: weeks of teams.

use fixloop_stats::team_counts::{TeamSample, team_counts};
use fixloop_stats::team_score::{DEFAULT_THETA, theta_of};
use fixloop_stats::{
    Band, KaplanMeier, Level, Observation, Sample, Start, kaplan_meier_from, quantile,
    restricted_mean,
};
use thiserror::Error;

use crate::table::FIXED;

pub(super) const WEEK: f64 = 7.0;

/// Teams of the past that tell how teams differ; with fewer, a usual difference is added.
pub const MIN_PAST_TEAMS: usize = 8;

/// Weeks are drawn from at most so many days.
const LOOK_BACK: f64 = 365.0;

/// Fewer weeks than these say nothing of the ones to come.
const MIN_WEEKS: f64 = 4.0;

/// An opportunity of the past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastFinding {
    /// Its place among the teams.
    pub team: u32,
    pub stratum: u32,
    /// When its clock started, in days on any scale that is the same for all.
    pub day: f64,
    /// Ages in days; cause 1 is a fix.
    pub observation: Observation,
}

/// What is replayed.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub teams: Vec<String>,
    pub findings: Vec<PastFinding>,
    /// The last day that was looked at, on the findings' scale; at least the end of every finding.
    pub cut: f64,
}

/// Why there is nothing to replay.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum PastError {
    #[error("no opportunity of the past is in the scope")]
    Empty,
    #[error("the past covers {days:.0} days, and weeks are drawn from at least 28")]
    Short { days: f64 },
    #[error("nothing was fixed in the {days:.0} days of which weeks are drawn")]
    NoFix { days: f64 },
    #[error("a day or an age in the past is no finite number, or a team has no name")]
    Invalid,
}

/// The past in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastFacts {
    /// Teams with an opportunity in the weeks that are drawn from.
    pub n_teams: usize,
    pub n_findings: usize,
    pub n_fixed: usize,
    pub n_weeks: usize,
    /// New opportunities per team and week.
    pub per_team_week: f64,
    /// Standard deviation over mean of the teams' numbers.
    pub size_cv: f64,
    /// Of times to fix; `None` if half are not fixed in the time seen.
    pub median: Option<f64>,
    /// Fixes per day that an opportunity is open.
    pub rate: f64,
    /// Variance between teams.
    pub theta: f64,
    /// Too few teams tell it, so it is the usual one.
    pub is_theta_usual: bool,
    /// Days for which every opportunity drawn could be watched; where it is less than the pilot's days, late fixes are not seen.
    pub watched_days: f64,
}

/// Weeks of each team that a pilot can be drawn from.
pub(super) struct Weeks {
    /// Of each team, of each week: its findings with their day inside the week.
    pub(super) of_teams: Vec<Vec<Vec<(f64, PastFinding)>>>,
    pub(super) facts: PastFacts,
}

impl Past {
    /// The weeks, the newest such that what started in them could be watched for twice the pilot's days: halved times are seen as well.
    pub(super) fn weeks(&self, days: f64) -> Result<Weeks, PastError> {
        let (from, until) = self.window(days)?;
        let n_weeks = whole((until - from) / WEEK);
        // Anchored at the end, so that the newest days are not lost.
        let from = until - n_weeks as f64 * WEEK;
        let mut of_teams: Vec<Vec<Vec<_>>> = vec![vec![Vec::new(); n_weeks]; self.teams.len()];
        let mut taken = Vec::new();
        for it in &self.findings {
            if it.day < from || it.day >= until {
                continue;
            }
            let week = whole((it.day - from) / WEEK).min(n_weeks - 1);
            of_teams[it.team as usize][week].push((it.day - from - week as f64 * WEEK, *it));
            taken.push(*it);
        }
        of_teams.retain(|weeks| weeks.iter().any(|it| !it.is_empty()));
        let facts = self.facts(&taken, &of_teams, (n_weeks, self.cut - until))?;
        Ok(Weeks { of_teams, facts })
    }

    fn window(&self, days: f64) -> Result<(f64, f64), PastError> {
        let is_sound = |it: &PastFinding| {
            it.day.is_finite()
                && (it.team as usize) < self.teams.len()
                && it.day + it.observation.time() <= self.cut + 1e-6
        };
        if !self.cut.is_finite() || !self.findings.iter().all(is_sound) {
            return Err(PastError::Invalid);
        }
        let first = self.findings.iter().map(|it| it.day).reduce(f64::min);
        let first = first.ok_or(PastError::Empty)?;
        let least = MIN_WEEKS * WEEK;
        if self.cut - first < least {
            return Err(PastError::Short { days: self.cut - first });
        }
        // A short past gives up follow-up before it gives up weeks.
        let until = f64::max(self.cut - 2.0 * days, first + least).min(self.cut);
        Ok((f64::max(first, until - LOOK_BACK), until))
    }

    fn facts(
        &self,
        taken: &[PastFinding],
        of_teams: &[Vec<Vec<(f64, PastFinding)>>],
        (n_weeks, watched_days): (usize, f64),
    ) -> Result<PastFacts, PastError> {
        let observations: Vec<Observation> = taken.iter().map(|it| it.observation).collect();
        let days = n_weeks as f64 * WEEK;
        let n_fixed = observations.iter().filter(|it| FIXED.holds(it.outcome())).count();
        if n_fixed == 0 {
            return Err(PastError::NoFix { days });
        }
        let sample = Sample::new(&observations).map_err(|_| PastError::Empty)?;
        let curve = kaplan_meier_from(sample, FIXED, Start::Origin);
        let n_teams = of_teams.len();
        let sizes: Vec<f64> =
            of_teams.iter().map(|weeks| weeks.iter().map(Vec::len).sum::<usize>() as f64).collect();
        let theta = if n_teams < MIN_PAST_TEAMS { None } else { self.theta(taken) };
        Ok(PastFacts {
            n_teams,
            n_findings: taken.len(),
            n_fixed,
            n_weeks,
            per_team_week: taken.len() as f64 / (n_teams * n_weeks) as f64,
            size_cv: spread(&sizes),
            median: quantile(&curve, 0.5, Band::LogLog, Level::P95).time,
            rate: rate(&curve, n_fixed, &observations),
            theta: theta.unwrap_or(DEFAULT_THETA),
            is_theta_usual: theta.is_none(),
            watched_days,
        })
    }

    /// The variance between teams, by moments.
    fn theta(&self, taken: &[PastFinding]) -> Option<f64> {
        let observations: Vec<Observation> = taken.iter().map(|it| it.observation).collect();
        let teams: Vec<u32> = taken.iter().map(|it| it.team).collect();
        let strata: Vec<u32> = taken.iter().map(|it| it.stratum).collect();
        let sample = TeamSample {
            observations: &observations,
            teams: &teams,
            n_teams: self.teams.len(),
            strata: Some(&strata),
        };
        theta_of(&team_counts(&sample, FIXED).ok()?)
    }
}

/// Fixes per open day in the first weeks of age: what a pilot sees, and not what is open for years.
fn rate(curve: &KaplanMeier, n_fixed: usize, observations: &[Observation]) -> f64 {
    const EARLY: f64 = 60.0;
    let early = observations.iter().map(Observation::time).fold(0.0, f64::max).min(EARLY);
    let share = curve.steps().iter().take_while(|it| it.time <= early).last();
    let fixed = share.map_or(0.0, |it| 1.0 - it.survival);
    let mean = restricted_mean(curve, early).ok().map_or(0.0, |it| it.mean);
    if fixed > 0.0 && mean > 0.0 {
        return fixed / mean;
    }
    // All ages are 0, or nothing is fixed early.
    let open: f64 = observations.iter().map(Observation::time).sum();
    n_fixed as f64 / f64::max(open, 1.0)
}

/// Standard deviation over mean; 0 of one.
fn spread(sizes: &[f64]) -> f64 {
    let n = sizes.len() as f64;
    let mean = sizes.iter().sum::<f64>() / n;
    let squares: f64 = sizes.iter().map(|it| (it - mean) * (it - mean)).sum();
    if n > 1.0 && mean > 0.0 { (squares / (n - 1.0)).sqrt() / mean } else { 0.0 }
}

/// Of a number that is not negative.
pub(super) fn whole(number: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast takes what is below 0 or no number to 0"
    )]
    let whole = number.floor() as usize;
    whole
}
