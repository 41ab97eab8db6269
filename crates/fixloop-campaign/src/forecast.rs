//! "All fixed by the date": the forecast of an open campaign.
//!
//! Open target i of age a and team g is closed within h with probability `1 - (S(a+h)/S(a))^f_g`. S is the Kaplan-Meier curve of what was fixed
//! so far, by age since the alert; the team's factor is drawn from Gamma(1/theta + O, 1/theta + E). Ages and horizons are working days. See
//! `docs/campaign.md`.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_stats::forecast::{
    BeyondSupport, ClosingCurve, ForecastError, History, PoissonBinomial, PressedItem, PressedPast,
    Simulation, Spread, forecast_last, frailty_variance_or_usual,
};
use fixloop_stats::{Causes, Observation, Outcome, kaplan_meier};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::back_test::Check;
use crate::working_time::{after, working_days};
use crate::{DAY, days};

/// Fewer fixes, or of fewer teams, and the organization's history is joined.
const OWN_FIXES: usize = 30;
const OWN_TEAMS: usize = 6;

/// Fewer fixes in break say nothing of how much faster that is.
const PRESSED_FIXES: usize = 5;

const DRAWS: usize = 2_000;
/// Named, with their teams.
const N_LAST: usize = 5;
/// Shorter horizons that the back-test scores, in days.
const CHECKS: [f64; 4] = [1.0, 3.0, 7.0, 14.0];
/// A day beyond that is no day to plan with.
const MAX_DAYS: f64 = 3_650.0;

/// Of a week, for times of the past that do not say when they were.
const WORKED_SHARE: f64 = 5.0 / 7.0;

const METHOD: &str = "Kaplan-Meier of fixes by age since the alert in working days, gamma team factors, team bootstrap, 2,000 draws";

/// A target that was affected in the campaign, and when its team was told how.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTarget {
    pub repository: String,
    pub path: Option<String>,
    pub team: String,
    /// Since when the campaign knows it to be affected.
    pub affected_since: i64,
    pub fixed_at: Option<i64>,
    /// When the team's ring was alerted.
    pub alerted_at: Option<i64>,
    /// When its ring came to *break*, or is planned to.
    pub pressed_at: Option<i64>,
}

/// A fix, or what is open, of the organization's past.
#[derive(Clone, Debug, PartialEq)]
pub struct PastFix {
    pub team: String,
    /// Of a calendar.
    pub days: f64,
    pub is_fixed: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Every target that was ever affected, fixed ones too.
    pub targets: &'a [OpenTarget],
    /// Seen from their first moment on.
    pub mined: &'a [PastFix],
    pub now: i64,
    pub deadline: i64,
    /// Targets of which nothing is known, and which are not among the open ones.
    pub n_unknown: u64,
    /// From the back-test.
    pub widening: f64,
    pub seed: u64,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum NoForecast {
    #[error("too little was fixed to learn from, in this campaign and before it ({0})")]
    TooLittle(ForecastError),
    /// What is unknown is not fixed.
    #[error("nothing is known to be open, and {0} targets are unknown")]
    Unknown(u64),
    #[error("a target's times are out of their order")]
    Times,
}

/// 10 %, 50 % and 90 % quantiles.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Quantiles {
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
}

/// One of those that will be last.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LastTarget {
    /// `REPOSITORY:PATH`.
    pub target: String,
    pub repository: String,
    pub path: Option<String>,
    pub team: String,
    /// Of being fixed by the date.
    pub p: f64,
    pub age_days: f64,
}

/// What the curve was learned from.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Learned {
    pub n_fixes: usize,
    pub n_teams: usize,
    /// Fixes of the organization's history that were joined, because the campaign has too few of its own.
    pub n_history_fixes: usize,
    /// Fixes since the pivot, and how many times faster they come than before; nothing while they are fewer than five: then the forecast is
    /// of alerting alone.
    pub n_break_fixes: usize,
    pub break_ratio: Option<Quantiles>,
    /// Variance of the teams' factors.
    pub theta: f64,
}

