//! The change of a number between the baseline's window and that since the start, with its error by team.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_program::Population;
use fixloop_readout::{InWindow, Replicated, Row};
use fixloop_stats::{Jackknife, Level, jackknife, p_student};

use super::{KeyResultQuestion, TargetSpan, Windows};
use crate::pilot::days;

/// More teams are put together for the jackknife, which stays valid (delete-a-group).
const MAX_CLUSTERS: usize = 50;

/// Days of a mean month.
const MONTH_DAYS: f64 = 365.25 / 12.0;

/// Two windows compared.
///
/// # Units
/// `before` and `now` are in the number's own unit, over everybody; ratios are of the teams that are in both windows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    pub before: Option<f64>,
    pub now: Option<f64>,
    /// Logarithm of now by before.
    pub log_ratio: Option<f64>,
    /// Of the logarithm, by the delete-one-team jackknife; `None` where fewer than two teams are in both windows, or one makes all of it.
    pub std_error: Option<f64>,
    pub degrees_of_freedom: usize,
    /// Of the logarithm: 95 %, by t.
    pub interval: Option<(f64, f64)>,
    /// Teams in both windows.
    pub n_teams: usize,
    /// What more closures could and could not make smaller.
    pub(crate) parts: Option<Parts>,
}

/// Variances of the logarithms, as if rows were independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) before: f64,
    pub(crate) now: f64,
    /// Closures since the start.
    pub(crate) n_now: usize,
}

impl Change {
    /// Now by before; 0.8 is a fifth less.
    pub fn ratio(&self) -> Option<f64> {
        self.log_ratio.map(f64::exp)
    }

    pub fn ratio_interval(&self) -> Option<(f64, f64)> {
        self.interval.map(|(lower, upper)| (lower.exp(), upper.exp()))
    }

    /// Whether the change is outside its noise.
    pub fn is_told(&self) -> bool {
        self.interval.is_some_and(|(lower, upper)| lower > 0.0 || upper < 0.0)
    }

    /// Whether both changed, and not in the same direction, and at least one of the two changes is outside its noise.
    pub(crate) fn disagrees(&self, other: &Self) -> bool {
        let signs = self.log_ratio.zip(other.log_ratio);
        (self.is_told() || other.is_told()) && signs.is_some_and(|(a, b)| a * b < 0.0)
    }

    /// That the true logarithm is at most the wanted one.
    pub(crate) fn probability(&self, wanted: Option<f64>) -> Option<f64> {
        let std_error = self.std_error.filter(|it| *it > 0.0)?;
        let t = (wanted? - self.log_ratio?) / std_error;
        let tail = p_student(t, self.degrees_of_freedom) / 2.0;
        Some(if t > 0.0 { 1.0 - tail } else { tail })
    }

    fn with(mut self, jackknife: Option<Jackknife>) -> Self {
        let Some(it) = jackknife.filter(|it| it.std_error > 0.0) else { return self };
        let interval = it.interval(Level::P95);
        self.std_error = Some(it.std_error);
        self.degrees_of_freedom = it.degrees_of_freedom;
        self.interval = Some((interval.lower, interval.upper));
        self
    }
}

/// Teams of both windows, numbered for the jackknife. Rows without a team are one team.
struct Clusters<'r> {
    of: BTreeMap<&'r str, usize>,
    n: usize,
}

impl<'r> Clusters<'r> {
    fn of(before: &BTreeSet<&'r str>, now: &BTreeSet<&'r str>) -> Self {
        let both: Vec<&str> = before.intersection(now).copied().collect();
        let n = both.len().min(MAX_CLUSTERS);
        let of = both.into_iter().enumerate().map(|(place, team)| (team, place % n.max(1)));
        Self { of: of.collect(), n }
    }

    fn cluster(&self, row: &Row) -> usize {
        self.of.get(team(row)).copied().unwrap_or(0)
    }
}

fn team(row: &Row) -> &str {
    row.team.as_deref().unwrap_or("")
}

fn teams(window: &InWindow) -> BTreeSet<&str> {
    window.rows().map(team).collect()
}

/// Of the metric.
pub(super) fn changed(question: &KeyResultQuestion, windows: &Windows) -> Change {
    let (before, now) = (&windows.before, &windows.now);
    let value = |it: &InWindow| Some(it.replicated(question.statistic(), 1, |_| 0)?.value);
    let of_teams = (teams(before), teams(now));
    let clusters = Clusters::of(&of_teams.0, &of_teams.1);
    let mut change = Change {
        before: value(before),
        now: value(now),
        n_teams: clusters.of.len(),
        ..Change::default()
    };
    let replicated = |window: &InWindow| {
        let both = window.kept(|it| clusters.of.contains_key(team(it)));
        both.replicated(question.statistic(), clusters.n, |it| clusters.cluster(it))
    };
    let Some((first, second)) = replicated(before).zip(replicated(now)) else { return change };
    change.log_ratio = log_ratio(Some(first.value), Some(second.value));
    let relative = |it: &Replicated| (it.std_error / it.value).powi(2);
    change.parts =
        Some(Parts { before: relative(&first), now: relative(&second), n_now: second.n_fixed });
    let without = |excluded: Option<usize>| match excluded {
        None => log_ratio(Some(first.value), Some(second.value)),
        Some(cluster) => log_ratio(first.without[cluster], second.without[cluster]),
    };
    change.with(jackknife(clusters.n, without).ok())
}

