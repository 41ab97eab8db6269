//! What must not get worse meanwhile: each guard of the key result, now and in the baseline.

use fixloop_model::{Ending, Timestamp};
use fixloop_readout::{Row, in_window};

use super::{KeyResultQuestion, Mined};
use crate::guardrails::upgrades;
use crate::pilot::DAY;

/// A guard's numbers. No verdict: the counts are too small for one, mostly.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardNow {
    pub metric: String,
    pub words: String,
    /// As frozen with the baseline.
    pub baseline: Option<f64>,
    /// Since the start; `None` where there is nothing to take it of, or this build knows no such guard.
    pub now: Option<f64>,
    pub n: usize,
    pub of: usize,
}

pub(super) fn guards(question: &KeyResultQuestion, mined: &Mined<'_>) -> Vec<GuardNow> {
    let window = (question.started, question.cut);
    let guards = question.guards.iter().map(|it| {
        let (n, of) = match &*it.metric {
            "upgrade_regression_rate" => undone(mined, window),
            "share_suppressed" => suppressed(question, mined, window),
            _ => (0, 0),
        };
        GuardNow {
            metric: it.metric.clone(),
            words: it.words.clone(),
            baseline: it.value,
            now: (of > 0).then(|| n as f64 / of as f64),
            n,
            of,
        }
    });
    guards.collect()
}

/// Upgrades undone within 14 days, of those that are older than that.
fn undone(mined: &Mined<'_>, window: (Timestamp, Timestamp)) -> (usize, usize) {
    let counts =
        mined.opportunities.iter().map(|it| upgrades((it, mined.exposures), window, 14 * DAY));
    counts.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
}

/// Opportunities that an exception closed, of all that were open in the window.
fn suppressed(
    question: &KeyResultQuestion,
    mined: &Mined<'_>,
    (after, until): (Timestamp, Timestamp),
) -> (usize, usize) {
    let rows: Vec<Row> = mined.opportunities.iter().map(Row::of_opportunity).collect();
    let Some(window) = in_window(&rows, after, until) else { return (0, 0) };
    let part = window.kept(|it| question.population.holds(it));
    let n = part.rows().filter(|it| it.outcome == Ending::Suppressed).count();
    (n, part.rows().count())
}
