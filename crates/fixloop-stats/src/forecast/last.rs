//! The forecast of when the last one will be closed, where some are pressed harder from a moment on.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::by_team::{CARRIED_ON, History, Past, Spread, frailty_variance};
use super::curve::ClosingCurve;
use super::gamma::gamma;
use super::{ForecastError, Simulation};

/// As many closures under pressure make its rate known.
const MIN_PRESSED_CLOSURES: usize = 5;

/// Teams without which their variation cannot be told; then the usual one of such data is taken.
const MIN_TEAMS: usize = 8;
const USUAL_VARIANCE: f64 = 0.2;

/// Something open, and when it is pressed harder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressedItem {
    pub age: f64,
    /// As numbered in the history.
    pub team: u32,
    /// Time until then from now; 0 and less where it is so already, nothing where it never is.
    pub pressed_in: Option<f64>,
}

/// Time that was spent under pressure already. The history holds the time before, censored where the pressure began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressedPast {
    /// Ages.
    pub from: f64,
    pub until: f64,
    pub team: u32,
    pub is_closed: bool,
}

/// What is open at several horizons, and when nothing is any more.
#[derive(Clone, Debug, PartialEq)]
pub struct LastForecast {
    /// At each horizon that was asked for.
    pub n_left: Vec<Spread>,
    /// Time from now until the last one is closed; 0 if nothing is open.
    pub last: Spread,
    /// Probability that nothing is left at the first horizon.
    pub p_all_closed: f64,
    /// Of each open item: the probability of being closed within the first horizon.
    pub closing: Vec<f64>,
    /// Items whose first horizon is beyond the ages that the history supports.
    pub n_extrapolated: usize,
    /// Draws of teams that gave no curve, and were left out.
    pub n_undefined: usize,
    /// The rate under pressure over that of the curve's last stretch; nothing where too few were closed to tell, and pressure counts as none.
    pub pressed_ratio: Option<Spread>,
    pub frailty_variance: f64,
}

/// The teams' variance as the history tells it; the usual 0.2 where it has fewer than eight teams.
///
/// # Errors
/// As [`frailty_variance`].
pub fn frailty_variance_or_usual(history: &History<'_>) -> Result<f64, ForecastError> {
    let found = frailty_variance(history)?;
    let mut teams = history.teams.to_vec();
    teams.sort_unstable();
    teams.dedup();
    Ok(if teams.len() < MIN_TEAMS { USUAL_VARIANCE } else { found })
}

/// Simulates when each open item is closed: [`super::forecast_by_team`] with a time for each item instead of a yes or no.
///
/// `simulation.horizon` is the first horizon, `further` are more of them. Under pressure a team's rate of closing is constant: a rate that each
/// draw takes from Gamma(O, T), where O is what was closed under pressure and T the time spent under it, times a factor of the team's own from
/// `Gamma(1/theta + O_g, 1/theta + rate T_g)`, with the variance theta by moments as in [`frailty_variance`]. A curve that stalls is flat there, so
/// that no multiple of it could say anything; nor does the factor from before, for whom pressure is meant is who was slow without it.
///
/// # Units
/// Ages and horizons in the history's unit of time.
///
/// # Errors
/// As [`super::forecast_by_team`].
///
/// # Source
/// As [`super::forecast_by_team`]; the posterior of an exponential rate under the prior 1/x: Gelman et al., Bayesian Data Analysis, 2.6.
pub fn forecast_last(
    history: &History<'_>,
    open: &[PressedItem],
    pressed: &[PressedPast],
    (simulation, further): (&Simulation, &[f64]),
) -> Result<LastForecast, ForecastError> {
    let past = Past::new(history)?;
    let Simulation { horizon, frailty_variance, n_draws, seed } = *simulation;
    if !frailty_variance.is_finite() || frailty_variance < 0.0 {
        return Err(ForecastError::FrailtyVariance(frailty_variance));
    }
    if n_draws == 0 {
        return Err(ForecastError::NoDraw);
    }
    if past.n_teams() < 2 {
        return Err(ForecastError::TooFewTeams(past.n_teams()));
    }
    let whole = ClosingCurve::new(&past.curve(|_| 1).ok_or(ForecastError::NoSupport)?, CARRIED_ON)?;
    let mut n_extrapolated = 0;
    for it in open {
        n_extrapolated += usize::from(whole.hazard(it.age, horizon)?.is_extrapolated);
    }
    if let Some(it) = pressed.iter().find(|it| !(it.from >= 0.0 && it.from < it.until)) {
        return Err(ForecastError::Age { age: it.from, horizon: it.until - it.from });
    }
    let horizons: Vec<f64> = std::iter::once(horizon).chain(further.iter().copied()).collect();
    let mut tally = Tally::new(open.len(), horizons);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let teams: Vec<u32> =
        open.iter().map(|it| it.team).chain(pressed.iter().map(|it| it.team)).collect();
    let pressed_teams = PressedTeams::of(pressed, &teams);
    for _ in 0..n_draws {
        let times = past.drawn_teams(&mut rng);
        let Some(curve) = past.curve(|row| times[past.team_of(row)]) else { continue };
        let Ok(closing) = ClosingCurve::new(&curve, CARRIED_ON) else { continue };
        let factors = past.factors(&curve, frailty_variance, &teams, &mut rng);
        let pressure = pressed_teams.as_ref().map(|it| it.draw(&mut rng));
        let draw = Draw { closing, factors, pressure };
        tally.add(&draw, open, &mut rng)?;
    }
    let found = tally.forecast(n_draws)?;
    Ok(LastForecast { n_extrapolated, frailty_variance, ..found })
}

