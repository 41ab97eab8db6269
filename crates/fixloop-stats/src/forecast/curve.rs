//! The chance that something open at an age is closed some time later.

use crate::KaplanMeier;

use super::ForecastError;

/// As many must be at risk for the curve to be believed.
pub(super) const MIN_AT_RISK: usize = 10;

/// As many closures make the stretch whose hazard is carried on.
const MIN_EVENTS: usize = 10;

/// What happens where the curve of the past ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BeyondSupport {
    /// Nothing is closed past the last one that was seen. Makes "all closed" impossible for what is older: for checking, not for telling.
    Flat,
    /// Past the last age with at least 10 at risk, the average hazard of the last 10 closures (and those that tie) before it goes on.
    AverageHazard,
}

/// Hazards of closing by age.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingCurve {
    start: f64,
    steps: Vec<Cumulated>,
    supported_until: f64,
    hazard_beyond: f64,
}

/// Sums up to and including a step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cumulated {
    age: f64,
    /// Minus log S, without steps that close all at risk.
    log_hazard: f64,
    log_variance: f64,
    /// Steps that close all at risk.
    n_certain: usize,
}

/// What the curve says of something open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closing {
    /// Of being closed within the horizon.
    pub probability: f64,
    /// Greenwood's standard error of the logarithm of the probability to stay open; `None` where it is 0 or extrapolated.
    pub log_std_error: Option<f64>,
    /// The horizon is beyond what was seen.
    pub is_extrapolated: bool,
}

impl ClosingCurve {
    /// # Errors
    /// If there is no hazard to carry on: nothing was closed with enough at risk.
    ///
    /// # Source
    /// First principles; the average hazard is events over person-time of its stretch, up to the grid of event ages.
    pub fn new(curve: &KaplanMeier, beyond: BeyondSupport) -> Result<Self, ForecastError> {
        let start = curve.start().age();
        let (supported_until, hazard_beyond) = match beyond {
            BeyondSupport::Flat => (curve.end(), 0.0),
            BeyondSupport::AverageHazard => last_stretch(curve).ok_or(ForecastError::NoSupport)?,
        };
        let mut sum = NOTHING;
        let believed = curve.steps().iter().take_while(|it| it.time <= supported_until);
        let steps = believed.map(|step| {
            let (d, n) = (step.n_events as f64, step.n_at_risk as f64);
            sum.age = step.time;
            if step.n_events < step.n_at_risk {
                sum.log_hazard -= (-d / n).ln_1p();
                sum.log_variance += d / (n * (n - d));
            } else {
                sum.n_certain += 1;
            }
            sum
        });
        let steps = steps.collect();
        Ok(Self { start, steps, supported_until, hazard_beyond })
    }

    /// Of something open at `age`: 1 - S(age + horizon) / S(age).
    ///
    /// # Units
    /// Both in the curve's unit of time.
    ///
    /// # Errors
    /// If a number is negative or not finite, or the curve starts after `age`.
    pub fn closing(&self, age: f64, horizon: f64) -> Result<Closing, ForecastError> {
        let hazard = self.hazard(age, horizon)?;
        let probability = hazard.probability(1.0);
        let is_known = hazard.n_certain == 0 && !hazard.is_extrapolated;
        let log_std_error = is_known.then(|| hazard.log_variance.sqrt());
        Ok(Closing { probability, log_std_error, is_extrapolated: hazard.is_extrapolated })
    }

    pub(super) fn hazard(&self, age: f64, horizon: f64) -> Result<Hazard, ForecastError> {
        let until = age + horizon;
        if age < 0.0 || horizon < 0.0 || !until.is_finite() {
            return Err(ForecastError::Age { age, horizon });
        }
        if age < self.start {
            return Err(ForecastError::BeforeStart { age, start: self.start });
        }
        let (from, to) = (self.sum_at(age), self.sum_at(until));
        let beyond = (until - age.max(self.supported_until)).max(0.0);
        Ok(Hazard {
            cumulative: to.log_hazard - from.log_hazard + beyond * self.hazard_beyond,
            log_variance: (to.log_variance - from.log_variance).max(0.0),
            n_certain: to.n_certain - from.n_certain,
            is_extrapolated: until > self.supported_until,
        })
    }

    /// The hazard of the last stretch, which goes on.
    pub(super) fn rate_beyond(&self) -> f64 {
        self.hazard_beyond
    }

    /// The age at which a hazard of this size has been met from `from` on; never, where none is left.
    pub(super) fn age_at(&self, from: f64, hazard: f64) -> f64 {
        let start = self.sum_at(from);
        let wanted = start.log_hazard + hazard;
        let is_before = |it: &Cumulated| {
            it.age <= from || it.log_hazard < wanted && it.n_certain == start.n_certain
        };
        if let Some(step) = self.steps.get(self.steps.partition_point(is_before)) {
            return step.age;
        }
        let known = self.steps.last().map_or(0.0, |it| it.log_hazard) - start.log_hazard;
        from.max(self.supported_until) + (hazard - known.max(0.0)).max(0.0) / self.hazard_beyond
    }

    fn sum_at(&self, age: f64) -> Cumulated {
        let n_steps = self.steps.partition_point(|it| it.age <= age);
        n_steps.checked_sub(1).map_or(NOTHING, |last| self.steps[last])
    }
}

const NOTHING: Cumulated = Cumulated { age: 0.0, log_hazard: 0.0, log_variance: 0.0, n_certain: 0 };

/// Between an age and the horizon.
pub(super) struct Hazard {
    cumulative: f64,
    log_variance: f64,
    n_certain: usize,
    pub(super) is_extrapolated: bool,
}

impl Hazard {
    pub(super) fn cumulative(&self) -> f64 {
        self.cumulative
    }

    pub(super) fn is_certain(&self) -> bool {
        self.n_certain > 0
    }

    /// Of closing, by a team whose hazard is `factor` times that of all.
    pub(super) fn probability(&self, factor: f64) -> f64 {
        if self.n_certain > 0 { 1.0 } else { -(-factor * self.cumulative).exp_m1() }
    }
}

/// The last age with enough at risk, and the average hazard of the last closures up to it.
fn last_stretch(curve: &KaplanMeier) -> Option<(f64, f64)> {
    let supported = curve.sample().ties().filter(|it| it.n_at_risk >= MIN_AT_RISK);
    let until = supported.last()?.time;
    let steps = curve.steps();
    let end = steps.partition_point(|it| it.time <= until);
    let mut n_events = 0;
    let mut first = end;
    while first > 0 && n_events < MIN_EVENTS {
        first -= 1;
        n_events += steps[first].n_events;
    }
    let before = first.checked_sub(1).map(|it| steps[it]);
    let from = before.map_or(curve.start().age(), |it| it.time);
    let hazard =
        steps[..end].last()?.cumulative_hazard - before.map_or(0.0, |it| it.cumulative_hazard);
    (until > from).then(|| (until, hazard / (until - from)))
}
