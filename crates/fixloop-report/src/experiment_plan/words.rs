//! What a plan's numbers mean, in sentences.

use fixloop_experiment::{Choice, PilotDesign, Plan, Power, Refusal};

use super::PlanReport;
use crate::readout::words::{counted, number};

/// `19 %`; whole, since the replay knows no more.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", (share * 100.0).round())
}

/// `19 % (± 2 points)`.
pub(super) fn power(it: Power) -> String {
    format!("{} (± {} points)", percent(it.share), number(it.std_error * 100.0))
}

pub(super) fn teams(n: u32) -> String {
    counted(n as usize, "team", "teams")
}

pub(super) fn days(n: u32) -> String {
    counted(n as usize, "day", "days")
}

/// The plan in a sentence or two.
pub(super) fn head(report: &PlanReport) -> String {
    let plan = &report.plan;
    let question = &plan.question;
    let Some(offered) = plan.offered() else {
        let could = teams_needed(plan).map_or(String::new(), |it| format!("; {} could", teams(it)));
        return format!(
            "Refused: with {} no design that this treatment allows can show anything{could}.",
            teams(question.n_teams)
        );
    };
    let what =
        format!("{}, {}, {}", design(offered.design), teams(question.n_teams), days(question.days));
    match plan.power() {
        Some(it) => format!(
            "{what}: a {} cut of the time to fix is seen in {} of pilots; {} are wanted.",
            percent(question.effect),
            percent(it.share),
            percent(question.power)
        ),
        None => format!(
            "{what}: how often a cut is seen cannot be told, since the past cannot be replayed with this design."
        ),
    }
}

/// The fewest teams with which some design of the treatment could show something.
pub(super) fn teams_needed(plan: &Plan) -> Option<u32> {
    let needed = |it: &Choice| match it.refusal? {
        Refusal::CannotReachAlpha { teams_needed, .. } | Refusal::TooFewTeams { teams_needed } => {
            (it.design != PilotDesign::Observational).then_some(teams_needed)
        }
    };
    plan.choices.iter().filter_map(needed).min()
}

pub(super) fn design(it: PilotDesign) -> &'static str {
    match it {
        PilotDesign::InsideTeam => "Findings drawn inside teams",
        PilotDesign::MatchedPairs => "Matched pairs of teams",
        PilotDesign::TeamRandomized => "Half of the teams drawn",
        PilotDesign::RingWaves => "Ring waves in drawn order",
        PilotDesign::Switchback => "Weeks drawn inside teams",
        PilotDesign::Observational => "Chosen teams",
    }
}

/// Why a design is not offered, in a sentence.
pub(super) fn refusal(it: &Choice) -> Option<String> {
    let name = design(it.design);
    Some(match it.refusal? {
        Refusal::CannotReachAlpha { min_p, teams_needed } => format!(
            "{name}: the smallest p that these teams can show is {min_p:.3}, so no result could count; {} could.",
            teams(teams_needed)
        ),
        Refusal::TooFewTeams { teams_needed } => {
            format!("{name}: nothing is run with fewer than {}.", teams(teams_needed))
        }
    })
}

/// What is known of a design, in a few words.
pub(super) fn choice(it: &Choice) -> String {
    if let Some(refusal) = refusal(it) {
        return format!("refused. {refusal}");
    }
    match (&it.replay, it.formula) {
        (Some(replay), formula) => {
            let formula =
                formula.map_or(String::new(), |it| format!("; by formula {}", percent(it.power)));
            format!(
                "seen in {}{formula}; {} findings, {} fixed",
                power(replay.power),
                number(replay.n_findings.round()),
                number(replay.n_fixed.round())
            )
        }
        (None, _) if it.design == PilotDesign::Observational => {
            "not drawn, so at best it supports and never confirms".to_owned()
        }
        (None, _) => "not replayed: its power is not told".to_owned(),
    }
}

/// What the wanted cut would need if findings had nothing to do with each other.
pub(super) fn needed(plan: &Plan) -> String {
    let (it, question) = (&plan.needed, &plan.question);
    let count = |it: f64| number(it.ceil());
    format!(
        "If findings had nothing to do with each other, a {} cut would need {} fixes: {} findings in {}, or {} if all were watched for 30 days more (half are fixed after {} days, at the pace of the first 60 days).",
        percent(question.effect),
        count(it.n_events),
        count(it.n_findings),
        days(question.days),
        count(it.n_findings_with_follow_up),
        number(it.half_life)
    )
}

/// What was drawn from.
pub(super) fn past(report: &PlanReport) -> String {
    let (it, plan) = (&report.plan.facts, &report.plan);
    let median = it.median.map_or("not reached".to_owned(), |it| format!("{} days", number(it)));
    let theta = if it.is_theta_usual { ", assumed" } else { "" };
    format!(
        "{}; scope {}: {} of {} in {} weeks, {} fixed (median {median}); {} new by team and week; variance between teams {:.2}{theta}; {} replays with seed {}; looks wait for {} fixes",
        report.subject,
        report.scope,
        counted(it.n_findings, "opportunity", "opportunities"),
        counted(it.n_teams, "team", "teams"),
        it.n_weeks,
        it.n_fixed,
        number(it.per_team_week),
        it.theta,
        number(plan.question.n_runs as f64),
        plan.question.seed,
        fixloop_experiment::MIN_FIXES
    )
}
