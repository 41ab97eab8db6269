//! The forecast with teams that differ, and with a curve that other teams would have given differently.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Causes, KaplanMeier, Observation, Sample, Start, guarded_start, kaplan_meier_from};

use super::ForecastError;
use super::curve::{BeyondSupport, ClosingCurve, Hazard};
use super::gamma::gamma;

/// What was closed in the past, and what was not.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    pub observations: &'a [Observation],
    /// Team of each observation, numbered as the caller likes.
    pub teams: &'a [u32],
    /// What counts as closed; the others censor.
    pub causes: Causes,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenItem {
    pub age: f64,
    /// As numbered in the history; a team without history has the average hazard, more or less.
    pub team: u32,
}

/// How to simulate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulation {
    pub horizon: f64,
    /// Variance of the teams' hazards relative to the average; 0 if teams are alike. See [`frailty_variance`].
    pub frailty_variance: f64,
    /// 2,000 keep the simulation's own error below a point.
    pub n_draws: usize,
    /// Equal seeds give equal forecasts.
    pub seed: u64,
}

/// 10 %, 50 % and 90 % quantiles over the draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
}

/// What is open at the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamForecast {
    pub n_left: Spread,
    pub mean_left: f64,
    /// Probability that nothing is left.
    pub p_all_closed: f64,
    /// That probability if the curve and the teams' hazards were known, over what they may be.
    pub p_all_closed_spread: Spread,
    /// Of each open item: the probability of being closed. The smallest are what to act on.
    pub closing: Vec<f64>,
    /// Items whose horizon is beyond the ages that the history supports.
    pub n_extrapolated: usize,
    /// Draws of teams that gave no curve, and were left out.
    pub n_undefined: usize,
}

/// Simulates which open items are closed within the horizon.
///
/// Each draw takes teams of the history with replacement for the curve of any team, then for each team a hazard factor from
/// Gamma(1/theta + O, 1/theta + E), where O is what the team closed and E what the curve expects of it, then each item's fate.
/// With delayed entry every curve starts where that of the whole history does. Past the ages with 10 at risk the hazard of the last
/// stretch goes on, see [`BeyondSupport::AverageHazard`]. Costs O(draws x (history log ages + items)).
///
/// # Units
/// Ages and horizon in the history's unit of time.
///
/// # Errors
/// If labels are missing, the history has fewer than two teams or supports no curve (also in more than a tenth of the draws), an item is
/// younger than where the curve starts, or a setting is out of its range.
///
/// # Source
/// Gamma frailty: Clayton & Cuzick 1985, <https://doi.org/10.2307/2981943>; the team bootstrap as [`crate::bootstrap`].
pub fn forecast_by_team(
    history: &History<'_>,
    open: &[OpenItem],
    simulation: &Simulation,
) -> Result<TeamForecast, ForecastError> {
    let past = Past::new(history)?;
    let Simulation { horizon, frailty_variance, n_draws, seed } = *simulation;
    if !frailty_variance.is_finite() || frailty_variance < 0.0 {
        return Err(ForecastError::FrailtyVariance(frailty_variance));
    }
    if n_draws == 0 {
        return Err(ForecastError::NoDraw);
    }
    if past.teams.len() < 2 {
        return Err(ForecastError::TooFewTeams(past.teams.len()));
    }
    let whole = ClosingCurve::new(&past.curve(|_| 1).ok_or(ForecastError::NoSupport)?, CARRIED_ON)?;
    let mut n_extrapolated = 0;
    for it in open {
        n_extrapolated += usize::from(whole.hazard(it.age, horizon)?.is_extrapolated);
    }
    let of_items: Vec<u32> = open.iter().map(|it| it.team).collect();
    let mut tally = Tally::new(open.len());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..n_draws {
        let times = past.drawn_teams(&mut rng);
        let Some(curve) = past.curve(|row| times[past.team_of[row]]) else { continue };
        let Ok(closing) = ClosingCurve::new(&curve, CARRIED_ON) else { continue };
        let factors = past.factors(&curve, frailty_variance, &of_items, &mut rng);
        let hazards: Result<Vec<Hazard>, _> =
            open.iter().map(|it| closing.hazard(it.age, horizon)).collect();
        let pairs = hazards?.into_iter().zip(open);
        let probabilities: Vec<f64> =
            pairs.map(|(hazard, it)| hazard.probability(factors[&it.team])).collect();
        tally.add(&probabilities, &mut rng);
    }
    tally.forecast(n_draws, n_extrapolated)
}

pub(super) const CARRIED_ON: BeyondSupport = BeyondSupport::AverageHazard;

/// Variance of the teams' hazards relative to the average, by moments: `max(0, sum((O - E)^2 - E) / sum E^2)`.
///
/// # Errors
/// If labels are missing or the history supports no curve or no event.
///
/// # Source
/// Bohning et al. 2004 compare such estimators, <https://doi.org/10.1093/biostatistics/5.1.61>.
pub fn frailty_variance(history: &History<'_>) -> Result<f64, ForecastError> {
    let past = Past::new(history)?;
    let curve = past.curve(|_| 1).ok_or(ForecastError::NoSupport)?;
    let (mut excess, mut squares) = (0.0, 0.0);
    for (&expected, &observed) in past.expected(&curve).iter().zip(&past.observed) {
        excess += (observed - expected) * (observed - expected) - expected;
        squares += expected * expected;
    }
    if squares > 0.0 { Ok((excess / squares).max(0.0)) } else { Err(ForecastError::NoSupport) }
}

