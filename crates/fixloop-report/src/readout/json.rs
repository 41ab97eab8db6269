//! A readout as a JSON fragment: keys are the fields' names, days are numbers, times are RFC 3339.
//!
//! A field without a value is `null`, never absent; an interval is `[lower, upper]`.

use fixloop_readout::{
    CurvePoint, Definition, Estimate, Group, Month, Quantile, Readout, Row, Share, Slowest, Split,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::time::rfc3339;

/// The readout without its rows, which [`rows_json`] gives: a document may carry them elsewhere or not at all.
///
/// Fields come in the order of their names, as in a [`Value`]. The rows' ids, which are most of it, are borrowed.
#[derive(Serialize)]
pub struct ReadoutJson<'r> {
    cut: Option<String>,
    definition: Value,
    facts: Vec<Value>,
    limits: &'r [String],
    method: &'r [String],
    months: Vec<Value>,
    overall: GroupJson<'r>,
    slowest: Vec<SlowestJson<'r>>,
    splits: Vec<SplitJson<'r>>,
    subject: &'r str,
}

#[derive(Serialize)]
struct GroupJson<'r> {
    conditional_from_days: Option<f64>,
    curve: Vec<Value>,
    exposure_days: f64,
    horizon_days: f64,
    interval_method: &'r str,
    median: Value,
    n_left_truncated: usize,
    n_open: usize,
    n_removed: usize,
    n_rows: usize,
    n_suppressed: usize,
    n_teams: usize,
    n_upgraded: usize,
    name: &'r str,
    restricted_mean: Option<Value>,
    row_ids: &'r [String],
    shares: Vec<Value>,
}

#[derive(Serialize)]
struct SlowestJson<'r> {
    exposure_days: f64,
    median: Value,
    n_open: usize,
    n_rows: usize,
    row_ids: &'r [String],
    subject: &'r str,
}

#[derive(Serialize)]
struct SplitJson<'r> {
    by: &'r str,
    groups: Vec<GroupJson<'r>>,
}

/// The readout to be written.
pub fn readout_json(readout: &Readout) -> ReadoutJson<'_> {
    let fact = |(name, text): &(String, String)| json!({ "name": name, "text": text });
    ReadoutJson {
        cut: readout.cut.map(rfc3339),
        definition: definition_json(&readout.definition),
        facts: readout.facts.iter().map(fact).collect(),
        limits: &readout.limits,
        method: &readout.method,
        months: readout.months.iter().map(month).collect(),
        overall: group(&readout.overall),
        slowest: readout.slowest.iter().map(slowest).collect(),
        splits: readout.splits.iter().map(split).collect(),
        subject: &readout.subject,
    }
}

/// The rows in their order.
pub fn rows_json(rows: &[Row]) -> Value {
    rows.iter().map(row).collect()
}

fn row(it: &Row) -> Value {
    json!({
        "id": it.id,
        "subject": it.subject,
        "target": it.target,
        "team": it.team,
        "ecosystem": it.ecosystem,
        "severity": it.severity.map(fixloop_model::Rating::as_str),
        "direct": it.direct,
        "arm": it.arm,
        "stratum": it.stratum,
        "start": it.start.map(rfc3339),
        "entry_days": it.entry_days,
        "time_days": it.time_days,
        "outcome": it.outcome.as_str(),
        "left_truncated": it.left_truncated,
    })
}

/// What the numbers mean: the same in every document, so that two can be told to agree.
pub fn definition_json(it: &Definition) -> Value {
    json!({
        "metric": it.metric,
        "unit": it.unit,
        "clock": it.clock,
        "event": it.event,
        "competing": it.competing,
        "dropped": it.dropped,
        "censored": it.censored,
    })
}

fn estimate(it: Estimate) -> Value {
    json!({ "value": it.value, "interval": it.interval })
}

fn quantile(it: &Quantile) -> Value {
    json!({ "value": it.value, "lower": it.lower, "upper": it.upper })
}

fn share(it: &Share) -> Value {
    json!({
        "days": it.days,
        "fixed": it.fixed.map(estimate),
        "upgraded": it.upgraded.map(estimate),
    })
}

fn curve_point(it: &CurvePoint) -> Value {
    json!({
        "time_days": it.time_days,
        "open": it.open,
        "lower": it.lower,
        "upper": it.upper,
        "n_at_risk": it.n_at_risk,
    })
}

fn group(it: &Group) -> GroupJson<'_> {
    GroupJson {
        conditional_from_days: it.conditional_from_days,
        curve: it.curve.iter().map(curve_point).collect(),
        exposure_days: it.exposure_days,
        horizon_days: it.horizon_days,
        interval_method: &it.interval_method,
        median: quantile(&it.median),
        n_left_truncated: it.n_left_truncated,
        n_open: it.n_open,
        n_removed: it.n_removed,
        n_rows: it.n_rows,
        n_suppressed: it.n_suppressed,
        n_teams: it.n_teams,
        n_upgraded: it.n_upgraded,
        name: &it.name,
        restricted_mean: it.restricted_mean.map(estimate),
        row_ids: &it.row_ids,
        shares: it.shares.iter().map(share).collect(),
    }
}

fn split(it: &Split) -> SplitJson<'_> {
    SplitJson { by: it.by, groups: it.groups.iter().map(group).collect() }
}

fn month(it: &Month) -> Value {
    json!({
        "month": it.month,
        "exposure_days": it.exposure_days,
        "n_targets": it.n_targets,
        "per_100_targets": it.per_100_targets,
        "n_started": it.n_started,
        "n_fixed": it.n_fixed,
    })
}

fn slowest(it: &Slowest) -> SlowestJson<'_> {
    SlowestJson {
        exposure_days: it.exposure_days,
        median: quantile(&it.median),
        n_open: it.n_open,
        n_rows: it.n_rows,
        row_ids: &it.row_ids,
        subject: &it.subject,
    }
}
