//! How good the stored forecasts of a campaign have been, and how much wider they have to be.

use fixloop_stats::forecast::{
    CountForecast, Coverage, ProbabilityForecast, brier_score, interval_coverage,
};
use serde::{Deserialize, Serialize};

use crate::DAY;
use crate::forecast::Quantiles;
use crate::target::Target;

/// Fewer scored intervals than this say nothing of how many hold.
const MIN_SCORED: usize = 5;
/// The share of intervals that is to hold.
const WANTED: f64 = 0.8;
/// Wider than that is no interval any more.
const MAX_WIDENING: f64 = 5.0;

/// How many are left after so many days.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub days: f64,
    pub left: Quantiles,
}

/// What a stored forecast said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub at: i64,
    pub deadline: i64,
    pub p_all: f64,
    /// As computed, before any widening.
    pub checks: Vec<Check>,
    /// When somebody pivoted, or took that back, for the first time since. What it said of later did not come to be tried.
    pub turned_at: Option<i64>,
}

/// How the stored forecasts did.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct BackTest {
    /// Intervals whose moment has passed.
    pub n_intervals: usize,
    /// The share of these that held; nothing where none has passed.
    pub coverage: Option<f64>,
    /// Mean squared error of "all by the date", once the date has passed.
    pub brier: Option<f64>,
    /// Of saying each time what happened on average.
    pub brier_of_base_rate: Option<f64>,
    /// How many times wider the next intervals are made: 1 while at least 70 % held, or too few have passed.
    pub widening: f64,
}

/// Scores what was said on what became of the targets that were open then. Who is open and unknown now counts as open. What a forecast says
/// of a time after the next pivot is not scored: it is about a world in which nobody did that.
///
/// If fewer than 70 % of at least five intervals held, the next ones are made wider by the smallest factor with which 80 % would have held,
/// at most five times.
pub fn back_test(said: &[Said], targets: &[Target], now: i64) -> BackTest {
    let (mut intervals, mut alls) = (Vec::new(), Vec::new());
    for it in said {
        for check in &it.checks {
            let until = it.at.saturating_add(micros(check.days));
            if until <= now && it.was_tried(until) {
                intervals.push((check.left, left(targets, it.at, until)));
            }
        }
        if it.deadline <= now && it.at < it.deadline && it.was_tried(it.deadline) {
            let happened = left(targets, it.at, it.deadline) == 0.0;
            alls.push(ProbabilityForecast { probability: it.p_all, happened });
        }
    }
    let counts: Vec<CountForecast> = intervals
        .iter()
        .map(|(said, actual)| CountForecast { p10: said.p10, p90: said.p90, actual: *actual })
        .collect();
    let coverage = interval_coverage(&counts).ok();
    let brier = brier_score(&alls).ok();
    let is_too_narrow = coverage.is_some_and(Coverage::is_too_low) && counts.len() >= MIN_SCORED;
    BackTest {
        n_intervals: counts.len(),
        coverage: coverage.map(Coverage::share),
        brier: brier.map(|it| it.score),
        brier_of_base_rate: brier.map(|it| it.of_base_rate),
        widening: if is_too_narrow { widening(&intervals) } else { 1.0 },
    }
}

/// How many of those open at `at` are open at `until`.
fn left(targets: &[Target], at: i64, until: i64) -> f64 {
    let was_open = |it: &&Target| {
        it.affected_since.is_some_and(|since| since <= at) && it.fixed_at.is_none_or(|it| it > at)
    };
    let open = targets.iter().filter(was_open);
    open.filter(|it| it.fixed_at.is_none_or(|it| it > until)).count() as f64
}

fn widening(intervals: &[(Quantiles, f64)]) -> f64 {
    let mut needed: Vec<f64> = intervals.iter().map(|(it, actual)| needed(*it, *actual)).collect();
    needed.sort_unstable_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of intervals"
    )]
    let place = (needed.len() as f64 * WANTED).ceil() as usize;
    needed[place.max(1) - 1].clamp(1.0, MAX_WIDENING)
}

/// With what factor this interval would have held.
fn needed(said: Quantiles, actual: f64) -> f64 {
    let (half, off) = if actual < said.p50 {
        (said.p50 - said.p10, said.p50 - actual)
    } else {
        (said.p90 - said.p50, actual - said.p50)
    };
    // One step of a count, where the interval had no width at all.
    if off <= 0.0 { 1.0 } else { off / half.max(1.0) }
}

#[expect(clippy::cast_possible_truncation, reason = "days of a campaign")]
fn micros(it: f64) -> i64 {
    (it * DAY as f64) as i64
}

impl Said {
    /// Whether things went on until then as they were when it was said.
    fn was_tried(&self, until: i64) -> bool {
        self.turned_at.is_none_or(|it| until <= it)
    }
}

#[cfg(test)]
mod tests;