/// The history, sorted once.
pub(super) struct Past<'a> {
    history: &'a History<'a>,
    sample: Sample,
    start: Start,
    /// Numbers of the teams, ascending.
    teams: Vec<u32>,
    /// Position of each row's team.
    team_of: Vec<usize>,
    /// Closures of each team where the curve speaks.
    observed: Vec<f64>,
}

impl<'a> Past<'a> {
    pub(super) fn new(history: &'a History<'a>) -> Result<Self, ForecastError> {
        let (observations, labels) = (history.observations.len(), history.teams.len());
        if observations != labels {
            return Err(ForecastError::Lengths { observations, labels });
        }
        let sample = Sample::new(history.observations).map_err(|_| ForecastError::NoSupport)?;
        let start = guarded_start(&sample).map_err(|_| ForecastError::NoStart)?;
        let mut teams = history.teams.to_vec();
        teams.sort_unstable();
        teams.dedup();
        let position = |team: &u32| teams.partition_point(|it| it < team);
        let team_of: Vec<usize> = history.teams.iter().map(position).collect();
        let mut observed = vec![0.0; teams.len()];
        for (it, &team) in history.observations.iter().zip(&team_of) {
            if history.causes.holds(it.outcome()) && start.includes(it.time()) {
                observed[team] += 1.0;
            }
        }
        Ok(Self { history, sample, start, teams, team_of, observed })
    }

    pub(super) fn n_teams(&self) -> usize {
        self.teams.len()
    }

    /// Position of a row's team.
    pub(super) fn team_of(&self, row: usize) -> usize {
        self.team_of[row]
    }

    pub(super) fn curve(&self, times: impl Fn(usize) -> usize) -> Option<KaplanMeier> {
        let sample = self.sample.repeated(times).ok()?;
        Some(kaplan_meier_from(sample, self.history.causes, self.start))
    }

    /// How often each team is drawn.
    pub(super) fn drawn_teams(&self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut times = vec![0; self.teams.len()];
        for _ in &self.teams {
            times[rng.random_range(0..self.teams.len())] += 1;
        }
        times
    }

    /// Closures that the curve expects of each team.
    fn expected(&self, curve: &KaplanMeier) -> Vec<f64> {
        let steps = curve.steps();
        let hazard_at = |age: f64| {
            let n_steps = steps.partition_point(|it| it.time <= age);
            n_steps.checked_sub(1).map_or(0.0, |last| steps[last].cumulative_hazard)
        };
        let mut expected = vec![0.0; self.teams.len()];
        for (it, &team) in self.history.observations.iter().zip(&self.team_of) {
            expected[team] += hazard_at(it.time()) - it.entry().map_or(0.0, hazard_at);
        }
        expected
    }

    /// A hazard factor for each of the teams.
    pub(super) fn factors(
        &self,
        curve: &KaplanMeier,
        frailty_variance: f64,
        teams: &[u32],
        rng: &mut ChaCha8Rng,
    ) -> BTreeMap<u32, f64> {
        let mut factors: BTreeMap<u32, f64> = teams.iter().map(|it| (*it, 1.0)).collect();
        let prior = frailty_variance.recip();
        // Of teams that are alike, even in the last digit of what a number holds.
        if !prior.is_finite() {
            return factors;
        }
        let expected = self.expected(curve);
        for (team, factor) in &mut factors {
            let known = self.teams.binary_search(team).ok();
            let (o, e) = known.map_or((0.0, 0.0), |it| (self.observed[it], expected[it]));
            *factor = gamma(rng, prior + o, prior + e);
        }
        factors
    }
}

/// What the draws gave.
struct Tally {
    n_left: Vec<f64>,
    p_all: Vec<f64>,
    /// Sum over the draws, by item.
    closing: Vec<f64>,
}

impl Tally {
    fn new(n_items: usize) -> Self {
        Self { n_left: Vec::new(), p_all: Vec::new(), closing: vec![0.0; n_items] }
    }

    fn add(&mut self, probabilities: &[f64], rng: &mut ChaCha8Rng) {
        let n_left = probabilities.iter().filter(|&&p| rng.random::<f64>() >= p).count();
        self.n_left.push(n_left as f64);
        self.p_all.push(probabilities.iter().product());
        for (sum, p) in self.closing.iter_mut().zip(probabilities) {
            *sum += p;
        }
    }

    fn forecast(
        mut self,
        n_draws: usize,
        n_extrapolated: usize,
    ) -> Result<TeamForecast, ForecastError> {
        let n_defined = self.n_left.len();
        // Draws without a curve are not random ones: where there are many, the others say too little.
        if n_defined == 0 || (n_draws - n_defined) * 10 > n_draws {
            return Err(ForecastError::UndefinedDraws { n_defined, n_draws });
        }
        let n = n_defined as f64;
        Ok(TeamForecast {
            mean_left: self.closing.len() as f64 - self.closing.iter().sum::<f64>() / n,
            p_all_closed: self.p_all.iter().sum::<f64>() / n,
            n_left: Spread::of(&mut self.n_left),
            p_all_closed_spread: Spread::of(&mut self.p_all),
            closing: self.closing.iter().map(|it| (it / n).clamp(0.0, 1.0)).collect(),
            n_extrapolated,
            n_undefined: n_draws - n_defined,
        })
    }
}

impl Spread {
    /// Smallest values that such a share of the values does not exceed; of at least one value.
    pub(super) fn of(values: &mut [f64]) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let quantile = |tenths: usize| values[(values.len() * tenths).div_ceil(10).max(1) - 1];
        Self { p10: quantile(1), p50: quantile(5), p90: quantile(9) }
    }
}