fn log_ratio(before: Option<f64>, now: Option<f64>) -> Option<f64> {
    let ratio = now? / before?;
    (ratio.is_finite() && ratio > 0.0).then(|| ratio.ln())
}

/// Of the metric, if each window had the baseline's mix of severities: fixed weights, the baseline's shares of rows.
///
/// Strata are critical and high against the rest; of a population that has no rest, critical against high.
pub(super) fn standardised(question: &KeyResultQuestion, windows: &Windows) -> Change {
    let line = match question.population {
        Population::CriticalHigh => Rating::Critical,
        Population::All | Population::Direct => Rating::High,
    };
    let is_upper = |it: &Row| it.severity.is_some_and(|it| it >= line);
    let (before, now) = (&windows.before, &windows.now);
    let n_all = before.rows().count();
    let n_upper = before.rows().filter(|it| is_upper(it)).count();
    let weights = [n_upper as f64, (n_all - n_upper) as f64].map(|it| it / n_all.max(1) as f64);
    let of_teams = (teams(before), teams(now));
    let clusters = Clusters::of(&of_teams.0, &of_teams.1);
    // Of a stratum without weight nothing is asked.
    let strata: Vec<(f64, bool)> =
        weights.into_iter().zip([true, false]).filter(|it| it.0 > 0.0).collect();
    let of_window = |window: &InWindow, only_both: bool| -> Option<Vec<(f64, Replicated)>> {
        let of_stratum = |(weight, upper): &(f64, bool)| {
            let part = window.kept(|it| {
                is_upper(it) == *upper && (!only_both || clusters.of.contains_key(team(it)))
            });
            let n = if only_both { clusters.n } else { 1 };
            let cluster = |it: &Row| if only_both { clusters.cluster(it) } else { 0 };
            Some((*weight, part.replicated(question.statistic(), n, cluster)?))
        };
        strata.iter().map(of_stratum).collect()
    };
    let whole = |window| weighted(&of_window(window, false)?, None);
    let both = of_window(before, true).zip(of_window(now, true));
    let ratio = |excluded: Option<usize>| {
        let (first, second) = both.as_ref()?;
        log_ratio(weighted(first, excluded), weighted(second, excluded))
    };
    let change = Change {
        before: whole(before),
        now: whole(now),
        log_ratio: ratio(None),
        n_teams: clusters.of.len(),
        ..Change::default()
    };
    change.with(jackknife(clusters.n, ratio).ok())
}

/// The weighted mean over strata, without a cluster if one is named.
fn weighted(strata: &[(f64, Replicated)], excluded: Option<usize>) -> Option<f64> {
    let value = |it: &Replicated| match excluded {
        None => Some(it.value),
        Some(cluster) => it.without[cluster],
    };
    let sum: f64 =
        strata.iter().map(|(weight, it)| Some(weight * value(it)?)).sum::<Option<f64>>()?;
    (!strata.is_empty()).then_some(sum)
}

/// Open days and target-days of one team in one window.
type Sums<'r> = BTreeMap<&'r str, (f64, f64)>;

/// Of opportunity-days open per 100 targets and month.
pub(super) fn exposure_days(
    question: &KeyResultQuestion,
    rows: &[Row],
    targets: &[TargetSpan],
) -> Change {
    let before = sums(question.baseline_window, rows, targets);
    let now = sums((question.started, question.cut), rows, targets);
    let clusters = Clusters::of(&with_targets(&before), &with_targets(&now));
    let everybody = |sums: &Sums<'_>| rate(sums, |_| true);
    let both = |sums: &Sums<'_>, excluded: Option<usize>| {
        rate(sums, |team| clusters.of.get(team).is_some_and(|it| Some(*it) != excluded))
    };
    let ratio = |excluded| log_ratio(both(&before, excluded), both(&now, excluded));
    let change = Change {
        before: everybody(&before),
        now: everybody(&now),
        log_ratio: ratio(None),
        n_teams: clusters.of.len(),
        ..Change::default()
    };
    change.with(jackknife(clusters.n, ratio).ok())
}

fn with_targets<'r>(sums: &Sums<'r>) -> BTreeSet<&'r str> {
    sums.iter().filter(|it| it.1.1 > 0.0).map(|it| *it.0).collect()
}

fn rate(sums: &Sums<'_>, holds: impl Fn(&str) -> bool) -> Option<f64> {
    let of = sums.iter().filter(|it| holds(it.0));
    let (open, targets) = of.fold((0.0, 0.0), |sum, it| (sum.0 + it.1.0, sum.1 + it.1.1));
    (targets > 0.0).then(|| open / targets * 100.0 * MONTH_DAYS)
}

fn sums<'r>(
    (after, until): (Timestamp, Timestamp),
    rows: &'r [Row],
    targets: &'r [TargetSpan],
) -> Sums<'r> {
    let overlap = |from: Timestamp, to: Timestamp| days(from.max(after), to.min(until)).max(0.0);
    let mut sums: Sums<'_> = BTreeMap::new();
    for it in targets {
        let team = it.team.as_deref().unwrap_or("");
        sums.entry(team).or_default().1 += overlap(it.first, it.last);
    }
    for it in rows.iter().filter(|it| it.outcome != Ending::Withdrawn) {
        let Some(start) = it.start else { continue };
        let origin = days(after, start);
        let length = days(after, until);
        let open = (origin + it.time_days).min(length) - origin.max(0.0);
        sums.entry(team(it)).or_default().0 += open.max(0.0);
    }
    sums
}
