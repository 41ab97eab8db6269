//! How good stored forecasts turned out to be.

use thiserror::Error;

/// Share of 80 % intervals that must hold; below it they are to be widened.
const MIN_COVERAGE: f64 = 0.7;

/// Said before, and seen since.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbabilityForecast {
    pub probability: f64,
    pub happened: bool,
}

/// An interval from the 10 % to the 90 % quantile, and the number it was for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountForecast {
    pub p10: f64,
    pub p90: f64,
    pub actual: f64,
}

/// Mean squared error of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brier {
    pub score: f64,
    /// Of saying each time the share that happened: a forecast that is not better says nothing of the single case.
    pub of_base_rate: f64,
    pub n_forecasts: usize,
}

/// How often intervals held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    pub n_covered: usize,
    pub n_forecasts: usize,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum BackTestError {
    #[error("there is no forecast whose outcome is known")]
    Empty,
    #[error("probability `{0}` is not from 0 to 1")]
    Probability(f64),
    #[error("`{p10}` to `{p90}` is no interval, or the outcome `{actual}` no number")]
    Interval { p10: f64, p90: f64, actual: f64 },
}

/// The Brier score: 0 is perfect, 0.25 what saying one half gets.
///
/// # Errors
/// If there is no forecast, or a probability is not from 0 to 1.
///
/// # Source
/// Brier 1950, <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>.
pub fn brier_score(forecasts: &[ProbabilityForecast]) -> Result<Brier, BackTestError> {
    if forecasts.is_empty() {
        return Err(BackTestError::Empty);
    }
    if let Some(it) = forecasts.iter().find(|it| !(0.0..=1.0).contains(&it.probability)) {
        return Err(BackTestError::Probability(it.probability));
    }
    let n = forecasts.len() as f64;
    let outcome = |it: &ProbabilityForecast| if it.happened { 1.0 } else { 0.0 };
    let squares = forecasts.iter().map(|it| (it.probability - outcome(it)).powi(2));
    let base_rate = forecasts.iter().map(outcome).sum::<f64>() / n;
    Ok(Brier {
        score: squares.sum::<f64>() / n,
        of_base_rate: base_rate * (1.0 - base_rate),
        n_forecasts: forecasts.len(),
    })
}

/// How often the outcome was between the 10 % and the 90 % quantile, both included.
///
/// # Errors
/// If there is no forecast, or numbers are no interval.
pub fn interval_coverage(forecasts: &[CountForecast]) -> Result<Coverage, BackTestError> {
    if forecasts.is_empty() {
        return Err(BackTestError::Empty);
    }
    let is_valid = |it: &&CountForecast| it.p10 <= it.p90 && !it.actual.is_nan();
    if let Some(&CountForecast { p10, p90, actual }) = forecasts.iter().find(|it| !is_valid(it)) {
        return Err(BackTestError::Interval { p10, p90, actual });
    }
    let covered = forecasts.iter().filter(|it| (it.p10..=it.p90).contains(&it.actual));
    Ok(Coverage { n_covered: covered.count(), n_forecasts: forecasts.len() })
}

impl Coverage {
    pub fn share(self) -> f64 {
        self.n_covered as f64 / self.n_forecasts as f64
    }

    /// The intervals must be widened: fewer than 70 % held where 80 % should.
    pub fn is_too_low(self) -> bool {
        self.share() < MIN_COVERAGE
    }
}
