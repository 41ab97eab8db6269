//! What is tried, where, and what came of it.

use fixloop_program::record::{
    Decision, Experiment, FrozenReadout, How, ObjectId, PivotKind, Record, Registered, Rollout,
    Selection, Solution, TreatmentKind, TreatmentRecord,
};
use fixloop_program::{number, percent};
use serde_json::Value;

use super::{Card, Group};
use crate::program::ProgramReport;
use crate::program::words::{day, short_hash, when};

pub(super) fn treatments(record: &Record) -> Group {
    let cards = record.treatments.values().map(|it| {
        let data = &it.plan.data;
        let reversible = if it.plan.is_reversible { "yes" } else { "no" };
        Card::new(it.id, it.state, &it.plan.name)
            .pair("kind", treatment_kind(it))
            .pair("version", data.version.to_string())
            .pair("surface, moment, mode, scope", format!(
                "{}, {}, {}, {}",
                data.surface, data.moment, data.mode, data.scope
            ))
            .maybe("from severity", data.threshold.map(|it| it.as_str()))
            .maybe("words", data.words.as_ref())
            .maybe("link", data.link.as_ref())
            .pair("can be taken back", reversible)
            .maybe("cost", it.plan.cost_days.map(fixloop_program::days))
            .with(&it.history)
    });
    Group {
        key: "treatments",
        title: "Treatments",
        nothing: "No treatment yet.",
        cards: cards.collect(),
    }
}

fn treatment_kind(it: &TreatmentRecord) -> &'static str {
    match it.plan.kind {
        TreatmentKind::IdeHint => "hint in the editor",
        TreatmentKind::PrComment => "comment on a pull request",
        TreatmentKind::AutoPr => "automatic pull request",
        TreatmentKind::BuildWarn => "warning in the build",
        TreatmentKind::BuildBreak => "broken build",
        TreatmentKind::Campaign => "campaign",
    }
}

pub(super) fn rings(record: &Record) -> Group {
    let cards = record.rings_in_order().into_iter().map(|it| {
        let selection = match it.plan.selection {
            Selection::Randomised => "randomized",
            Selection::Chosen => "chosen",
            Selection::Volunteer => "volunteers",
        };
        Card::new(it.id, it.state.as_str(), &it.plan.name)
            .pair("number", it.plan.ordinal.to_string())
            .pair("teams", it.plan.teams.join(", "))
            .pair("selection", selection)
            .with(&it.history)
    });
    Group { key: "rings", title: "Rings", nothing: "No ring yet.", cards: cards.collect() }
}

pub(super) fn solutions(record: &Record) -> Group {
    Group {
        key: "solutions",
        title: "Solution hypotheses",
        nothing: "No solution hypothesis yet: fixloop solution create.",
        cards: record.solutions.values().map(|it| solution(record, it)).collect(),
    }
}

fn solution(record: &Record, it: &Solution) -> Card {
    let plan = &it.plan;
    let treatment = record.treatments.get(&plan.treatment.number()).map(|it| &*it.plan.name);
    let ring = record.rings.get(&plan.ring.number()).map(|it| &*it.plan.name);
    let title = format!(
        "If {} for {} then {} changes by at least {} within {} days because {}",
        treatment.unwrap_or("an unknown treatment"),
        ring.unwrap_or("an unknown ring"),
        plan.metric,
        percent(plan.worthwhile),
        plan.within_days,
        plan.because
    );
    let leading = &plan.leading;
    Card::new(it.id, it.state.as_str(), &title)
        .pair("answers", plan.problem.to_string())
        .pair("treatment", plan.treatment.to_string())
        .pair("ring", plan.ring.to_string())
        .pair("guard metrics", plan.guards.join(", "))
        .pair(
            "leading measure",
            format!(
                "{} at least {} of the step before, read within {} hours",
                leading.step,
                percent(leading.line),
                leading.within_hours
            ),
        )
        .maybe("next", it.next.map(|it| it.to_string()))
        .with(&it.history)
}

pub(super) fn rollouts(record: &Record) -> Group {
    Group {
        key: "rollouts",
        title: "Rollouts",
        nothing: "No rollout yet: fixloop rollout plan.",
        cards: record.rollouts.values().map(|it| rollout(record, it)).collect(),
    }
}

