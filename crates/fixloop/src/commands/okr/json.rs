//! `fixloop.okr-baseline/1` of `docs/schema/okr-baseline-1.json`. A field without a value is `null`, never absent.

use std::io::{self, Write};

use fixloop_model::Timestamp;
use fixloop_program::{Baseline, Unit};
use fixloop_readout::Estimate;
use fixloop_report::{definition_json, rfc3339};
use serde_json::{Value, json};

const SCHEMA: &str = "fixloop.okr-baseline/1";

pub(super) fn write(it: &Baseline, cut: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(it, cut))?;
    writeln!(out)
}

pub(super) fn document(it: &Baseline, cut: Timestamp) -> Value {
    let (plan, group) = (&it.plan, &it.group);
    let shares = group.shares.iter();
    let mut document = json!({
        "schema": SCHEMA,
        "accepted": it.is_accepted(),
        "subject": it.subject,
        "cut": rfc3339(cut),
        "metric": plan.metric.name(),
        "statistic": plan.metric.words(),
        "unit": unit(plan.metric.unit()),
        "direction": "decrease",
        "population": plan.population.option(),
        "clock": it.definition.clock,
        "event": it.definition.event,
        "definition": definition_json(&it.definition),
        "value": it.value.map(|it| it.value),
        "interval": it.value.and_then(|it| it.interval),
        "interval_method": group.interval_method,
        "window": { "from": it.window.from.to_string(), "until": it.window.until.to_string(), "why": it.window.why },
        "events": it.n_fixed(),
        "opportunities": group.n_rows,
        "open": group.n_open,
        "teams": group.n_teams,
        "exposure_days": group.exposure_days,
        "exposure_days_per_100_targets_a_month": it.exposure_days_per_100_targets_a_month,
        "median": { "value": group.median.value, "lower": group.median.lower, "upper": group.median.upper },
        "shares_fixed": shares.map(|it| json!({ "days": it.days, "fixed": it.fixed.map(estimate) })).collect::<Vec<_>>(),
        "over_everything": it.of_all.map(estimate),
    });
    if let Value::Object(fields) = &mut document {
        fields.extend(key_result(it));
    }
    document
}

/// What the plan adds to the numbers.
fn key_result(it: &Baseline) -> serde_json::Map<String, Value> {
    let plan = &it.plan;
    let checks = it.checks.iter().map(|it| {
        json!({
            "letter": it.letter.as_str(),
            "name": it.name,
            "question": it.question,
            "answer": it.answer.as_str(),
            "words": it.words,
            "way_out": it.way_out,
        })
    });
    let guards = it
        .guards
        .iter()
        .map(|it| json!({ "metric": it.metric, "value": it.value, "words": it.words }));
    let alternatives = it.alternatives.iter().map(|it| {
        json!({
            "metric": it.metric.name(),
            "population": it.population.option(),
            "detectable_from": it.from.to_string(),
        })
    });
    let detection = it.detection;
    let document = json!({
        "target": {
            "given": plan.target.map(|it| it.to_string()),
            "value": it.wanted.map(|it| it.value),
            "reduction": it.wanted.map(|it| it.reduction),
        },
        "start": plan.start.to_string(),
        "deadline": plan.end.map(|it| it.to_string()),
        "owner": plan.owner,
        "statement": plan.statement,
        "risk": plan.risk,
        "guard_metrics": guards.collect::<Vec<_>>(),
        "fixes_a_week": it.fixes_a_day * 7.0,
        "detectable": detection.map(|it| it.is_by_deadline),
        "detectable_from": detection.and_then(|it| it.from).map(|it| it.to_string()),
        "smallest_detectable_reduction": detection.and_then(|it| it.at_deadline),
        "alternatives": alternatives.collect::<Vec<_>>(),
        "checks": checks.collect::<Vec<_>>(),
    });
    match document {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => "days",
        Unit::Share => "share",
    }
}

fn estimate(it: Estimate) -> Value {
    json!({ "value": it.value, "interval": it.interval })
}
