//! `fixloop.experiment-plan/1`.

use fixloop_experiment::{
    Choice, Formula, Plan, Reach, Refusal, Replay, SPENDING_POWER, Variation,
};
use serde_json::{Value, json};

use super::PlanReport;
use super::cannot_show::cannot_show;
use super::words;

/// The plan as one document; `null` is "cannot tell", or refused, with the reason in `cannot_show`.
pub fn experiment_plan_json(report: &PlanReport) -> Value {
    let plan = &report.plan;
    let (question, offered) = (&plan.question, plan.offered());
    let replayed = offered.and_then(|it| it.replay.as_ref());
    let formula = offered.and_then(|it| it.formula.as_ref());
    json!({
        "schema": "fixloop.experiment-plan/1",
        "subject": report.subject,
        "says": words::head(report),
        "treatment": question.treatment.as_str(),
        "scope": report.scope,
        "design": offered.map(|it| it.design.as_str()),
        "teams": question.n_teams,
        "days": question.days,
        "follow_up_days": question.follow_up,
        "stock_days": question.stock_days,
        "alpha": question.alpha,
        "effect": question.effect,
        "worthwhile": report.worthwhile,
        "wanted_power": question.power,
        "power": replayed.map(|it| it.power.share),
        "replay": replayed.map(|it| replay(it, question.seed)),
        "formula_power": formula.map(|it| it.power),
        "floor": formula.map(floor),
        "mde": plan.outlook.smallest_effect,
        "reach": report.reach.share(),
        "reach_of": reach(&report.reach),
        "first_reference": report.first_reference.as_ref().map(reach),
        "looks": replayed.map_or(json!([]), looks),
        "spending": looks_told(plan),
        "over_days": variations(&plan.outlook.over_days, "days"),
        "over_teams": variations(&plan.outlook.over_teams, "teams"),
        "days_to_decision": plan.days_to_decision(),
        "teams_to_decision": teams_to_decision(plan),
        "teams_needed": if offered.is_none() { words::teams_needed(plan) } else { None },
        "needed": {
            "says": words::needed(plan),
            "events": plan.needed.n_events,
            "findings": plan.needed.n_findings,
            "findings_with_30_days_more": plan.needed.n_findings_with_follow_up,
            "half_life_days": plan.needed.half_life,
        },
        "alternatives": plan.choices.iter().map(choice).collect::<Vec<_>>(),
        "past": past(report),
        "cannot_show": cannot_show(report),
    })
}

/// The pilot's own teams, if they are enough.
fn teams_to_decision(plan: &Plan) -> Option<u32> {
    let is_enough = plan.power().is_some_and(|it| it.share >= plan.question.power);
    if is_enough { Some(plan.question.n_teams) } else { plan.teams_to_decision() }
}

fn replay(it: &Replay, seed: u64) -> Value {
    json!({
        "runs": it.power.n_runs,
        "seed": seed,
        "std_error": it.power.std_error,
        "findings": it.n_findings,
        "events": it.n_fixed,
        "events_before_by_team": it.n_fixed_before,
    })
}

fn floor(it: &Formula) -> Value {
    json!({
        "power": it.floor,
        "effect": it.floor_effect,
        "history_reliability": it.history_reliability,
    })
}

fn reach(it: &Reach) -> Value {
    json!({
        "opportunities": it.n,
        "of": it.n_told,
        "cannot_tell": it.n_cannot_tell,
        "share": it.share(),
        "share_of_open_days": it.share_of_days(),
    })
}

fn looks(it: &Replay) -> Value {
    let look = |it: &fixloop_experiment::LookPower| json!({ "day": it.day, "spent": it.spent, "power": it.power });
    json!(it.looks.iter().map(look).collect::<Vec<_>>())
}

fn looks_told(plan: &Plan) -> Option<String> {
    let offered = plan.offered()?;
    if offered.design.draws_teams() {
        Some(format!("share of time to the power of {SPENDING_POWER}"))
    } else {
        offered.replay.as_ref().map(|_| "O'Brien-Fleming by information (Lan-DeMets)".to_owned())
    }
}

fn variations(all: &[Variation], what: &str) -> Value {
    let variation = |it: &Variation| json!({ what: it.n, "power": it.power.share, "std_error": it.power.std_error });
    json!(all.iter().map(variation).collect::<Vec<_>>())
}

fn choice(it: &Choice) -> Value {
    let (reason, teams_needed) = match it.refusal {
        Some(Refusal::CannotReachAlpha { teams_needed, .. }) => {
            (Some("cannot reach alpha"), Some(teams_needed))
        }
        Some(Refusal::TooFewTeams { teams_needed }) => (Some("too few teams"), Some(teams_needed)),
        None => (None, None),
    };
    json!({
        "design": it.design.as_str(),
        "refused": reason,
        "teams_needed": teams_needed,
        "min_p": it.min_p,
        "power": it.replay.as_ref().map(|it| it.power.share),
        "std_error": it.replay.as_ref().map(|it| it.power.std_error),
        "formula_power": it.formula.map(|it| it.power),
        "says": words::choice(it),
    })
}

fn past(report: &PlanReport) -> Value {
    let it = &report.plan.facts;
    json!({
        "teams": it.n_teams,
        "teams_by": report.teams_from,
        "findings": it.n_findings,
        "events": it.n_fixed,
        "weeks": it.n_weeks,
        "findings_by_team_and_week": it.per_team_week,
        "size_cv": it.size_cv,
        "median_days": it.median,
        "rate_per_day": it.rate,
        "theta": it.theta,
        "is_theta_assumed": it.is_theta_usual,
        "watched_days": it.watched_days,
    })
}
