//! The e-value of a score statistic with a known variance, mixed over effects.

use thiserror::Error;

/// A number out of its range.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ENormalError {
    #[error("score `{0}` is not a finite number")]
    Score(f64),
    #[error("{name} `{value}` is not a finite number of at least 0")]
    Variance { name: &'static str, value: f64 },
    #[error("the e-value of score `{score}` is beyond what a number holds")]
    TooLarge { score: f64 },
}

/// Logarithm of the e-value `-log(1 + tau^2 V)/2 + tau^2 U^2 / (2 (1 + tau^2 V))` of a score `U` with variance `V`.
///
/// Bets on log hazard ratios that are normal around 0 with `effect_variance` tau^2. As good as the normal approximation: with the
/// hypergeometric variance for independent subjects, with a variance between clusters for many clusters (it can hardly reject
/// below 25 per arm).
///
/// # Errors
/// If a number is not finite, or a variance negative.
///
/// # Source
/// Robbins 1970, <https://doi.org/10.1214/aoms/1177696786>. Tested on first principles.
pub fn log_e_normal_mixture(
    score: f64,
    variance: f64,
    effect_variance: f64,
) -> Result<f64, ENormalError> {
    if !score.is_finite() {
        return Err(ENormalError::Score(score));
    }
    for (name, value) in [("variance", variance), ("variance of the effect", effect_variance)] {
        if !value.is_finite() || value < 0.0 {
            return Err(ENormalError::Variance { name, value });
        }
    }
    let gain = effect_variance * variance;
    let log_e = f64::midpoint(-gain.ln_1p(), effect_variance * score * (score / (1.0 + gain)));
    if log_e.is_finite() { Ok(log_e) } else { Err(ENormalError::TooLarge { score }) }
}

#[cfg(test)]
mod tests;
