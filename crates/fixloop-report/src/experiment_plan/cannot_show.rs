//! What a pilot cannot show, said before it starts: sentences with numbers.

use fixloop_experiment::{
    Choice, Formula, LARGEST_EFFECT, MIN_PAST_TEAMS, MIN_TEAMS_PLANNED, PilotDesign, Plan, Reach,
    Variation,
};

use super::PlanReport;
use super::words::{days, design, percent, power, refusal, teams};
use crate::readout::words::counted;

pub(super) fn cannot_show(report: &PlanReport) -> Vec<String> {
    let plan = &report.plan;
    let mut told = Vec::new();
    if let Some(offered) = plan.offered() {
        told.extend(effect(report));
        told.extend(more_teams(plan));
        told.extend(more_days(plan, offered));
        told.push(sound_only(offered.design).to_owned());
    }
    told.extend(plan.choices.iter().filter_map(refusal));
    told.extend(reach(report));
    told.extend(past(plan));
    told
}

fn effect(report: &PlanReport) -> Vec<String> {
    let plan = &report.plan;
    let question = &plan.question;
    let Some(of) = plan.power() else {
        return vec![
            "How often an effect is seen is not told: this design was not replayed.".to_owned(),
        ];
    };
    let pilot = format!("{} and {}", teams(question.n_teams), days(question.days));
    let mut told = vec![format!(
        "With {pilot} a {} cut is seen in {} of pilots; in the others it ends with \"cannot tell\", though the cut is there.",
        percent(question.effect),
        power(of)
    )];
    match plan.outlook.smallest_effect {
        Some(it) => {
            told.push(format!(
                "A cut of less than {} is missed more often than in {} of pilots.",
                percent(it),
                percent(1.0 - question.power)
            ));
            if it > report.worthwhile {
                told.push(format!(
                    "So \"nothing seen\" does not mean that a cut of {}, the smallest that is worth the trouble, is not there.",
                    percent(report.worthwhile)
                ));
            }
        }
        None => told.push(format!(
            "Not even a {} cut is seen in {} of pilots.",
            percent(LARGEST_EFFECT),
            percent(question.power)
        )),
    }
    told
}

fn more_teams(plan: &Plan) -> Vec<String> {
    let (question, mut told) = (&plan.question, Vec::new());
    let enough = plan.power().is_none_or(|it| it.share >= question.power);
    if question.n_teams < MIN_TEAMS_PLANNED
        && plan.offered().is_some_and(|it| it.design.draws_teams())
    {
        told.push(format!(
            "{} can be run; a comparison of teams is planned with {} or more.",
            teams(question.n_teams),
            MIN_TEAMS_PLANNED
        ));
    }
    let Some(last) = plan.outlook.over_teams.last().filter(|_| !enough) else { return told };
    if let Some(n) = plan.teams_to_decision() {
        told.push(format!(
            "{} would see it in {}, in the same {}.",
            teams(n),
            percent(last.power.share),
            days(question.days)
        ));
    } else {
        told.push(format!(
            "Even {} would see it in {} only, in the same {}.",
            teams(last.n),
            percent(last.power.share),
            days(question.days)
        ));
    }
    told
}

fn more_days(plan: &Plan, offered: &Choice) -> Option<String> {
    let question = &plan.question;
    if plan.power()?.share >= question.power {
        return None;
    }
    let longer: Vec<&Variation> =
        plan.outlook.over_days.iter().filter(|it| it.n > question.days).collect();
    let best = longer.iter().map(|it| it.power.share).fold(0.0, f64::max);
    // A formula that knows less than the replay is not shown beside it.
    let is_told = |it: &Formula| it.floor >= best && it.floor < question.power;
    let floor = offered.formula.filter(|it| offered.design.draws_teams() && is_told(it)).map(|it| {
        format!(
            "with days without end, by formula, {}, and a cut of less than {} stays out of reach: more days cannot replace teams",
            percent(it.floor),
            percent(it.floor_effect)
        )
    });
    let listed =
        longer.iter().map(|it| format!("{} see it in {}", days(it.n), percent(it.power.share)));
    let listed: Vec<String> = listed.chain(floor).collect();
    if listed.is_empty() {
        return None;
    }
    Some(format!("More days with the same teams: {}.", listed.join("; ")))
}

