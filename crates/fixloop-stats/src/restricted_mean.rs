//! The mean time to the event up to a horizon: the area under the survival curve.

use thiserror::Error;

use crate::KaplanMeier;
use crate::interval::p_normal;

/// The horizon is where the curve says nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("horizon `{tau}` is not between start `{start}` and end `{end}` of the curve")]
pub struct HorizonOutOfRange {
    pub tau: f64,
    pub start: f64,
    pub end: f64,
}

/// E[min(T, tau)], in the unit of the observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestrictedMean {
    pub tau: f64,
    pub mean: f64,
    pub std_error: f64,
}

/// Second minus first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestrictedMeanDifference {
    pub difference: f64,
    /// Of independent subjects; with clusters, use [`crate::jackknife_stratified`].
    pub std_error: f64,
    /// `None` where the standard error is 0.
    pub z: Option<f64>,
    /// Two-sided.
    pub p: Option<f64>,
}

/// The area under the curve from 0 to `tau`; a curve that starts later is 1 up to its start, so this is E[min(T, tau) | T > start].
///
/// se^2 = sum of `A_i^2 d_i / (n_i (n_i - d_i))`, with `A_i` the area from the event time to `tau`.
///
/// # Errors
/// If `tau` is before the start, or past the last subject while S is not 0.
///
/// # Source
/// Royston & Parmar 2013, <https://doi.org/10.1186/1471-2288-13-152>. Tested on R `survival`, `rmean`.
pub fn restricted_mean(curve: &KaplanMeier, tau: f64) -> Result<RestrictedMean, HorizonOutOfRange> {
    let (start, end) = (curve.start().age(), curve.end());
    if !tau.is_finite() || tau < start || tau > end {
        return Err(HorizonOutOfRange { tau, start, end });
    }
    let n_steps = curve.steps().partition_point(|it| it.time <= tau);
    let (mut area, mut variance, mut until) = (0.0, 0.0, tau);
    for step in curve.steps()[..n_steps].iter().rev() {
        area += step.survival * (until - step.time);
        until = step.time;
        let (d, n) = (step.n_events as f64, step.n_at_risk as f64);
        // Where all at risk have the event, nothing lies under the curve from there on.
        if step.n_events < step.n_at_risk {
            variance += area * area * d / (n * (n - d));
        }
    }
    Ok(RestrictedMean { tau, mean: area + until, std_error: f64::sqrt(variance) })
}

/// Compares two groups at one horizon.
///
/// # Source
/// As [`restricted_mean`].
pub fn restricted_mean_difference(
    first: RestrictedMean,
    second: RestrictedMean,
) -> RestrictedMeanDifference {
    let difference = second.mean - first.mean;
    let std_error = f64::hypot(first.std_error, second.std_error);
    let z = (std_error > 0.0).then(|| difference / std_error);
    RestrictedMeanDifference { difference, std_error, z, p: z.map(p_normal) }
}

#[cfg(test)]
mod tests;
