//! Problem hypotheses, with what speaks for and against them.

use fixloop_program::record::{
    Answer, EvidenceKind, FiledEvidence, Prediction, Problem, ProblemState, Record, Stance,
    read_problem,
};
use fixloop_program::{number, percent};

use super::{Card, Group};
use crate::program::words::{basis, day, interval, when};
use crate::readout::words::CANNOT_TELL;

const HEAD: &[&str] = &["Id", "Kind", "Filed", "What", "Numbers", "Answered or retracted"];

pub(super) fn problems(record: &Record) -> Group {
    Group {
        key: "hypotheses",
        title: "Problem hypotheses",
        nothing: "No hypothesis yet: fixloop hypothesis create.",
        cards: record.problems.values().map(|it| problem(record, it)).collect(),
    }
}

fn problem(record: &Record, it: &Problem) -> Card {
    let reading = read_problem(record, it);
    let reads = match reading.verdict {
        Some(verdict) => format!("{}: {}", verdict.as_str(), reading.reasons.join("; ")),
        None => "cannot be judged yet".to_owned(),
    };
    let about = |stance: Stance| {
        let of_it = record.evidence_about(it.id).filter(move |it| it.filed.stance == stance);
        of_it.map(row).collect::<Vec<_>>()
    };
    // Once it is decided, how it would read anew is of no use.
    let is_open = !matches!(it.state, ProblemState::Rejected | ProblemState::Confirmed);
    let mut card = Card::new(it.id, it.state.as_str(), &it.believe)
        .maybe("verdict", it.verdict.as_ref())
        .pair("explains", it.key_result.to_string())
        .pair("insight", when(it.insight_at))
        .maybe("replaces", it.supersedes.map(|it| it.to_string()))
        .pair("assumes", it.assumptions.join("; "));
    if is_open {
        card = card
            .pair("the evidence reads", reads)
            .pair("missing", reading.missing.join("; "))
            .pair("next", &reading.next);
    }
    card.table(
        "Predictions, fixed before anything was asked",
        &["Name", "Query", "Kill line", "Confirm line", "At least", "Latest answer"],
        it.predictions.iter().map(|of| prediction(record, it, of)).collect(),
    )
    .table("Evidence for it", HEAD, about(Stance::For))
    .table("Evidence against it", HEAD, about(Stance::Against))
    .table("Evidence that decides nothing", HEAD, about(Stance::Neither))
    .table(
        "Interviews",
        &["Id", "Date", "Team", "Stance", "Raised unprompted", "Bothered", "In their words"],
        record
            .interviews_about(it.id)
            .map(|it| {
                let notes = &it.notes;
                vec![
                    it.id.to_string(),
                    notes.date.to_string(),
                    notes.team.clone(),
                    notes.stance.as_str().to_owned(),
                    yes_or_no(notes.is_unprompted),
                    yes_or_no(notes.is_bothered),
                    notes.quotes.first().cloned().unwrap_or_default(),
                ]
            })
            .collect(),
    )
    .with(&it.history)
}

fn prediction(record: &Record, problem: &Problem, it: &Prediction) -> Vec<String> {
    let answers = record
        .evidence_about(problem.id)
        .filter(|it| it.counts())
        .filter_map(|it| it.filed.answer.as_ref());
    let latest = answers.filter(|of| of.prediction == it.name).last();
    vec![
        it.name.clone(),
        it.query.as_str().to_owned(),
        percent(it.kill),
        percent(it.confirm),
        format!("{} cases", it.min_n),
        latest.map_or_else(
            || "not asked".to_owned(),
            |it| format!("{}: {}", it.verdict, numbers(it)),
        ),
    ]
}

/// Never without its interval.
fn numbers(it: &Answer) -> String {
    let share = it.share.map_or_else(|| CANNOT_TELL.to_owned(), percent);
    let limits = interval(it.interval, "share");
    let reason = it.reason.as_deref().map_or_else(String::new, |it| format!("; {it}"));
    format!(
        "{share} ({limits}), {} of {}, {} teams{reason}",
        number(it.x),
        number(it.n),
        it.n_teams
    )
}

