//! Maximum of the partial likelihood by Newton's method with step halving.

use crate::cholesky::Cholesky;

use super::CoxError;
use super::likelihood::Likelihood;

const MAX_ITERATIONS: usize = 60;
const MAX_HALVINGS: usize = 30;

/// A last step this small has squared to nothing after it: convergence is quadratic.
const SMALL_STEP: f64 = 1e-7;

/// Gain of a step in log-likelihood that is nothing to gain; a long step for it runs to infinity.
const NO_GAIN: f64 = 1e-8;

/// Where the likelihood is greatest.
pub(super) struct Maximum {
    /// Of the scaled covariates.
    pub(super) coefficients: Vec<f64>,
    pub(super) null: Likelihood,
    pub(super) best: Likelihood,
    pub(super) n_iterations: usize,
}

/// Takes the likelihood of coefficients that are all of about one size.
pub(super) fn maximize(
    n_covariates: usize,
    likelihood: impl Fn(&[f64]) -> Likelihood,
) -> Result<Maximum, CoxError> {
    let mut coefficients = vec![0.0; n_covariates];
    let null = likelihood(&coefficients);
    let mut step = newton_step(&null).map_err(|covariate| CoxError::Collinear { covariate })?;
    let mut at = null.clone();
    for n_iterations in 1..=MAX_ITERATIONS {
        let Some((moved, next)) = improve(&likelihood, &coefficients, &step, &at) else {
            return Err(CoxError::NotConverged { n_iterations });
        };
        let is_small =
            |(new, old): (&f64, &f64)| (new - old).abs() <= SMALL_STEP * (1.0 + new.abs());
        let has_converged = moved.iter().zip(&coefficients).all(is_small);
        coefficients = moved;
        at = next;
        if has_converged {
            return Ok(Maximum { coefficients, null, best: at, n_iterations });
        }
        let next_step = newton_step(&at).map_err(|covariate| CoxError::Monotone { covariate })?;
        let gain: f64 = next_step.iter().zip(&at.score).map(|(step, score)| step * score).sum();
        // Near a maximum steps shrink by far more than half; on an endless slope they keep their length.
        if gain < NO_GAIN && longest(&next_step).1 > 0.5 * longest(&step).1 {
            if longest(&next_step).1 <= SMALL_STEP {
                return Ok(Maximum { coefficients, null, best: at, n_iterations });
            }
            return Err(CoxError::Monotone { covariate: longest(&next_step).0 });
        }
        step = next_step;
    }
    Err(CoxError::NotConverged { n_iterations: MAX_ITERATIONS })
}

/// The step to the maximum of the parabola, or the covariate that has no curvature.
fn newton_step(at: &Likelihood) -> Result<Vec<f64>, usize> {
    let factor = Cholesky::new(&at.information, at.score.len()).map_err(|it| it.column)?;
    Ok(factor.solve(&at.score))
}

/// The longest of step, step/2, step/4, … that does not lose.
fn improve(
    likelihood: impl Fn(&[f64]) -> Likelihood,
    from: &[f64],
    step: &[f64],
    at: &Likelihood,
) -> Option<(Vec<f64>, Likelihood)> {
    let rounding = 1e-12 * at.value.abs();
    let mut fraction = 1.0;
    for _ in 0..MAX_HALVINGS {
        let moved: Vec<f64> = from.iter().zip(step).map(|(b, step)| b + fraction * step).collect();
        let next = likelihood(&moved);
        if next.is_finite() && next.value >= at.value - rounding {
            return Some((moved, next));
        }
        fraction /= 2.0;
    }
    None
}

fn longest(step: &[f64]) -> (usize, f64) {
    let lengths = step.iter().map(|it| it.abs()).enumerate();
    lengths.fold((0, 0.0), |longest, it| if it.1 > longest.1 { it } else { longest })
}
