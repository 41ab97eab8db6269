//! The Kaplan-Meier curve with delayed entry, its standard errors and bands.
//!
//! Leaves out the pooling of clusters: Greenwood takes subjects as independent, see [`crate::jackknife`].

use thiserror::Error;

use crate::{Causes, EmptySample, Interval, Level, Observation, Sample, Start};

/// The smallest risk set on which a curve with delayed entry may begin.
const MIN_AT_RISK: usize = 10;

/// S(t) with everything it was computed from.
#[derive(Clone, Debug)]
pub struct KaplanMeier {
    sample: Sample,
    start: Start,
    steps: Vec<Step>,
}

/// The curve from one event time up to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub time: f64,
    pub n_at_risk: usize,
    pub n_events: usize,
    pub survival: f64,
    /// Greenwood's variance of log S; `None` where S is 0.
    pub log_variance: Option<f64>,
    /// Nelson-Aalen.
    pub cumulative_hazard: f64,
    pub cumulative_hazard_std_error: f64,
}

/// The transformation in which a pointwise band is symmetric.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Band {
    /// log(-log S): stays within [0, 1] and is the one to use.
    LogLog,
    /// log S, cut at 1.
    Log,
    /// S itself, cut at 0 and 1.
    Plain,
}

/// Subjects seen late, and never enough of them at once.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("with delayed entry, `{MIN_AT_RISK}` subjects are at no age at risk")]
pub struct TooFewAtRisk;

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum GuardedError {
    #[error(transparent)]
    Empty(#[from] EmptySample),
    #[error(transparent)]
    TooFewAtRisk(#[from] TooFewAtRisk),
}

/// The Kaplan-Meier estimate of S(t), the probability that no event of `causes` has happened by age t; other causes censor.
///
/// One [`Step`] per distinct event time, S = 1 before the first. At equal times events come before censorings. With delayed entry an
/// early risk set of one or two makes S collapse for ever: then use [`kaplan_meier_guarded`].
///
/// # Errors
/// If `observations` is empty.
///
/// # Source
/// Kaplan & Meier 1958, <https://doi.org/10.2307/2281868>. Tested on R `survival` 3.5-3.
pub fn kaplan_meier(
    observations: &[Observation],
    causes: Causes,
) -> Result<KaplanMeier, EmptySample> {
    Ok(kaplan_meier_from(Sample::new(observations)?, causes, Start::Origin))
}

/// [`kaplan_meier`] that, with delayed entry, begins where [`guarded_start`] says.
///
/// # Errors
/// If `observations` is empty, or no start is safe.
pub fn kaplan_meier_guarded(
    observations: &[Observation],
    causes: Causes,
) -> Result<KaplanMeier, GuardedError> {
    let sample = Sample::new(observations)?;
    let start = guarded_start(&sample)?;
    Ok(kaplan_meier_from(sample, causes, start))
}

/// Where a curve may begin: after the first age with 10 subjects at risk if some were seen late and fewer are at risk before; else
/// at the origin.
///
/// Resampled curves take the start of the whole sample, or they would estimate something else each time.
///
/// # Errors
/// If subjects were seen late and there is no such age.
pub fn guarded_start(sample: &Sample) -> Result<Start, TooFewAtRisk> {
    if !sample.has_delayed_entry() {
        return Ok(Start::Origin);
    }
    let age = sample.first_age_with(MIN_AT_RISK).ok_or(TooFewAtRisk)?;
    let is_small_at_origin = sample
        .ties()
        .next()
        .is_some_and(|first| first.time == 0.0 && first.n_at_risk < MIN_AT_RISK);
    if age > 0.0 || is_small_at_origin { Ok(Start::After(age)) } else { Ok(Start::Origin) }
}

/// S(t | T > start) of a sample that was sorted before; O(n).
pub fn kaplan_meier_from(sample: Sample, causes: Causes, start: Start) -> KaplanMeier {
    let mut steps = Vec::new();
    let (mut survival, mut log_variance) = (1.0, Some(0.0));
    let (mut hazard, mut hazard_variance) = (0.0, 0.0);
    for tie in sample.ties().filter(|it| start.includes(it.time)) {
        let n_events = tie.exits.iter().filter(|it| causes.holds(it.outcome)).count();
        if n_events == 0 {
            continue;
        }
        let (d, n) = (n_events as f64, tie.n_at_risk as f64);
        survival *= (n - d) / n;
        log_variance =
            log_variance.filter(|_| n_events < tie.n_at_risk).map(|it| it + d / (n * (n - d)));
        hazard += d / n;
        hazard_variance += d / (n * n);
        steps.push(Step {
            time: tie.time,
            n_at_risk: tie.n_at_risk,
            n_events,
            survival,
            log_variance,
            cumulative_hazard: hazard,
            cumulative_hazard_std_error: f64::sqrt(hazard_variance),
        });
    }
    KaplanMeier { sample, start, steps }
}

impl KaplanMeier {
    /// Ascending by time.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// [`Start::After`]: the curve is S(t | T > age), which a reader must be told.
    pub fn start(&self) -> Start {
        self.start
    }

    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// The state of the curve at age `t`, with the number at risk then; `None` before the start, and past the last subject unless
    /// S has reached 0.
    pub fn at(&self, t: f64) -> Option<Step> {
        if !(self.start.age()..=self.end()).contains(&t) {
            return None;
        }
        let n_steps = self.steps.partition_point(|it| it.time <= t);
        let last = n_steps.checked_sub(1).map_or(FLAT, |i| self.steps[i]);
        let n_events = if last.time >= t { last.n_events } else { 0 };
        Some(Step { time: t, n_at_risk: self.sample.n_at_risk(t), n_events, ..last })
    }

    /// Where the curve stops being known.
    pub(crate) fn end(&self) -> f64 {
        let is_known_for_ever = self.steps.last().is_some_and(|it| it.survival <= 0.0);
        if is_known_for_ever { f64::INFINITY } else { self.sample.last_time() }
    }
}

/// Before the first event.
const FLAT: Step = Step {
    time: -1.0,
    n_at_risk: 0,
    n_events: 0,
    survival: 1.0,
    log_variance: Some(0.0),
    cumulative_hazard: 0.0,
    cumulative_hazard_std_error: 0.0,
};

impl Step {
    /// Greenwood's standard error of S; `None` where S is 0.
    pub fn std_error(&self) -> Option<f64> {
        self.log_variance.map(|it| self.survival * f64::sqrt(it))
    }

    /// Pointwise limits of S, or `None` where S is 0 or 1: no variance says how far it may be off there.
    pub fn limits(&self, band: Band, level: Level) -> Option<Interval> {
        if self.survival >= 1.0 {
            return None;
        }
        let (s, z) = (self.survival, level.z());
        let se = f64::sqrt(self.log_variance?);
        let (lower, upper) = match band {
            Band::LogLog => {
                let shift = f64::exp(z * se / -s.ln());
                (s.powf(shift), s.powf(1.0 / shift))
            }
            Band::Log => (s * f64::exp(-z * se), f64::min(s * f64::exp(z * se), 1.0)),
            Band::Plain => (f64::max(s - z * s * se, 0.0), f64::min(s + z * s * se, 1.0)),
        };
        Some(Interval { lower, upper })
    }
}

#[cfg(test)]
mod tests;
