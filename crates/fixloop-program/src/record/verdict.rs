//! How a problem hypothesis stands, by one rule: supported by telemetry, confirmed with interviews, rejected by either.

use super::evidence::{EvidenceKind, FiledEvidence, Stance};
use super::problem::{Prediction, Problem, ProblemState};
use super::{Interview, Record};

/// Interviews with what somebody did, before a hypothesis is confirmed.
const INTERVIEWS_TO_CONFIRM: usize = 5;

/// Interviews of which not one raises the problem unprompted, before that rejects it.
const INTERVIEWS_TO_REJECT: usize = 10;

/// What the evidence says, and what is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemReading {
    /// Supported, confirmed or rejected; nothing while none of them can be said.
    pub verdict: Option<ProblemState>,
    pub reasons: Vec<String>,
    /// What keeps it from the next verdict.
    pub missing: Vec<String>,
    /// The next command or deed.
    pub next: String,
}

/// Reads a hypothesis. The latest answer to each prediction counts, and what was retracted does not.
pub fn read_problem(record: &Record, problem: &Problem) -> ProblemReading {
    if problem.predictions.is_empty() {
        return ProblemReading {
            verdict: None,
            reasons: Vec::new(),
            missing: vec!["it predicts nothing: what will be seen if it is right?".to_owned()],
            next: if problem.state == ProblemState::Parked {
                format!("fixloop hypothesis create --supersedes {} takes it up again", problem.id)
            } else {
                format!("fixloop hypothesis frame {} --predict QUERY", problem.id)
            },
        };
    }
    let about: Vec<&FiledEvidence> =
        record.evidence_about(problem.id).filter(|it| it.counts()).collect();
    let interviews: Vec<&Interview> = about
        .iter()
        .filter_map(|it| record.interviews.get(&it.filed.interview?.number()))
        .collect();
    let telemetry = telemetry(problem, &about);
    if let Some(reason) = telemetry.rejected.or_else(|| nobody_raises_it(&interviews)) {
        return ProblemReading {
            verdict: Some(ProblemState::Rejected),
            reasons: vec![reason],
            missing: Vec::new(),
            next: format!(
                "fixloop hypothesis create --supersedes {} frames the next one",
                problem.id
            ),
        };
    }
    if !telemetry.missing.is_empty() {
        return ProblemReading {
            verdict: None,
            reasons: telemetry.supported,
            missing: telemetry.missing,
            next: format!("fixloop hypothesis evidence {} asks the stored data", problem.id),
        };
    }
    let missing = before_confirmed(&about, &interviews);
    let (verdict, next) = if missing.is_empty() {
        (ProblemState::Confirmed, "fixloop solution create".to_owned())
    } else {
        let next = "a reversible treatment may be piloted in the pilot ring now; fixloop interview candidates names whom to ask";
        (ProblemState::Supported, next.to_owned())
    };
    let mut reasons = telemetry.supported;
    if verdict == ProblemState::Confirmed {
        reasons.push(format!("{} interviews, every objection answered", interviews.len()));
    }
    ProblemReading { verdict: Some(verdict), reasons, missing, next }
}

#[derive(Default)]
struct Telemetry {
    rejected: Option<String>,
    supported: Vec<String>,
    missing: Vec<String>,
}

fn telemetry(problem: &Problem, about: &[&FiledEvidence]) -> Telemetry {
    let mut found = Telemetry::default();
    let mut n_supporting = 0;
    for prediction in &problem.predictions {
        let asks = |it: &&&FiledEvidence| {
            it.filed.answer.as_ref().is_some_and(|it| it.prediction == prediction.name)
        };
        let answer = about.iter().rfind(asks).and_then(|it| it.filed.answer.as_ref());
        let query = prediction.query.as_str();
        let Some(answer) = answer else {
            found.missing.push(format!("{} ({query}) was not asked", prediction.name));
            continue;
        };
        let said = said(prediction, answer.share, answer.interval);
        let is_enough = answer.n >= f64::from(prediction.min_n);
        match &*answer.verdict {
            "rejected" if is_enough => found.rejected = Some(format!("{query}: {said}")),
            "supported" if is_enough && !prediction.query.is_ceiling() => {
                n_supporting += 1;
                found.supported.push(format!("{query}: {said}"));
            }
            "cannot tell" => found.missing.push(format!(
                "{query} cannot tell: {}",
                answer.reason.as_deref().unwrap_or("there is nothing to count")
            )),
            // A ceiling that does not reject is all that a ceiling can say.
            _ if is_enough && prediction.query.is_ceiling() => {
                found.supported.push(format!("{query} does not reject it: {said}"));
            }
            _ if !is_enough => found
                .missing
                .push(format!("{query}: {} cases, {} were wanted", answer.n, prediction.min_n)),
            verdict => found.missing.push(format!("{query} is {verdict}: {said}")),
        }
    }
    if n_supporting == 0 && found.missing.is_empty() && found.rejected.is_none() {
        found.missing.push(
            "a ceiling can reject, and supports nothing: predict something that was seen"
                .to_owned(),
        );
    }
    found
}

fn said(prediction: &Prediction, share: Option<f64>, interval: Option<(f64, f64)>) -> String {
    let percent = |it: f64| crate::percent(it);
    let share = share.map_or_else(|| "cannot tell".to_owned(), percent);
    let interval = interval
        .map_or_else(String::new, |(from, to)| format!(" ({} to {})", percent(from), percent(to)));
    format!(
        "{share}{interval}, kill line {}, confirm line {}",
        percent(prediction.kill),
        percent(prediction.confirm)
    )
}

/// Nobody speaks of it before being asked: 0 of 10 still allows for 26 %, and of a problem that hurts one hears.
fn nobody_raises_it(interviews: &[&Interview]) -> Option<String> {
    let told: Vec<bool> = interviews.iter().filter_map(|it| it.notes.is_unprompted).collect();
    let is_silent = told.len() >= INTERVIEWS_TO_REJECT && !told.contains(&true);
    is_silent.then(|| format!("none of {} people raised it unprompted", told.len()))
}

fn before_confirmed(about: &[&FiledEvidence], interviews: &[&Interview]) -> Vec<String> {
    let mut missing = Vec::new();
    let n_past = interviews.iter().filter(|it| !it.notes.past_behavior.is_empty()).count();
    if n_past < INTERVIEWS_TO_CONFIRM {
        missing.push(format!(
            "{n_past} of {INTERVIEWS_TO_CONFIRM} interviews tell what somebody did the last time"
        ));
    }
    let n_for = interviews.iter().filter(|it| it.notes.stance == Stance::For).count();
    let n_against = interviews.iter().filter(|it| it.notes.stance == Stance::Against).count();
    if n_past >= INTERVIEWS_TO_CONFIRM && n_for <= n_against {
        missing.push(format!("{n_for} interviews speak for it and {n_against} against it"));
    }
    let open = about.iter().filter(|it| {
        it.filed.stance == Stance::Against
            && it.answered.is_none()
            && (it.filed.kind != EvidenceKind::Telemetry || it.filed.answer.is_none())
    });
    for it in open {
        missing.push(format!(
            "{} speaks against it and is not answered: \"{}\"",
            it.id, it.filed.words
        ));
    }
    missing
}
