//! The exact log-rank test as a bet: an e-value that may be looked at as often as one likes.
//!
//! For subjects that are independent given their stratum, so for subjects randomized inside teams; not where whole teams are
//! treated. Under a hazard ratio of 1 the e-value has mean 1 whenever one stops; it reaches `1/alpha` with probability at most `alpha`.

mod calendar;
mod sweep;

use thiserror::Error;

use crate::Causes;
use crate::log_rank::GroupedSample;
use sweep::{Piece, sweep};

pub use calendar::{
    AGE_BANDS, CalendarObservation, CalendarSample, InvalidCalendarObservation,
    e_log_rank_by_calendar,
};

/// Hazard of the second group over the first's that the e-value bets on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HazardRatio(f64);

/// Why no e-value can be computed.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ELogRankError {
    #[error("{labels} labels for {observations} observations")]
    Lengths { observations: usize, labels: usize },
    #[error("hazard ratio `{0}` is not a positive number other than 1")]
    Ratio(f64),
    #[error("{0} groups were given where two are compared")]
    NotTwoGroups(usize),
    #[error("ages that part the bands are not positive and ascending")]
    AgeBands,
}

/// What the e-value was after each time with an event, ascending; 1 before the first.
#[derive(Clone, Debug, PartialEq)]
pub struct EProcess {
    steps: Vec<EStep>,
}

/// Logarithms of the e-values after a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EStep {
    pub time: f64,
    /// Bet on the ratio.
    pub log_e: f64,
    /// Bet on the inverse of the ratio.
    pub log_e_inverse: f64,
}

/// The exact log-rank e-value of two groups on the age scale; the ratio is that of the group with the higher number.
///
/// At each event age and in each stratum, the e-value is multiplied by how much more probable the events' split between the groups is
/// under the ratio than under 1, given who was at risk and how many events there were (Fisher's noncentral hypergeometric
/// distribution, so ties are exact). Without events it stays 1. Costs O(n log n).
///
/// **One look only** if subjects came at different dates: somebody who comes later changes risk sets of the past, and the
/// guarantee in real time is lost. [`e_log_rank_by_calendar`] keeps it.
///
/// # Units
/// Any unit of time gives the same result.
///
/// # Errors
/// If lengths differ, or there are not exactly two groups.
///
/// # Source
/// Ter Schure, Perez-Ortiz, Ly & Grunwald 2024, <https://arxiv.org/abs/2011.06931>. Tested on safestats (ovarian).
pub fn e_log_rank(
    sample: &GroupedSample<'_>,
    causes: Causes,
    ratio: HazardRatio,
) -> Result<EProcess, ELogRankError> {
    let n = sample.observations.len();
    let second = second_group(sample.groups, n)?;
    if let Some(strata) = sample.strata {
        check_length(strata, n)?;
    }
    let piece = |row: usize| {
        let observation = &sample.observations[row];
        Piece {
            stratum: (sample.strata.map_or(0, |it| it[row]), 0),
            entry: observation.entry().unwrap_or(f64::NEG_INFINITY),
            exit: observation.time(),
            is_second: sample.groups[row] == second,
            is_event: causes.holds(observation.outcome()),
        }
    };
    Ok(EProcess { steps: sweep((0..n).map(piece).collect(), ratio.0.ln()) })
}

impl HazardRatio {
    /// # Errors
    /// If `ratio` is not a positive number other than 1.
    pub fn new(ratio: f64) -> Result<Self, ELogRankError> {
        let is_valid = ratio.is_finite() && ratio > 0.0 && ratio.ln() != 0.0;
        if is_valid { Ok(Self(ratio)) } else { Err(ELogRankError::Ratio(ratio)) }
    }
}

impl EProcess {
    /// Ascending by time.
    pub fn steps(&self) -> &[EStep] {
        &self.steps
    }

    /// The state at `time`; 1 before the first event.
    pub fn at(&self, time: f64) -> EStep {
        let n_steps = self.steps.partition_point(|it| it.time <= time);
        let nothing = EStep { time, log_e: 0.0, log_e_inverse: 0.0 };
        n_steps.checked_sub(1).map_or(nothing, |last| EStep { time, ..self.steps[last] })
    }

    /// The p-value that holds at any time: one over the largest e-value so far, both directions bet on by halves.
    pub fn p(&self) -> f64 {
        self.steps.iter().map(|it| (-it.log_e_mixture()).exp()).fold(1.0, f64::min)
    }

    /// When the mixture first reached `1/alpha`.
    pub fn first_rejection(&self, alpha: f64) -> Option<f64> {
        self.steps.iter().find(|it| it.log_e_mixture() >= -alpha.ln()).map(|it| it.time)
    }
}

impl EStep {
    /// Half bet on the ratio, half on its inverse: for a change in either direction.
    pub fn log_e_mixture(&self) -> f64 {
        let (a, b) = (self.log_e, self.log_e_inverse);
        a.max(b) + (-(a - b).abs()).exp().ln_1p() - std::f64::consts::LN_2
    }
}

/// The higher of two group numbers.
fn second_group(groups: &[u32], n_observations: usize) -> Result<u32, ELogRankError> {
    check_length(groups, n_observations)?;
    let mut numbers = groups.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    match numbers[..] {
        [_, second] => Ok(second),
        _ => Err(ELogRankError::NotTwoGroups(numbers.len())),
    }
}

fn check_length(labels: &[u32], n_observations: usize) -> Result<(), ELogRankError> {
    let (observations, labels) = (n_observations, labels.len());
    if observations == labels {
        Ok(())
    } else {
        Err(ELogRankError::Lengths { observations, labels })
    }
}

#[cfg(test)]
mod tests;