fn kind(it: EvidenceKind) -> &'static str {
    match it {
        EvidenceKind::Telemetry => "telemetry",
        EvidenceKind::Interview => "interview",
        EvidenceKind::Analysis => "analysis",
        EvidenceKind::Document => "document",
    }
}

fn row(it: &FiledEvidence) -> Vec<String> {
    let filed = &it.filed;
    vec![
        it.id.to_string(),
        kind(filed.kind).to_owned(),
        it.filed_at().map_or_else(String::new, day),
        filed.words.clone(),
        filed.answer.as_ref().map_or_else(String::new, numbers),
        since(it),
    ]
}

/// What was done with it since it was filed.
fn since(it: &FiledEvidence) -> String {
    let why = it.history.last().and_then(|it| it.why.as_deref()).unwrap_or_default();
    match &it.answered {
        _ if !it.counts() => format!("retracted: {why}"),
        Some(how) => format!("answered: {how}"),
        None => String::new(),
    }
}

fn yes_or_no(it: Option<bool>) -> String {
    match it {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not noted",
    }
    .to_owned()
}

pub(super) fn evidence(record: &Record) -> Group {
    let cards = record.evidence.values().map(|it| {
        let filed = &it.filed;
        let answer = filed.answer.as_ref();
        Card::new(it.id, it.state, &filed.words)
            .pair("about", filed.problem.to_string())
            .pair("kind", kind(filed.kind))
            .pair("speaks", filed.stance.as_str())
            .pair("strength", format!("{} of 3", filed.strength))
            .maybe("interview", filed.interview.map(|it| it.to_string()))
            .maybe("source", filed.source.as_ref())
            .maybe("prediction", answer.map(|it| &it.prediction))
            .maybe("verdict by the lines", answer.map(|it| &it.verdict))
            .maybe("numbers", answer.map(numbers))
            .maybe("frozen", answer.map(|it| basis(&it.basis)))
            .pair("since", since(it))
            .with(&it.history)
    });
    Group {
        key: "evidence",
        title: "Evidence",
        nothing: "No evidence yet: fixloop hypothesis evidence.",
        cards: cards.collect(),
    }
}

pub(super) fn interviews(record: &Record) -> Group {
    let list = |items: &[String]| items.iter().map(|it| vec![it.clone()]).collect::<Vec<_>>();
    let cards = record.interviews.values().map(|it| {
        let notes = &it.notes;
        let title = format!("{}, {}: {}", notes.team, notes.date, notes.stance.as_str());
        Card::new(it.id, it.state, &title)
            .pair("about", notes.problem.to_string())
            .maybe("interviewee", notes.interviewee.as_ref())
            .maybe("role", notes.role.as_ref())
            .maybe("interviewer", notes.interviewer.as_ref())
            .maybe("note taker", notes.note_taker.as_ref())
            .maybe("medium", notes.medium.as_ref())
            .pair("raised unprompted", yes_or_no(notes.is_unprompted))
            .pair("visibly bothered", yes_or_no(notes.is_bothered))
            .maybe("debrief", notes.debrief.as_ref())
            .table("In their words", &["Quote"], list(&notes.quotes))
            .table("What they did the last time", &["Note"], list(&notes.past_behavior))
            .table("Workarounds", &["Note"], list(&notes.workarounds))
            .table("Surprises", &["Note"], list(&notes.surprises))
            .table("Referrals", &["Note"], list(&notes.referrals))
            .table("Against the rules of interviewing", &["Where and what"], list(&notes.lints))
            .with(&it.history)
    });
    Group {
        key: "interviews",
        title: "Interviews",
        nothing: "No interview yet: fixloop interview candidates.",
        cards: cards.collect(),
    }
}