fn rollout(record: &Record, it: &Rollout) -> Card {
    let ring = |id: &ObjectId| {
        let known = record.rings.get(&id.number());
        known.map_or_else(|| id.to_string(), |it| it.plan.name.clone())
    };
    let live: Vec<String> = it.live_rings.iter().map(ring).collect();
    let how = |it: How| match it {
        How::Drawn => "drawn by an experiment",
        How::Hash => "by hash",
        How::Hand => "by hand",
    };
    let row = |row: &fixloop_program::record::AssignmentRow| {
        vec![row.team.clone(), ring(&row.ring), row.arm.to_string(), how(row.how).to_owned()]
    };
    let title = format!("{} by {}", it.plan.treatment, it.plan.solution);
    Card::new(it.id, it.state.as_str(), &title)
        .pair("holdout", format!("{} of each ring's teams", percent(it.plan.holdout)))
        .pair("rings that have it", live.join(", "))
        .table(
            "Rules set aside",
            &["Who", "Rule", "Why"],
            it.overrides
                .iter()
                .map(|it| vec![it.who.as_str().to_owned(), it.rule.clone(), it.why.clone()])
                .collect(),
        )
        .table(
            "Ledger of assignments, each written once",
            &["Team", "Ring", "Arm", "How"],
            it.ledger.iter().map(row).collect(),
        )
        .with(&it.history)
}

pub(super) fn experiments(report: &ProgramReport<'_>) -> Group {
    Group {
        key: "experiments",
        title: "Experiments",
        nothing: "No experiment yet: fixloop experiment register.",
        cards: report.record.experiments.values().map(|it| experiment(report, it)).collect(),
    }
}

fn experiment(report: &ProgramReport<'_>, it: &Experiment) -> Card {
    let readouts = it.readouts.iter().filter_map(|id| report.record.readouts.get(&id.number()));
    let readouts = readouts.map(|of| {
        let frozen = &of.frozen;
        let planned = if frozen.is_planned { "" } else { " (not planned)" };
        vec![
            of.id.to_string(),
            format!("{}{planned}", number(frozen.day)),
            frozen.sentence.clone(),
            interval(report, frozen),
            format!("{}: {}", frozen.verdict, frozen.rule),
        ]
    });
    let title = format!("{} on {}", it.solution, it.rollout);
    let mut card = Card::new(it.id, it.state.as_str(), &title);
    if let Some(of) = &it.registered {
        card = registered(card, of);
    }
    if let Some(of) = &it.started {
        card = card.pair(
            "started",
            format!(
                "{}, {} teams, bundle {}, assignment {}",
                when(of.at),
                of.n_teams,
                of.bundle,
                short_hash(&of.assignment)
            ),
        );
    }
    card.maybe("first telemetry in each arm", it.first_telemetry.map(when))
        .maybe("plan that was read", it.plan.as_deref().map(short_hash))
        .maybe("decision", it.decision.map(|it| it.to_string()))
        .table(
            "Readouts, the oldest first",
            &["Id", "Day", "Says", "95 % interval", "By the rule"],
            readouts.collect(),
        )
        .table(
            "Changes of scope: each began the clock anew",
            &["When", "What"],
            it.scope_changes.iter().map(|it| vec![when(it.at), it.what.clone()]).collect(),
        )
        .with(&it.history)
}

fn registered(card: Card, it: &Registered) -> Card {
    let looks: Vec<String> = it.looks.iter().map(|it| number(*it)).collect();
    card.pair("design", &it.design)
        .pair("primary metric", &it.primary)
        .pair("error over all looks", percent(it.alpha))
        .pair("worthwhile", percent(it.worthwhile))
        .pair("looks on days", looks.join(", "))
        .pair("means and shares up to", fixloop_program::days(it.horizon))
        .pair("history before the start", format!("{} days", it.history_days))
        .pair("guardrails", it.guards.join(", "))
        .pair("question", short_hash(&it.analysis_hash))
}

