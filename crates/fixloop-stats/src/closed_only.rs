//! The mean time to remediate of what was closed: the number most dashboards show, kept to show how far off it is.

use crate::{Causes, Observation};

/// Times of closed subjects only. What is still open is the slow part, so both times are too short, the more so the younger the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedOnly {
    pub n_subjects: usize,
    pub n_closed: usize,
    /// `None` if none is closed.
    pub mean: Option<f64>,
    pub median: Option<f64>,
}

/// Averages the times of those with an event of `causes`, as if nobody else existed.
pub fn closed_only(observations: &[Observation], causes: Causes) -> ClosedOnly {
    let closed = observations.iter().filter(|it| causes.holds(it.outcome()));
    let mut times: Vec<f64> = closed.map(Observation::time).collect();
    times.sort_unstable_by(f64::total_cmp);
    let n_closed = times.len();
    let mean = (n_closed > 0).then(|| times.iter().sum::<f64>() / n_closed as f64);
    let median = mean.map(|_| f64::midpoint(times[(n_closed - 1) / 2], times[n_closed / 2]));
    ClosedOnly { n_subjects: observations.len(), n_closed, mean, median }
}

#[cfg(test)]
mod tests;