/// What was closed under pressure, and the time spent under it.
struct PressedTeams {
    /// By team.
    teams: BTreeMap<u32, (f64, f64)>,
    n_closed: usize,
    time: f64,
    variance: f64,
}

/// How fast a team closes under pressure, in one draw.
struct Pressure {
    rate: f64,
    factors: BTreeMap<u32, f64>,
}

impl PressedTeams {
    /// Nothing where too few were closed to tell.
    fn of(pressed: &[PressedPast], all: &[u32]) -> Option<Self> {
        let mut teams: BTreeMap<u32, (f64, f64)> = all.iter().map(|it| (*it, (0.0, 0.0))).collect();
        for it in pressed {
            let (closed, time) = teams.entry(it.team).or_default();
            *closed += f64::from(u8::from(it.is_closed));
            *time += it.until - it.from;
        }
        let n_closed = pressed.iter().filter(|it| it.is_closed).count();
        let time: f64 = teams.values().map(|it| it.1).sum();
        let is_known = n_closed >= MIN_PRESSED_CLOSURES && time > 0.0;
        let variance = variance(&teams, n_closed as f64 / time);
        is_known.then_some(Self { teams, n_closed, time, variance })
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Pressure {
        let rate = gamma(rng, self.n_closed as f64, self.time);
        let prior = self.variance.recip();
        let mut factor = |(closed, time): (f64, f64)| {
            // Of teams that are alike, even in the last digit of what a number holds.
            if prior.is_finite() { gamma(rng, prior + closed, prior + rate * time) } else { 1.0 }
        };
        let factors = self.teams.iter().map(|(team, it)| (*team, factor(*it))).collect();
        Pressure { rate, factors }
    }
}

/// Of the teams' rates under pressure, by moments; the usual one where too few teams were under it.
fn variance(teams: &BTreeMap<u32, (f64, f64)>, rate: f64) -> f64 {
    let seen = teams.values().filter(|it| it.1 > 0.0);
    let (mut n, mut excess, mut squares) = (0, 0.0, 0.0);
    for (observed, time) in seen {
        let expected = rate * time;
        excess += (observed - expected) * (observed - expected) - expected;
        squares += expected * expected;
        n += 1;
    }
    if n < MIN_TEAMS { USUAL_VARIANCE } else { (excess / squares).max(0.0) }
}

struct Draw {
    closing: ClosingCurve,
    factors: BTreeMap<u32, f64>,
    pressure: Option<Pressure>,
}

impl Draw {
    /// Its team's rate under pressure and when that begins, if anything is known of it.
    fn pressed(&self, it: &PressedItem) -> Option<(f64, f64)> {
        let pressure = self.pressure.as_ref()?;
        Some((pressure.rate * pressure.factors[&it.team], it.pressed_in?.max(0.0)))
    }

