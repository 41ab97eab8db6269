//! The shape of a readout: numbers, each with its interval, and the rows behind them.

use std::borrow::Cow;

use fixloop_model::{Ending, Opportunity, Rating, Timestamp};

/// One line of the table that every number comes from: an opportunity, or a line of somebody's CSV.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: String,
    /// What is to be fixed, in words (`npm lodash`); empty in a plain table.
    pub subject: String,
    pub target: String,
    pub team: Option<String>,
    pub ecosystem: Option<String>,
    pub severity: Option<Rating>,
    pub direct: Option<bool>,
    pub arm: Option<String>,
    pub stratum: Option<String>,
    /// The clock's origin; `None` in a table of ages.
    pub start: Option<Timestamp>,
    /// Age at which it came under observation; `None` if that was at the origin.
    pub entry_days: Option<f64>,
    /// Age at the end, or at the last proof that it is still open.
    pub time_days: f64,
    pub outcome: Ending,
    pub left_truncated: bool,
}

/// What the numbers mean; printed with every output, so that two outputs can be told to agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Definition {
    pub metric: Cow<'static, str>,
    /// One row and many of them, in a sentence.
    pub noun: (&'static str, &'static str),
    pub unit: Cow<'static, str>,
    pub clock: Cow<'static, str>,
    pub event: Cow<'static, str>,
    pub competing: Cow<'static, str>,
    pub dropped: Cow<'static, str>,
    pub censored: Cow<'static, str>,
}

/// A value with a 95 % interval; `None` where there is no honest one ("cannot tell").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub interval: Option<(f64, f64)>,
}

/// A quantile in days; `None` is "not reached".
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantile {
    pub value: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The curve just after `time_days`; a step function, so it holds until the next point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    pub time_days: f64,
    /// Share not yet upgraded, removed (or, being competing, suppressed): in [0, 1].
    pub open: f64,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub n_at_risk: usize,
}

/// The share fixed (cumulative incidence of upgraded or removed) within so many days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    pub days: f64,
    pub fixed: Option<Estimate>,
    /// Of that, upgraded, with removed as a competing event.
    pub upgraded: Option<Estimate>,
}

/// The numbers of one set of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub n_rows: usize,
    pub n_upgraded: usize,
    pub n_removed: usize,
    pub n_suppressed: usize,
    pub n_open: usize,
    pub n_left_truncated: usize,
    pub n_teams: usize,
    pub median: Quantile,
    pub shares: Vec<Share>,
    /// Mean days open up to `horizon_days`.
    pub restricted_mean: Option<Estimate>,
    pub horizon_days: f64,
    /// How the intervals came about: `by team (jackknife, 11 degrees of freedom)` or `by row (Greenwood); …why`.
    pub interval_method: String,
    pub curve: Vec<CurvePoint>,
    /// Where the curve is conditional on being still open at this age: before it, fewer than 10 rows were at risk.
    pub conditional_from_days: Option<f64>,
    /// Sum of the rows' observed open days.
    pub exposure_days: f64,
    /// The rows' ids, so that every number can be traced.
    pub row_ids: Vec<String>,
}

/// The same numbers for each value of one property.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// `ecosystem`, `severity`, `direct`, `period`, `team`, `arm` or `stratum`.
    pub by: &'static str,
    /// In the order in which they are read.
    pub groups: Vec<Group>,
}

/// Open days of one calendar month (UTC), per 100 targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Month {
    /// `2024-03`.
    pub month: String,
    pub exposure_days: f64,
    pub n_targets: usize,
    pub per_100_targets: Option<f64>,
    pub n_started: usize,
    pub n_fixed: usize,
}

/// A package that took long.
#[derive(Clone, Debug, PartialEq)]
pub struct Slowest {
    pub subject: String,
    pub n_rows: usize,
    pub n_open: usize,
    pub exposure_days: f64,
    pub median: Quantile,
    pub row_ids: Vec<String>,
}

/// Everything one readout has to say, in the order in which it should be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// What was read, in words: `10 repositories`, `FILE.csv`.
    pub subject: String,
    pub definition: Definition,
    /// The data cut: nothing later was looked at. `None` in a table of ages.
    pub cut: Option<Timestamp>,
    pub overall: Group,
    pub splits: Vec<Split>,
    pub months: Vec<Month>,
    pub slowest: Vec<Slowest>,
    /// Further facts by name that the source adds (`upgrade regressions`, `known at introduction`), already in words.
    pub facts: Vec<(String, String)>,
    /// What the numbers cannot show, in sentences.
    pub limits: Vec<String>,
    /// How each number is made, in sentences, with sources.
    pub method: Vec<String>,
    pub rows: Vec<Row>,
}

impl Row {
    /// The row of an opportunity.
    pub fn of_opportunity(it: &Opportunity) -> Self {
        let until = it.end.unwrap_or(it.last_seen);
        let days = |later: Timestamp| (later.0 - it.start.0).max(0) as f64 / MICROSECONDS_A_DAY;
        Self {
            id: it.id.clone(),
            subject: format!("{} {}", it.ecosystem, it.name),
            target: it.target.clone(),
            team: it.team.clone(),
            ecosystem: Some(it.ecosystem.clone()),
            severity: it.severity.as_ref().map(|it| it.rating),
            direct: it.direct,
            arm: None,
            stratum: None,
            start: Some(it.start),
            entry_days: (it.entry > it.start).then(|| days(it.entry)),
            time_days: days(until),
            outcome: it.outcome,
            left_truncated: it.left_truncated,
        }
    }
}

const MICROSECONDS_A_DAY: f64 = 86_400e6;
