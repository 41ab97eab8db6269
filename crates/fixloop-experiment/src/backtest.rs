//! How good stored forecasts turned out to be, as far as their outcomes are known.

use fixloop_stats::forecast::{
    BackTestError, Brier, CountForecast, Coverage, ProbabilityForecast, brier_score,
    interval_coverage,
};
use fixloop_stats::proportion::{Proportion, clopper_pearson};
use fixloop_stats::{Interval, Level};
use thiserror::Error;

/// What was forecast, and what came of it; `None` while nobody knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Forecast {
    Probability {
        probability: f64,
        happened: Option<bool>,
    },
    /// An interval from the 10 % to the 90 % quantile.
    Count {
        low: f64,
        high: f64,
        actual: Option<f64>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct BackTest {
    /// `None` if no outcome of a probability is known.
    pub brier: Option<Brier>,
    /// `None` if no outcome of an interval is known.
    pub coverage: Option<Coverage>,
    /// In which the true coverage lies, at 95 %, were forecasts independent.
    pub coverage_interval: Option<Interval>,
    /// Forecasts whose outcome is not known yet.
    pub n_open: usize,
}

/// A forecast that is none.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("forecast {}", .place + 1)]
pub struct InvalidForecast {
    /// Among those given, from 0.
    pub place: usize,
    pub source: BackTestError,
}

/// What the intervals are to become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advice {
    Keep,
    /// Fewer than 70 % held where 80 % should.
    Widen,
    /// No outcome is known.
    CannotTell,
}

/// Scores the forecasts whose outcomes are known.
///
/// # Errors
/// If a probability is not from 0 to 1, or numbers are no interval, be the outcome known or not.
pub fn back_test(forecasts: &[Forecast]) -> Result<BackTest, InvalidForecast> {
    let (mut probabilities, mut counts) = (Vec::new(), Vec::new());
    let mut n_open = 0;
    for (place, it) in forecasts.iter().enumerate() {
        let invalid = |source| InvalidForecast { place, source };
        match *it {
            Forecast::Probability { probability, happened } => {
                let known = happened.unwrap_or(false);
                let it = ProbabilityForecast { probability, happened: known };
                brier_score(&[it]).map_err(invalid)?;
                if happened.is_some() { probabilities.push(it) } else { n_open += 1 }
            }
            Forecast::Count { low, high, actual } => {
                let it = CountForecast { p10: low, p90: high, actual: actual.unwrap_or(low) };
                interval_coverage(&[it]).map_err(invalid)?;
                if actual.is_some() { counts.push(it) } else { n_open += 1 }
            }
        }
    }
    let coverage = interval_coverage(&counts).ok();
    let of = |it: &Coverage| Proportion::new(it.n_covered as u64, it.n_forecasts as u64).ok();
    let coverage_interval =
        coverage.as_ref().and_then(of).map(|it| clopper_pearson(it, Level::P95));
    Ok(BackTest { brier: brier_score(&probabilities).ok(), coverage, coverage_interval, n_open })
}

impl BackTest {
    pub fn advice(&self) -> Advice {
        match self.coverage {
            Some(it) if it.is_too_low() => Advice::Widen,
            Some(_) => Advice::Keep,
            None => Advice::CannotTell,
        }
    }

    /// Whether probabilities say more than always saying the share that happened. `None` if no outcome is known.
    pub fn beats_base_rate(&self) -> Option<bool> {
        self.brier.map(|it| it.score < it.of_base_rate)
    }
}

#[cfg(test)]
mod tests;