/// Of the frozen document: treated times as a share of the control's.
fn interval(report: &ProgramReport<'_>, frozen: &FrozenReadout) -> String {
    let Some(document) = report.documents.get(&frozen.document) else {
        return "in the frozen document".to_owned();
    };
    let document = document.get("experiment").unwrap_or(document);
    let of = |pointer: &str| document.pointer(pointer).and_then(Value::as_f64);
    match (of("/interval/low"), of("/interval/high"), of("/time_ratio")) {
        (Some(low), Some(high), best) => {
            let best = best.map_or_else(String::new, |it| format!(", best guess {}", percent(it)));
            format!("{} to {} of the control's time{best}", percent(low), percent(high))
        }
        (Some(low), None, _) => format!("at least {} of the control's time", percent(low)),
        (None, Some(high), _) => format!("at most {} of the control's time", percent(high)),
        (None, None, _) => "no interval".to_owned(),
    }
}

pub(super) fn readouts(report: &ProgramReport<'_>) -> Group {
    let cards = report.record.readouts.values().map(|it| {
        let frozen = &it.frozen;
        let planned = if frozen.is_planned { "planned" } else { "not planned" };
        let inputs =
            frozen.inputs.iter().map(|(name, digest)| vec![name.clone(), digest.clone()]);
        Card::new(it.id, it.state, &frozen.sentence)
            .pair("of", frozen.experiment.to_string())
            .pair("look", format!("day {}, {planned}", number(frozen.day)))
            .pair("95 % interval", interval(report, frozen))
            .pair("by the rule", format!("{}: {}", frozen.verdict, frozen.rule))
            .pair("data until", when(frozen.cut))
            .pair("computed by", &frozen.method)
            .pair("question", &frozen.analysis_hash)
            .pair("document", &frozen.document)
            .table("Frozen files", &["Name", "SHA-256"], inputs.collect())
            .with(&it.history)
    });
    Group {
        key: "readouts",
        title: "Readouts",
        nothing: "No readout yet: fixloop experiment look.",
        cards: cards.collect(),
    }
}

pub(super) fn decisions(record: &Record) -> Group {
    Group {
        key: "decisions",
        title: "Decisions",
        nothing: "No decision yet: fixloop decision record.",
        cards: record.decisions.values().map(decision).collect(),
    }
}

fn decision(it: &Decision) -> Card {
    let decided = &it.decided;
    let names: Vec<&str> = decided.decided_by.iter().map(|it| it.as_str()).collect();
    let at = it.history.first().map_or_else(String::new, |it| format!(" on {}", day(it.when)));
    let title = format!("{}{at} by {}", decided.verdict.as_str(), names.join(", "));
    let pivot = decided.pivot.map(|it| match it {
        PivotKind::Problem => "another problem",
        PivotKind::Segment => "for others",
        PivotKind::Mechanism => "another mechanism",
        PivotKind::Metric => "another metric",
    });
    let dissent = decided.dissent.iter().map(|it| {
        vec![it.who.as_str().to_owned(), it.words.clone()]
    });
    Card::new(it.id, decided.verdict.as_str(), &title)
        .pair("on", format!("{} of {}", decided.readout, decided.experiment))
        .pair("recommended by the rule", format!("{}: {}", decided.recommended, decided.rule))
        .maybe("otherwise than recommended, because", decided.against_recommendation.as_ref())
        .maybe("pivot to", pivot)
        .maybe("opens", decided.next.map(|it| it.to_string()))
        .table("Dissent", &["Who", "Words"], dissent.collect())
        .with(&it.history)
}

pub(super) fn policy(record: &Record) -> Group {
    let policy = &record.policy;
    let state = if policy.kill_switch { "kill switch on: everything observes" } else { "live" };
    let title = format!("Bundle {}", policy.version());
    let built = policy.built.iter().map(|it| {
        vec![it.version.to_string(), when(it.expires_at), it.digest.clone()]
    });
    let card = Card::new(ObjectId::POLICY, state, &title)
        .table("Bundles", &["Version", "Expires", "SHA-256"], built.collect())
        .with(&policy.history);
    let is_there = !policy.history.is_empty();
    Group {
        key: "policy",
        title: "Policy",
        nothing: "No bundle yet: fixloop policy build.",
        cards: if is_there { vec![card] } else { Vec::new() },
    }
}
