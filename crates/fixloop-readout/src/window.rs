//! The rows of one calendar window: what the period would have led to, by the events and open days inside it alone.

use fixloop_model::{Ending, Timestamp};
use fixloop_stats::{Observation, Outcome, Span, Window, period};

use crate::group::{Ages, Observed, group, log_spread, outcome, replicated};
use crate::months::day_number;
use crate::readout::{Group, Row};

/// The rows at risk at some time of a window, each with its outcome there.
pub struct InWindow {
    rows: Vec<(Row, Observation)>,
}

/// A number that a group tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Mean days open, whatever ended them, up to 90 days.
    MeanOpen,
    /// The share not upgraded or removed at this age.
    Unfixed { days: f64 },
}

/// How exactly a number is known, on the scale of its logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogSpread {
    /// The number itself, not its logarithm.
    pub value: f64,
    /// Rows upgraded or removed in the window.
    pub n_fixed: usize,
    /// Standard error as if rows were independent.
    pub by_row: f64,
    /// Standard error of the delete-one-team jackknife, and its degrees of freedom; `None` if one team is all there is.
    pub by_team: Option<(f64, usize)>,
}

/// A number with what leaving out each cluster makes of it, so that two windows can be compared cluster by cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicated {
    pub value: f64,
    /// As if rows were independent.
    pub std_error: f64,
    /// Rows upgraded or removed in the window.
    pub n_fixed: usize,
    /// The value without each cluster; `None` where it is not defined.
    pub without: Vec<Option<f64>>,
}

/// Cuts rows to the days after `after`, up to and including `until`; `None` if that is no window. Rows without a start are in none.
pub fn in_window(rows: &[Row], after: Timestamp, until: Timestamp) -> Option<InWindow> {
    cut_to(&spans(rows), day_number(after), day_number(until))
}

impl InWindow {
    /// The same numbers as in a readout's periods.
    pub fn group(&self, name: &str) -> Group {
        self.group_at(name, &Ages::default())
    }

    pub(crate) fn group_at(&self, name: &str, ages: &Ages) -> Group {
        group(name, &self.observed(), ages)
    }

    /// `None` if the number is not defined, or is 0.
    pub fn log_spread(&self, statistic: Statistic) -> Option<LogSpread> {
        log_spread(statistic, &self.observed())
    }

    /// The number without each of `n_clusters`; `cluster_of` numbers them from 0. `None` if it is not defined of all rows.
    pub fn replicated(
        &self,
        statistic: Statistic,
        n_clusters: usize,
        cluster_of: impl Fn(&Row) -> usize,
    ) -> Option<Replicated> {
        replicated(statistic, &self.observed(), (n_clusters, &cluster_of))
    }

    /// The part that `keeps` keeps.
    #[must_use]
    pub fn kept(&self, keeps: impl Fn(&Row) -> bool) -> Self {
        Self { rows: self.rows.iter().filter(|it| keeps(&it.0)).cloned().collect() }
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().map(|it| &it.0)
    }

    fn observed(&self) -> Vec<Observed<'_>> {
        let observed =
            self.rows.iter().map(|(row, observation)| Observed { row, observation: *observation });
        observed.collect()
    }
}

/// `after` and `until` are days since 1970.
pub(crate) fn cut_to(spans: &[(&Row, Span)], after: f64, until: f64) -> Option<InWindow> {
    let all: Vec<Span> = spans.iter().map(|it| it.1).collect();
    let cut = period(&all, Window::new(after, until).ok()?).ok()?;
    // In a window a row has the outcome that it has there.
    let rows = cut.rows.iter().zip(&cut.observations).map(|(row, observation)| {
        let of = spans[*row].0;
        let is_censored = observation.outcome() == Outcome::Censored;
        let outcome = if is_censored { Ending::Open } else { of.outcome };
        (Row { outcome, ..of.clone() }, *observation)
    });
    Some(InWindow { rows: rows.collect() })
}

pub(crate) fn spans(rows: &[Row]) -> Vec<(&Row, Span)> {
    rows.iter().filter_map(|it| Some((it, span(it)?))).collect()
}

fn span(row: &Row) -> Option<Span> {
    let origin = day_number(row.start?);
    let outcome = outcome(row.outcome)?;
    let entry = row.entry_days.map(|it| origin + it);
    Some(Span { origin, entry, end: origin + row.time_days, outcome })
}

#[cfg(test)]
mod tests;