    /// The probability of being closed within the horizon.
    fn probability(&self, it: &PressedItem, horizon: f64) -> Result<f64, ForecastError> {
        let (rate, calm) = self.pressed(it).unwrap_or((0.0, horizon));
        let calm = calm.min(horizon);
        let before = self.closing.hazard(it.age, calm)?;
        if before.is_certain() {
            return Ok(1.0);
        }
        let hazard = self.factors[&it.team] * before.cumulative() + rate * (horizon - calm);
        Ok(-(-hazard).exp_m1())
    }

    /// When it is closed, from now.
    fn time(&self, it: &PressedItem, rng: &mut ChaCha8Rng) -> Result<f64, ForecastError> {
        let wanted = -(1.0 - rng.random::<f64>()).ln();
        let factor = self.factors[&it.team];
        let by_curve = || self.closing.age_at(it.age, wanted / factor) - it.age;
        let Some((rate, calm)) = self.pressed(it) else { return Ok(by_curve()) };
        let before = self.closing.hazard(it.age, calm)?;
        let hazard = factor * before.cumulative();
        if before.is_certain() || wanted <= hazard {
            return Ok(by_curve().min(calm));
        }
        Ok(calm + (wanted - hazard) / rate)
    }
}

/// What the draws gave.
struct Tally {
    horizons: Vec<f64>,
    /// By horizon.
    n_left: Vec<Vec<f64>>,
    last: Vec<f64>,
    ratios: Vec<f64>,
    p_all: f64,
    /// Sum over the draws, by item.
    closing: Vec<f64>,
}

impl Tally {
    fn new(n_items: usize, horizons: Vec<f64>) -> Self {
        Self {
            n_left: vec![Vec::new(); horizons.len()],
            horizons,
            last: Vec::new(),
            ratios: Vec::new(),
            p_all: 0.0,
            closing: vec![0.0; n_items],
        }
    }

    fn add(
        &mut self,
        draw: &Draw,
        open: &[PressedItem],
        rng: &mut ChaCha8Rng,
    ) -> Result<(), ForecastError> {
        let mut n_left = vec![0.0; self.horizons.len()];
        let (mut last, mut p_all) = (0.0_f64, 1.0);
        for (sum, it) in self.closing.iter_mut().zip(open) {
            let p = draw.probability(it, self.horizons[0])?;
            *sum += p;
            p_all *= p;
            let time = draw.time(it, rng)?;
            last = last.max(time);
            for (n, horizon) in n_left.iter_mut().zip(&self.horizons) {
                *n += f64::from(u8::from(time > *horizon));
            }
        }
        for (all, n) in self.n_left.iter_mut().zip(n_left) {
            all.push(n);
        }
        self.last.push(last);
        self.p_all += p_all;
        let rate = draw.pressure.as_ref().map(|it| it.rate);
        self.ratios.extend(rate.map(|it| it / draw.closing.rate_beyond()));
        Ok(())
    }

    fn forecast(mut self, n_draws: usize) -> Result<LastForecast, ForecastError> {
        let n_defined = self.last.len();
        if n_defined * 10 < n_draws * 9 {
            return Err(ForecastError::UndefinedDraws { n_defined, n_draws });
        }
        let n = n_defined as f64;
        let is_known = self.ratios.len() == n_defined;
        Ok(LastForecast {
            n_left: self.n_left.iter_mut().map(|it| Spread::of(it)).collect(),
            last: Spread::of(&mut self.last),
            p_all_closed: (self.p_all / n).clamp(0.0, 1.0),
            closing: self.closing.iter().map(|it| (it / n).clamp(0.0, 1.0)).collect(),
            n_extrapolated: 0,
            n_undefined: n_draws - n_defined,
            pressed_ratio: is_known.then(|| Spread::of(&mut self.ratios)),
            frailty_variance: 0.0,
        })
    }
}

#[cfg(test)]
mod tests;
