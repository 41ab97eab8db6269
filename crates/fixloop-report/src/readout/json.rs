//! A readout as a JSON fragment: keys are the fields' names, days are numbers, times are RFC 3339.
//!
//! A field without a value is `null`, never absent; an interval is `[lower, upper]`.

use fixloop_readout::{
    CurvePoint, Definition, Estimate, Group, Month, Quantile, Readout, Row, Share, Slowest, Split,
};
use serde_json::{Value, json};

use crate::time::rfc3339;

/// The readout without its rows, which [`rows_json`] gives: a document may carry them elsewhere or not at all.
pub fn readout_json(readout: &Readout) -> Value {
    json!({
        "subject": readout.subject,
        "definition": definition_json(&readout.definition),
        "cut": readout.cut.map(rfc3339),
        "overall": group(&readout.overall),
        "splits": readout.splits.iter().map(split).collect::<Vec<_>>(),
        "months": readout.months.iter().map(month).collect::<Vec<_>>(),
        "slowest": readout.slowest.iter().map(slowest).collect::<Vec<_>>(),
        "facts": readout.facts.iter()
            .map(|(name, text)| json!({ "name": name, "text": text }))
            .collect::<Vec<_>>(),
        "limits": readout.limits,
        "method": readout.method,
    })
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

fn group(it: &Group) -> Value {
    json!({
        "name": it.name,
        "n_rows": it.n_rows,
        "n_upgraded": it.n_upgraded,
        "n_removed": it.n_removed,
        "n_suppressed": it.n_suppressed,
        "n_open": it.n_open,
        "n_left_truncated": it.n_left_truncated,
        "n_teams": it.n_teams,
        "median": quantile(&it.median),
        "shares": it.shares.iter().map(share).collect::<Vec<_>>(),
        "restricted_mean": it.restricted_mean.map(estimate),
        "horizon_days": it.horizon_days,
        "interval_method": it.interval_method,
        "curve": it.curve.iter().map(curve_point).collect::<Vec<_>>(),
        "conditional_from_days": it.conditional_from_days,
        "exposure_days": it.exposure_days,
        "row_ids": it.row_ids,
    })
}

fn split(it: &Split) -> Value {
    json!({ "by": it.by, "groups": it.groups.iter().map(group).collect::<Vec<_>>() })
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

fn slowest(it: &Slowest) -> Value {
    json!({
        "subject": it.subject,
        "n_rows": it.n_rows,
        "n_open": it.n_open,
        "exposure_days": it.exposure_days,
        "median": quantile(&it.median),
        "row_ids": it.row_ids,
    })
}