/// As if targets were independent and the curve known. Always too narrow, so that it stands beside the forecast and never alone.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Independent {
    pub n_open: usize,
    pub mean_fixed: f64,
    pub fixed_p10: usize,
    pub fixed_p90: usize,
    pub p_all: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Forecast {
    pub at: i64,
    pub deadline: i64,
    pub n_open: usize,
    /// Not in the forecast: whoever is unknown may be affected too.
    pub n_unknown: u64,
    /// Probability that none of the open targets is left at the deadline.
    pub p_all: f64,
    /// Days from `at` until the last one is fixed.
    pub last_fix_days: Quantiles,
    /// How many are left at the deadline.
    pub left: Quantiles,
    /// Those with the smallest probability, the smallest first.
    pub last: Vec<LastTarget>,
    /// How many targets' dates are beyond the ages that were seen; there the last stretch's average hazard goes on.
    pub n_extrapolated: usize,
    pub is_extrapolated: bool,
    pub learned: Learned,
    pub independent: Option<Independent>,
    /// As computed, for the back-test.
    pub checks: Vec<Check>,
    /// How many times wider the intervals are than computed.
    pub widening: f64,
    pub method: String,
}

/// The forecast of what is open among the targets.
///
/// # Errors
/// If too little was fixed for a curve, there are fewer than two teams, or nothing but unknown targets is left.
pub fn forecast(input: &Input<'_>) -> Result<Forecast, NoForecast> {
    let open: Vec<&OpenTarget> = input.targets.iter().filter(|it| it.fixed_at.is_none()).collect();
    if open.is_empty() {
        if input.n_unknown > 0 {
            return Err(NoForecast::Unknown(input.n_unknown));
        }
        return Ok(nothing_open(input));
    }
    let mut teams = Teams::default();
    let mut past = Past::of(input, &mut teams)?;
    let (n_fixes, n_teams) = past.fixes();
    let mut learned = Learned { n_fixes, n_teams, ..Learned::default() };
    if !learned.is_enough() {
        learned.n_history_fixes = past.join(input.mined, &mut teams);
    }
    learned.n_break_fixes = past.pressed.iter().filter(|it| it.is_closed).count();
    let is_pressure_known = learned.n_break_fixes >= PRESSED_FIXES;
    let item = |it: &&OpenTarget| PressedItem {
        age: age(it, input.now),
        team: teams.known(&it.team),
        pressed_in: it
            .pressed_at
            .filter(|_| is_pressure_known)
            .map(|at| working_days(input.now, at)),
    };
    let items: Vec<PressedItem> = open.iter().map(item).collect();
    let history =
        History { observations: &past.observations, teams: &past.teams, causes: Causes::Any };
    learned.theta = frailty_variance_or_usual(&history).map_err(NoForecast::TooLittle)?;
    let horizon = working_days(input.now, input.deadline).max(0.0);
    let simulation =
        Simulation { horizon, frailty_variance: learned.theta, n_draws: DRAWS, seed: input.seed };
    let found = forecast_last(&history, &items, &past.pressed, (&simulation, &checks(input.now)))
        .map_err(NoForecast::TooLittle)?;
    learned.break_ratio = found.pressed_ratio.map(Into::into);
    let widen = |it: Quantiles, most: f64| it.widened(input.widening, most);
    let (n, left) = (open.len() as f64, found.n_left[0].into());
    let ages: Vec<f64> = items.iter().map(|it| it.age).collect();
    Ok(Forecast {
        at: input.now,
        deadline: input.deadline,
        n_open: open.len(),
        n_unknown: input.n_unknown,
        p_all: found.p_all_closed,
        last_fix_days: widen(found.last.into(), MAX_DAYS).of_calendar(input.now),
        left: widen(left, n),
        last: last(&open, &found.closing, input.now),
        n_extrapolated: found.n_extrapolated,
        is_extrapolated: found.n_extrapolated > 0,
        learned,
        independent: independent(&past.observations, &ages, horizon).ok(),
        checks: CHECKS
            .iter()
            .zip(&found.n_left[1..])
            .map(|(days, left)| Check { days: *days, left: (*left).into() })
            .collect(),
        widening: input.widening,
        method: METHOD.to_owned(),
    })
}

