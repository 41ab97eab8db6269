//! Objectives and key results.

use fixloop_program::number;
use fixloop_program::record::{
    CheckRecord, GuardRecord, KeyResult, KeyResultPlan, Measurement, Record,
};

use super::{Card, Group};
use crate::program::words::{basis, day, interval, probability, progress, value, with_interval};

pub(super) fn objectives(record: &Record) -> Group {
    let cards = record.objectives.values().map(|it| {
        let key_results = record.key_results.values().filter(|of| of.plan.objective == it.id);
        let ids: Vec<String> = key_results.map(|it| it.id.to_string()).collect();
        Card::new(it.id, it.state.as_str(), &it.statement)
            .maybe("owner", it.owner.as_ref())
            .maybe("period", it.period.as_ref())
            .maybe("risk", it.risk.as_ref())
            .pair("key results", ids.join(", "))
            .with(&it.history)
    });
    Group {
        key: "objectives",
        title: "Objectives",
        nothing: "No objective yet: fixloop okr create.",
        cards: cards.collect(),
    }
}

pub(super) fn key_results(record: &Record) -> Group {
    Group {
        key: "key-results",
        title: "Key results",
        nothing: "No key result yet: fixloop okr create.",
        cards: record.key_results.values().map(|it| key_result(record, it)).collect(),
    }
}

fn key_result(record: &Record, it: &KeyResult) -> Card {
    let (plan, baseline) = (&it.plan, &it.baseline);
    let title = plan.statement.clone().unwrap_or_else(|| goal(plan));
    let exposure_days = baseline.exposure_days_per_100_targets_a_month;
    let exposure_days = exposure_days.map(|it| format!("{} per 100 targets and month", number(it)));
    let card = Card::new(it.id, it.state.as_str(), &title)
        .pair("stands", progress(it))
        .pair("of", objective(record, plan))
        .pair("goal", goal(plan))
        .pair("population, clock, event", [&*plan.population, &plan.clock, &plan.event].join("; "))
        .maybe("owner", plan.owner.as_ref())
        .maybe("risk", plan.risk.as_ref())
        .pair(
            "baseline",
            format!(
                "{} from {} until {}: {} closed, {} teams",
                with_interval(baseline.value, baseline.interval, &plan.unit),
                baseline.from,
                baseline.until,
                baseline.n_events,
                baseline.n_teams
            ),
        )
        .maybe("exposure-days then", exposure_days)
        .pair("computed from", basis(&baseline.basis));
    tables(card, it).with(&it.history)
}

fn tables(card: Card, it: &KeyResult) -> Card {
    let plan = &it.plan;
    // Guards are shares.
    let guard =
        |of: &GuardRecord| vec![of.metric.clone(), value(of.value, "share"), of.words.clone()];
    let measured = |of: &Measurement| {
        vec![
            day(of.cut),
            value(of.value, &plan.unit),
            interval(of.interval, &plan.unit),
            of.band.clone(),
            probability(of.probability),
            basis(&of.basis),
        ]
    };
    let check = |of: &CheckRecord| {
        let way_out = of.way_out.clone().unwrap_or_default();
        vec![of.letter.clone(), of.name.clone(), of.answer.clone(), of.words.clone(), way_out]
    };
    let earlier = |of: &KeyResultPlan| {
        vec![goal(of), of.population.clone(), of.owner.clone().unwrap_or_default()]
    };
    card.table(
        "Guard metrics",
        &["Metric", "At the baseline", "What it guards"],
        plan.guards.iter().map(guard).collect(),
    )
    .table(
        "Measurements, the oldest first",
        &["Until", "Value", "95 % interval", "Band", "Target met by the end", "Computed from"],
        it.measurements.iter().map(measured).collect(),
    )
    .table(
        "SMART checks",
        &["", "Check", "Answer", "Why", "Way out"],
        it.checks.iter().map(check).collect(),
    )
    .table(
        "Plans that were replaced, the oldest first",
        &["Goal", "Population", "Owner"],
        it.earlier_plans.iter().map(earlier).collect(),
    )
}

fn objective(record: &Record, plan: &KeyResultPlan) -> String {
    let id = plan.objective;
    let known = record.objectives.get(&id.number());
    known.map_or_else(|| id.to_string(), |it| format!("{id}: {}", it.statement))
}

/// `time_to_fix (restricted mean) to 12 days (-20%), 2026-01-01 to 2026-03-31`.
fn goal(plan: &KeyResultPlan) -> String {
    let given = plan.target.as_deref().map_or_else(String::new, |it| format!(" ({it})"));
    let end = plan.end.map_or_else(|| "no deadline".to_owned(), |it| it.to_string());
    let target = match plan.target_value {
        Some(it) => value(Some(it), &plan.unit),
        None => "no target".to_owned(),
    };
    format!("{} ({}) to {target}{given}, {} to {end}", plan.metric, plan.statistic, plan.start)
}