/// What has to hold for the design's result to mean what it says.
fn sound_only(it: PilotDesign) -> &'static str {
    match it {
        PilotDesign::InsideTeam => {
            "Sound only for a treatment that stays with its finding: if people learn from treated findings and fix the others sooner, too, the effect looks smaller than it is. It speaks of these teams, and not of how it works where everybody has it."
        }
        PilotDesign::MatchedPairs | PilotDesign::TeamRandomized => {
            "Sound only if teams do not fix for each other: teams of one platform are assigned together, and what is fixed centrally for all is left out."
        }
        PilotDesign::RingWaves => {
            "Sound only inside each period: what changes over time for everybody is no effect, and a team that has had the treatment is no control any more."
        }
        PilotDesign::Switchback => {
            "Sound only for a gate that leaves nothing behind: closed findings do not come back, so a week without it is not as before."
        }
        PilotDesign::Observational => {
            "Teams were not drawn: what made somebody choose them is in the result, and it confirms nothing."
        }
    }
}

fn reach(report: &PlanReport) -> Vec<String> {
    let effect = report.plan.question.effect;
    let mut told = Vec::new();
    let says = |it: &Reach| {
        let share = it.share()?;
        let of_days = it
            .share_of_days()
            .map_or(String::new(), |it| format!(" and {} of open days", percent(it)));
        Some(format!("{} of opportunities{of_days}", percent(share)))
    };
    if report.scope != "all"
        && let Some(share) = says(&report.reach)
    {
        let most = report.reach.share_of_days().or(report.reach.share()).unwrap_or(0.0) * effect;
        told.push(format!(
            "The scope reaches {share}: a {} cut there takes at most about {} off the open days of all.",
            percent(effect),
            percent(most)
        ));
    }
    if report.scope != "at-introduction"
        && let Some(share) = report.first_reference.as_ref().and_then(says)
    {
        told.push(format!(
            "Shown only at the first reference, an alert could reach {share}; the rest was disclosed later and needs alerts on what is present."
        ));
    }
    if report.reach.n_cannot_tell > 0 {
        told.push(format!(
            "Of {} more nobody can tell whether the scope holds them: they are in no number.",
            counted(report.reach.n_cannot_tell, "opportunity", "opportunities")
        ));
    }
    told
}

fn past(plan: &Plan) -> Vec<String> {
    let (facts, question, mut told) = (&plan.facts, &plan.question, Vec::new());
    let n_past = counted(facts.n_teams, "team", "teams");
    if facts.is_theta_usual {
        told.push(format!(
            "The past has {n_past}; fewer than {MIN_PAST_TEAMS} do not tell how teams differ, so a usual difference (variance {}) was added.",
            facts.theta
        ));
    }
    if question.n_teams as usize > facts.n_teams {
        told.push(format!(
            "The past has {n_past}, so {} were imagined as copies of them: others may differ more.",
            teams(question.n_teams)
        ));
    }
    if facts.watched_days < f64::from(question.days) {
        told.push(format!(
            "The past is short: what started in the weeks drawn could be watched for {} only, so later fixes are not in the replay.",
            days_of(facts.watched_days)
        ));
    }
    if plan.offered().is_some_and(|it| it.design.draws_teams()) {
        told.push(format!(
            "{} is replayed with teams that keep their pace; where teams change theirs, history explains less and power is lower.",
            design(plan.offered().map_or(PilotDesign::TeamRandomized, |it| it.design))
        ));
    }
    told
}

fn days_of(number: f64) -> String {
    let n = number.max(0.0).floor();
    if (n - 1.0).abs() < 0.5 { "1 day".to_owned() } else { format!("{n} days") }
}