/// The number that will be closed if every target had the curve's own chance, and nothing else varied. Never to be shown alone.
///
/// # Errors
/// If the observations give no curve, or there are too many targets.
pub fn independent(
    observations: &[Observation],
    ages: &[f64],
    horizon: f64,
) -> Result<Independent, NoForecast> {
    let curve = kaplan_meier(observations, Causes::Any);
    let curve = curve.map_err(|_| NoForecast::TooLittle(ForecastError::NoSupport))?;
    let curve = ClosingCurve::new(&curve, BeyondSupport::Flat).map_err(NoForecast::TooLittle)?;
    let chance = |age: &f64| curve.closing(*age, horizon).map(|it| it.probability);
    let chances: Result<Vec<f64>, ForecastError> = ages.iter().map(chance).collect();
    let all = PoissonBinomial::new(&chances.map_err(NoForecast::TooLittle)?);
    let all = all.map_err(|_| NoForecast::TooLittle(ForecastError::NoSupport))?;
    Ok(Independent {
        n_open: ages.len(),
        mean_fixed: all.mean(),
        fixed_p10: all.quantile(0.1),
        fixed_p90: all.quantile(0.9),
        p_all: all.probability(ages.len()),
    })
}

fn nothing_open(input: &Input<'_>) -> Forecast {
    let zero = Quantiles::default();
    let last = input.targets.iter().filter_map(|it| it.fixed_at).max();
    let since = last.map_or(0.0, |it| days(input.now, it));
    Forecast {
        at: input.now,
        deadline: input.deadline,
        n_open: 0,
        n_unknown: input.n_unknown,
        p_all: 1.0,
        last_fix_days: Quantiles { p10: since, p50: since, p90: since },
        left: zero,
        last: Vec::new(),
        n_extrapolated: 0,
        is_extrapolated: false,
        learned: Learned::default(),
        independent: None,
        checks: CHECKS.iter().map(|days| Check { days: *days, left: zero }).collect(),
        widening: 1.0,
        method: METHOD.to_owned(),
    }
}

fn last(open: &[&OpenTarget], closing: &[f64], now: i64) -> Vec<LastTarget> {
    let mut all: Vec<LastTarget> = open
        .iter()
        .zip(closing)
        .map(|(it, p)| LastTarget {
            target: match &it.path {
                Some(path) => format!("{}:{path}", it.repository),
                None => it.repository.clone(),
            },
            repository: it.repository.clone(),
            path: it.path.clone(),
            team: it.team.clone(),
            p: *p,
            age_days: days(origin(it), now).max(0.0),
        })
        .collect();
    all.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.target.cmp(&b.target)));
    all.truncate(N_LAST);
    all
}

/// Days in *break* are counted as those of a life table: every day that was begun is one, and half of one where the fix came. What came in on
/// the first afternoon would else be the rate of an hour.
fn at_risk(length: f64, is_fixed: bool) -> f64 {
    length.ceil() - if is_fixed { 0.5 } else { 0.0 }
}

/// From when its team could know of it.
fn origin(it: &OpenTarget) -> i64 {
    it.alerted_at.map_or(it.affected_since, |at| at.max(it.affected_since))
}

/// In working days.
fn age(it: &OpenTarget, now: i64) -> f64 {
    working_days(origin(it), now).max(0.0)
}

/// The shorter horizons in working days.
fn checks(now: i64) -> [f64; CHECKS.len()] {
    #[expect(clippy::cast_possible_truncation, reason = "whole days")]
    CHECKS.map(|it| working_days(now, now.saturating_add(it as i64 * DAY)))
}

/// Numbers of teams, in the order in which they are met.
#[derive(Default)]
struct Teams(BTreeMap<String, u32>);

impl Teams {
    fn number(&mut self, team: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(team.to_owned()).or_insert(next)
    }

