//! How much sooner: the ratios of times that a randomisation test cannot rule out.

use crate::{InvalidObservation, Observation, Outcome};

/// Ratios of times, treated over control, with a p-value of more than alpha.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfidenceSet {
    /// Ratio and p-value, ascending by ratio; p is `None` where the statistic is not defined, which rules nothing out.
    pub p_values: Vec<(f64, Option<f64>)>,
    /// The smallest ratio that is not ruled out; `None` if it is the grid's first, so that none bounds it.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// The ratio with the largest p-value (the middle of several): a point to show. `None` if all are ruled out.
    pub point: Option<f64>,
}

/// A subject's time as it would have been without the treatment, if treated times are `ratio` times as long; with follow-up cut so that
/// it does not tell the arms apart.
///
/// Treated ages are divided by `ratio`. Everybody, treated or not, is then cut at min(C, C / ratio), `limit` being C, the age up to which
/// the subject could have been seen: or censoring alone would show who was treated. `None` if nothing of the subject remains.
///
/// # Errors
/// As [`Observation::entered`].
///
/// # Source
/// Robins & Tsiatis 1991, <https://doi.org/10.1080/03610929108830654> (artificial re-censoring of accelerated times).
pub fn rescaled(
    observation: &Observation,
    is_treated: bool,
    limit: f64,
    ratio: f64,
) -> Result<Option<Observation>, InvalidObservation> {
    let scale = if is_treated { 1.0 / ratio } else { 1.0 };
    let end = f64::min(limit, limit / ratio);
    let time = observation.time() * scale;
    let (time, outcome) =
        if time > end { (end, Outcome::Censored) } else { (time, observation.outcome()) };
    match observation.entry().map(|it| it * scale) {
        Some(entry) if entry >= time => Ok(None),
        Some(entry) => Observation::entered(entry, time, outcome).map(Some),
        None => Observation::new(time, outcome).map(Some),
    }
}

/// Ratios from `from` to `to` in steps of `step`, both included.
pub fn grid(from: f64, to: f64, step: f64) -> Vec<f64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast takes what is no number of steps to 0"
    )]
    let n = ((to - from) / step).round() as usize;
    // From whole steps, so that 0.55 is the number that 0.55 is read as.
    (0..=n.min(100_000)).map(|it| ((from + it as f64 * step) * 1e9).round() / 1e9).collect()
}

/// The set of all ratios of the grid whose p-value is above `alpha`.
///
/// The set may have holes; its ends are what a sentence can say. `p_value` is asked once for each ratio.
pub fn invert(grid: &[f64], alpha: f64, p_value: impl Fn(f64) -> Option<f64>) -> ConfidenceSet {
    let p_values: Vec<(f64, Option<f64>)> = grid.iter().map(|it| (*it, p_value(*it))).collect();
    let is_inside = |it: &(f64, Option<f64>)| it.1.is_none_or(|p| p > alpha);
    let first = p_values.iter().position(is_inside);
    let last = p_values.iter().rposition(is_inside);
    let at = |index: usize| p_values[index].0;
    let largest = p_values.iter().filter(|it| is_inside(it)).filter_map(|it| it.1).reduce(f64::max);
    let best: Vec<f64> =
        p_values.iter().filter(|it| it.1.is_some() && it.1 == largest).map(|it| it.0).collect();
    ConfidenceSet {
        low: first.filter(|it| *it > 0).map(at),
        high: last.filter(|it| *it + 1 < p_values.len()).map(at),
        point: best.get(best.len() / 2).copied(),
        p_values,
    }
}
