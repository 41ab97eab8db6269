//! Queries of predictions, asked of the stored data and frozen.

use std::collections::BTreeMap;
use std::process::ExitCode;

use fixloop_model::Opportunity;
use fixloop_pilot::{Mirrors, Targets};
use fixloop_program::alerts::Alert;
use fixloop_program::evidence::ceiling::{Stage, ceiling};
use fixloop_program::evidence::not_useful::{ShownExposure, not_useful};
use fixloop_program::evidence::{
    Evidence, Lines, known_at_introduction, late_alerts, upgrade_regressions,
};
use fixloop_program::record::{
    Answer, EvidenceKind, Filed, ObjectId, Prediction, Query, Record, Refusal, Stance,
};
use fixloop_store::Writing;
use fixloop_telemetry::{Kind, Mode};
use serde_json::json;
use thiserror::Error;

use crate::alerts_file;
use crate::commands::evidence::{document, evidence_text};
use crate::commands::experiment::pilot;
use crate::data::{Data, basis, instant, refused};
use crate::error::CommandError;
use crate::mined::Mined;
use crate::output::{Format, print};

#[derive(Debug, Error)]
enum AnswerError {
    #[error("{0} is no answer of a query, so there is nothing to ask again")]
    NoAnswer(ObjectId),
}

/// Asks every prediction of a hypothesis, and files the answers. No if a repository could not be read.
pub(super) fn ask(data: &mut Data, problem: ObjectId) -> Result<bool, CommandError> {
    let record = data.record()?;
    let it = record.problem(problem).map_err(refused)?;
    if it.predictions.is_empty() {
        let way_out = format!("fixloop hypothesis frame {problem} --predict QUERY");
        return Err(refused(Refusal::new(format!("{problem} predicts nothing yet"), way_out)));
    }
    let mined = data.mine(None)?;
    mined.expect_any()?;
    ask_of(data, problem, &mined)?;
    mined.tell_cache_faults();
    Ok(!mined.has_unknown())
}

/// The same of what was mined already.
pub(crate) fn ask_of(
    data: &mut Data,
    problem: ObjectId,
    mined: &Mined,
) -> Result<(), CommandError> {
    let record = data.record()?;
    let predictions = record.problem(problem).map_err(refused)?.predictions.clone();
    let alerts = alerts(data)?;
    let mut filed = Vec::new();
    let mut files = Vec::new();
    for prediction in &predictions {
        let (answer, evidence, file) = answer(data, prediction, mined, alerts.as_deref())?;
        if data.format == Format::Text {
            print(|out| {
                evidence_text(&evidence, mined, out)?;
                writeln!(out)
            })?;
        }
        filed.push(as_filed(problem, prediction, answer));
        files.push(file);
    }
    let changes = data.change(|record| file(record, filed, files))?;
    let ids: Vec<ObjectId> =
        changes.iter().map(|it| it.object).filter(|it| *it != problem).collect();
    if data.format == Format::Json {
        data.show(&ids)?;
    } else {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        data.say(&format!("frozen as {}", ids.join(", ")))?;
    }
    Ok(())
}

/// The first piece moves the hypothesis to gathering; each further one is filed after it.
fn file(record: &Record, filed: Vec<Filed>, files: Vec<Vec<u8>>) -> Result<Writing, Refusal> {
    let mut changes = Vec::new();
    for (n, it) in (0..).zip(filed) {
        let mut made = record.file_evidence(it)?;
        // Ids are of the record before: each piece takes the next one.
        let Some(mut piece) = made.pop() else { continue };
        piece.object = ObjectId::new(piece.object.kind(), piece.object.number() + n);
        if n == 0 {
            changes.append(&mut made);
        }
        changes.push(piece);
    }
    Ok(Writing { files, changes })
}

pub(crate) fn alerts(data: &Data) -> Result<Option<Vec<Alert>>, CommandError> {
    let own = data.folder.join("alerts.json");
    let path = if own.exists() { Some(own) } else { alerts_file::default_path() };
    Ok(path.map(|it| alerts_file::read(&it)).transpose()?.flatten())
}

fn as_filed(problem: ObjectId, prediction: &Prediction, answer: Answer) -> Filed {
    let stance = match &*answer.verdict {
        "supported" if !prediction.query.is_ceiling() => Stance::For,
        "rejected" => Stance::Against,
        _ => Stance::Neither,
    };
    Filed {
        problem,
        kind: EvidenceKind::Telemetry,
        stance,
        strength: 3,
        words: format!("{}: {}", prediction.query.as_str(), answer.verdict),
        answer: Some(answer),
        interview: None,
        source: None,
    }
}