    /// Every target's team was met when the past was read.
    fn known(&self, team: &str) -> u32 {
        self.0.get(team).copied().unwrap_or(u32::MAX)
    }
}

/// What was seen of targets so far.
#[derive(Default)]
struct Past {
    observations: Vec<Observation>,
    teams: Vec<u32>,
    pressed: Vec<PressedPast>,
}

impl Past {
    /// The campaign's own targets: alerted until fixed, or until their ring came to *break*.
    fn of(input: &Input<'_>, teams: &mut Teams) -> Result<Self, NoForecast> {
        let mut past = Self::default();
        for it in input.targets {
            let team = teams.number(&it.team);
            let until = it.fixed_at.unwrap_or(input.now).max(origin(it));
            let (length, is_fixed) = (working_days(origin(it), until), it.fixed_at.is_some());
            let pressed = it.pressed_at.filter(|at| *at < until);
            let calm = pressed.map_or(length, |at| working_days(origin(it), at).max(0.0));
            if pressed.is_none() || calm > 0.0 {
                past.add(team, calm, is_fixed && pressed.is_none())?;
            }
            if pressed.is_some() && length > calm {
                past.pressed.push(PressedPast {
                    from: calm,
                    until: calm + at_risk(length - calm, is_fixed),
                    team,
                    is_closed: is_fixed,
                });
            }
        }
        Ok(past)
    }

    fn add(&mut self, team: u32, length: f64, is_fixed: bool) -> Result<(), NoForecast> {
        let outcome = if is_fixed { Outcome::Event(1) } else { Outcome::Censored };
        self.observations.push(Observation::new(length, outcome).map_err(|_| NoForecast::Times)?);
        self.teams.push(team);
        Ok(())
    }

    /// Number of fixes under alerting alone, and of teams with one.
    fn fixes(&self) -> (usize, usize) {
        let is_fix = |it: &&(&Observation, &u32)| it.0.outcome() != Outcome::Censored;
        let pairs: Vec<_> = self.observations.iter().zip(&self.teams).collect();
        let fixes: Vec<u32> = pairs.iter().filter(is_fix).map(|it| *it.1).collect();
        (fixes.len(), fixes.iter().collect::<BTreeSet<_>>().len())
    }

    /// Adds the organization's history; returns its fixes.
    fn join(&mut self, mined: &[PastFix], teams: &mut Teams) -> usize {
        let mut n_fixes = 0;
        for it in mined {
            // Numbers that are no time are of nobody's use.
            if self.add(teams.number(&it.team), it.days * WORKED_SHARE, it.is_fixed).is_ok() {
                n_fixes += usize::from(it.is_fixed);
            }
        }
        n_fixes
    }
}

impl From<Spread> for Quantiles {
    fn from(it: Spread) -> Self {
        Self { p10: it.p10, p50: it.p50, p90: it.p90 }
    }
}

impl Quantiles {
    /// From working days to those of the calendar.
    fn of_calendar(self, now: i64) -> Self {
        let side = |it: f64| days(now, after(now, it));
        Self { p10: side(self.p10), p50: side(self.p50), p90: side(self.p90) }
    }

    /// Wider about its middle, between 0 and `most`.
    fn widened(self, by: f64, most: f64) -> Self {
        let side = |it: f64| (self.p50 + (it - self.p50) * by).clamp(0.0, most);
        Self { p10: side(self.p10), p50: self.p50.clamp(0.0, most), p90: side(self.p90) }
    }
}

impl Learned {
    /// The campaign's own fixes are enough to learn from.
    pub fn is_enough(&self) -> bool {
        self.n_fixes >= OWN_FIXES && self.n_teams >= OWN_TEAMS
    }
}

impl Forecast {
    /// A moment so many days from when it was made; nothing beyond ten years.
    pub fn moment(&self, days: f64) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "at most ten years")]
        let micros = |it: f64| (it * DAY as f64) as i64;
        (days.abs() < MAX_DAYS).then(|| self.at.saturating_add(micros(days)))
    }
}

#[cfg(test)]
mod tests;