fn answer(
    data: &mut Data,
    prediction: &Prediction,
    mined: &Mined,
    alerts: Option<&[Alert]>,
) -> Result<(Answer, Evidence, Vec<u8>), CommandError> {
    let lines = Lines::new(prediction.kill, prediction.confirm)?;
    let evidence = asked(data, prediction.query, mined, alerts, lines)?;
    let document = document(&evidence, mined);
    let file = format!("{document:#}\n").into_bytes();
    let settings = json!({
        "kill": prediction.kill,
        "confirm": prediction.confirm,
        "min_n": prediction.min_n,
        "definition": evidence.definition,
    });
    let answer = Answer {
        prediction: prediction.name.clone(),
        x: evidence.measure.x,
        n: evidence.measure.n,
        share: evidence.measure.share,
        interval: evidence.measure.interval.map(|it| (it.lower, it.upper)),
        verdict: evidence.verdict.as_str().to_owned(),
        reason: evidence.reason.clone(),
        n_teams: evidence.measure.teams.len(),
        basis: basis((prediction.query.as_str(), &settings), instant(mined.cut), Some(&file)),
    };
    Ok((answer, evidence, file))
}

fn asked(
    data: &mut Data,
    query: Query,
    mined: &Mined,
    alerts: Option<&[Alert]>,
    lines: Lines,
) -> Result<Evidence, CommandError> {
    let counted: Vec<&Opportunity> = mined.counted().collect();
    let of = mined.evidence(&counted);
    Ok(match query {
        Query::KnownAtIntroduction => known_at_introduction::known_at_introduction(of, lines),
        Query::UpgradeRegressions => upgrade_regressions::upgrade_regressions(of, lines),
        Query::LateAlerts => late_alerts::late_alerts(of, alerts, lines),
        Query::CeilingDetect => ceiling(of, Stage::Detect, alerts, lines),
        Query::CeilingReact => ceiling(of, Stage::React, alerts, lines),
        Query::CeilingLand => ceiling(of, Stage::Land, alerts, lines),
        Query::CeilingFirstReference => ceiling(of, Stage::FirstReference, alerts, lines),
        Query::NotUseful => {
            let (shown, n_unjoined) = shown(data, mined)?;
            not_useful(&shown, n_unjoined, lines)
        }
    })
}

/// What editors showed, by team, and what somebody said of it; and how many exposures are of no known team.
fn shown(data: &mut Data, mined: &Mined) -> Result<(Vec<ShownExposure>, usize), CommandError> {
    let events = pilot::events(data, instant(mined.cut))?;
    let repositories = pilot::repositories(data, mined)?;
    let mirrors = Mirrors {
        repositories: &repositories,
        exposures: &mined.exposures,
        opportunities: &mined.opportunities,
    };
    let targets = Targets::of(&data.store.organization().key, &mirrors);
    let mut of_exposure: BTreeMap<_, (Option<&str>, Option<&'static str>)> = BTreeMap::new();
    for event in &events {
        let Some(subject) = event.subject.as_ref().filter(|it| it.mode == Mode::Alert) else {
            continue;
        };
        let team = || {
            let place = targets.target(subject.target?)?;
            Some(targets.team(place.repository))
        };
        let key = (event.source, subject.exposure);
        match &event.kind {
            Kind::AlertShown => of_exposure.entry(key).or_insert((team(), None)).0 = team(),
            Kind::NotUseful { reason, .. } => {
                of_exposure.entry(key).or_insert((team(), None)).1 = Some(reason.as_str());
            }
            _ => {}
        }
    }
    let n_all = of_exposure.len();
    let shown: Vec<ShownExposure> = of_exposure
        .into_values()
        .filter_map(|(team, not_useful)| Some(ShownExposure { team: team?.to_owned(), not_useful }))
        .collect();
    let n_unjoined = n_all - shown.len();
    Ok((shown, n_unjoined))
}

/// Asks again up to the same cut. Exit code 1 if the answer is another one: histories were rewritten, advisories changed, or the build did.
pub(super) fn rerun(data: &mut Data, id: ObjectId) -> Result<ExitCode, CommandError> {
    let record = data.record()?;
    let filed = &record.evidence_of(id).map_err(refused)?.filed;
    let Some(frozen) = &filed.answer else { return Err(AnswerError::NoAnswer(id).into()) };
    let problem = record.problem(filed.problem).map_err(refused)?;
    let Some(prediction) = problem.prediction(&frozen.prediction) else {
        return Err(AnswerError::NoAnswer(id).into());
    };
    let mined = data.mine(Some(frozen.basis.cut))?;
    let alerts = alerts(data)?;
    let (now, ..) = answer(data, prediction, &mined, alerts.as_deref())?;
    let is_same = now == *frozen;
    if data.format == Format::Json {
        let document = json!({ "id": id, "is_same": is_same, "frozen": frozen, "now": now });
        print(|out| writeln!(out, "{document:#}"))?;
    } else if is_same {
        data.say(&format!("{id}: the same answer, from the data up to {}", frozen.basis.cut))?;
    } else {
        data.say(&format!(
            "{id}: another answer now. Frozen: {} of {} ({}). Now: {} of {} ({}).",
            frozen.x, frozen.n, frozen.verdict, now.x, now.n, now.verdict
        ))?;
        data.say("The frozen one stays. Histories were rewritten, advisories changed, or this is another build.")?;
    }
    Ok(ExitCode::from(u8::from(!is_same)))
}
