//! A running experiment joined with what editors said and mirrors hold, up to a cut.

use std::collections::BTreeMap;

use fixloop_fleet::{Fleet, FleetRepository, Status};
use fixloop_model::{Ending, Timestamp};
use fixloop_pilot::{
    Chain, GuardrailRow, MirroredRepository, Mirrors, Period, Pilot, Targets, chain, findings,
    guardrails, guardrails_csv, health, health_csv, join,
};
use fixloop_policy::{Arm, RepositoryId};
use fixloop_program::record::{Experiment, How, Record, Refusal, Registered, Running};
use fixloop_telemetry::Event;
use serde_json::{Value, json};
use thiserror::Error;

use super::frozen::{ASSIGNMENT, CHAIN, FINDINGS, GUARDRAILS, HEALTH, Inputs, LOOK, look_json};
use crate::commands::policy::team_of;
use crate::data::{Data, refused};
use crate::error::CommandError;
use crate::mined::Mined;

/// The guard whose numbers are in the findings.
const DISMISSAL: &str = "dismissal";

#[derive(Debug, Error)]
enum PilotError {
    #[error("the stored event `{id}` cannot be understood")]
    Event { id: String, source: serde_json::Error },
    #[error("the assignment of {0} is not in the data directory")]
    Assignment(String),
}

/// Everything that one look at an experiment is made of.
pub(crate) struct Joining {
    pub(crate) pilot: Pilot,
    pub(crate) mined: Mined,
    pub(crate) repositories: Vec<MirroredRepository>,
    pub(crate) events: Vec<Event>,
}

/// Events that were collected, up to a cut.
pub(crate) fn events(data: &mut Data, cut: jiff::Timestamp) -> Result<Vec<Event>, CommandError> {
    let stored = data.store.events(cut.as_microsecond())?;
    let event = |it: fixloop_store::StoredEvent| {
        serde_json::from_str(&it.body)
            .map_err(|source| PilotError::Event { id: it.event_id, source }.into())
    };
    stored.into_iter().map(event).collect()
}

/// The fleet's repositories as keys are computed of them, with every file that was ever a target.
pub(crate) fn repositories(
    data: &Data,
    mined: &Mined,
) -> Result<Vec<MirroredRepository>, CommandError> {
    let fleet = Fleet::open(&data.folder.join("fleet"))?;
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (place, files) in &mined.target_files {
        if let Some(repository) = mined.repositories.get(*place) {
            paths.entry(&repository.name).or_default().extend(files.iter().cloned());
        }
    }
    let mirrored = fleet.repositories.iter().map(|it| MirroredRepository {
        name: it.name.clone(),
        id: RepositoryId::of_address(&it.url),
        team: team_of(it),
        paths: paths.remove(&*it.name).unwrap_or_default(),
    });
    Ok(mirrored.collect())
}

/// The teams that were drawn.
pub(crate) fn arms(
    record: &Record,
    experiment: &Experiment,
) -> Result<BTreeMap<String, Arm>, Refusal> {
    let rollout = record.rollout(experiment.rollout)?;
    let drawn = rollout.ledger.iter().filter(|it| it.how == How::Drawn);
    Ok(drawn.map(|it| (it.team.clone(), it.arm)).collect())
}

impl Joining {
    pub(crate) fn at(
        data: &mut Data,
        record: &Record,
        running: &Running<'_>,
        cut: jiff::Timestamp,
    ) -> Result<Self, CommandError> {
        let mined = data.mine(Some(cut))?;
        let repositories = repositories(data, &mined)?;
        let events = events(data, cut)?;
        let rollout = record.rollout(running.experiment.rollout).map_err(refused)?;
        let treatment = record.treatment(rollout.plan.treatment).map_err(refused)?;
        let pilot = Pilot {
            started: Timestamp(running.started.at.as_microsecond()),
            cut: Timestamp(cut.as_microsecond()),
            bundle: running.started.bundle,
            history_days: running.registered.history_days,
            treatment: treatment.plan.data.clone(),
            arms: arms(record, running.experiment).map_err(refused)?,
        };
        Ok(Self { pilot, mined, repositories, events })
    }

    /// Repositories of drawn teams that had a mirror and cannot be read now: what happened in them is unknown.
    pub(crate) fn vanished(&self, data: &Data) -> Result<Vec<String>, CommandError> {
        let fleet = Fleet::open(&data.folder.join("fleet"))?;
        let is_lost = |it: &FleetRepository| {
            let read = self.mined.repositories.iter().find(|read| read.name == it.name);
            it.status != Status::Unknown
                && self.pilot.arms.contains_key(&team_of(it))
                && read.is_some_and(|it| it.history.is_err())
        };
        Ok(fleet.repositories.into_iter().filter(is_lost).map(|it| it.name).collect())
    }

    pub(crate) fn mirrors(&self) -> Mirrors<'_> {
        Mirrors {
            repositories: &self.repositories,
            exposures: &self.mined.exposures,
            opportunities: &self.mined.opportunities,
        }
    }

    pub(crate) fn chain(
        &self,
        data: &Data,
        record: &Record,
        experiment: &Experiment,
    ) -> Result<Chain, CommandError> {
        let mirrors = self.mirrors();
        let targets = Targets::of(&data.store.organization().key, &mirrors);
        let joined = join(&self.pilot, &targets, &mirrors, &self.events);
        let solution = record.solution(experiment.solution).map_err(refused)?;
        let leading = Some(&solution.plan.leading);
        Ok(chain(&self.pilot, &targets, &joined, &self.events, leading))
    }

    /// The files of a look.
    pub(crate) fn inputs(
        &self,
        data: &mut Data,
        (record, running): (&Record, &Running<'_>),
        day: f64,
    ) -> Result<Inputs, CommandError> {
        let chain = self.chain(data, record, running.experiment)?;
        let mirrors = self.mirrors();
        let targets = Targets::of(&data.store.organization().key, &mirrors);
        let joined = join(&self.pilot, &targets, &mirrors, &self.events);
        let found = findings(&self.pilot, &mirrors, &joined);
        let health = health(&self.pilot, &targets, &mirrors, &self.events);
        let assignment = data.store.file(&running.started.assignment)?;
        let id = running.experiment.id.to_string();
        let assignment = assignment.ok_or_else(|| PilotError::Assignment(id.clone()))?;
        let cut = crate::data::instant(self.pilot.cut).to_string();
        let look = look_json(&id, running.registered, day, &cut);
        let mut inputs: Inputs = [
            (FINDINGS, found.csv().into_bytes()),
            (ASSIGNMENT, assignment),
            (HEALTH, health_csv(&health).into_bytes()),
            (CHAIN, format!("{:#}\n", chain_json(&chain)).into_bytes()),
            (LOOK, format!("{look:#}\n").into_bytes()),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .into();
        let rows = guardrails(&self.pilot, &targets, &mirrors);
        let wanted = |name: &str| running.registered.guards.iter().any(|it| it == name);
        let mut rows: Vec<_> = rows.into_iter().filter(|it| wanted(it.guardrail)).collect();
        if wanted(DISMISSAL) {
            rows.extend(dismissals(&found));
        }
        inputs.insert(GUARDRAILS.to_owned(), guards_csv(running.registered, &rows).into_bytes());
        Ok(inputs)
    }
}

/// Exceptions are read from every mirror, so that a team without one is known to have none.
fn dismissals(found: &fixloop_pilot::Findings) -> Vec<GuardrailRow> {
    let mut of_team: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in found.rows.iter().filter(|it| it.period == Period::During) {
        let sums = of_team.entry(&row.team).or_default();
        *sums = (sums.0 + usize::from(row.status == Ending::Suppressed), sums.1 + 1);
    }
    let row = |(team, (dismissed, findings)): (&str, (usize, usize))| GuardrailRow {
        guardrail: DISMISSAL,
        team: team.to_owned(),
        numerator: dismissed,
        denominator: findings,
    };
    of_team.into_iter().map(row).collect()
}

/// Only the guards that were registered; one without numbers is registered all the same, and not known.
fn guards_csv(registered: &Registered, rows: &[GuardrailRow]) -> String {
    let mut text = if rows.is_empty() {
        "guardrail,team,numerator,denominator\n".to_owned()
    } else {
        guardrails_csv(rows)
    };
    for guard in &registered.guards {
        let has_numbers = rows.iter().any(|it| it.guardrail == guard);
        if !has_numbers {
            text.push_str(guard);
            text.push_str(",,,\n");
        }
    }
    text
}

/// The chain as scripts read it: counts with denominators, and no verdict.
pub(crate) fn chain_json(chain: &Chain) -> Value {
    let count = |it: fixloop_pilot::Count| json!({ "n": it.n, "of": it.of });
    let arms = chain.arms.iter().map(|it| {
        json!({
            "arm": it.arm,
            "teams": it.n_teams,
            "delivered": count(it.delivered),
            "refused": it.n_refused,
            "repositories_seen": count(it.repositories_seen),
            "seen": count(it.seen),
            "acted": count(it.acted),
            "landed": count(it.landed),
            "prevented": count(it.prevented),
            "classes": it.classes,
            "first_counted": it.first_counted.map(|at| crate::data::instant(at).to_string()),
            "not_useful": it.not_useful,
            "comments": it.comments.iter().map(|(reason, words)| json!({ "reason": reason.as_str(), "words": words })).collect::<Vec<_>>(),
        })
    });
    let leading = chain.leading.as_ref().map(|it| {
        json!({
            "step": it.measure.step,
            "line": it.measure.line,
            "count": count(it.count),
            "reading": it.reading.as_str(),
            "readable_from": crate::data::instant(it.readable_from).to_string(),
        })
    });
    let words = |(why, n): (&fixloop_pilot::Unjoined, &usize)| (why.words().to_owned(), json!(n));
    json!({
        "arms": arms.collect::<Vec<_>>(),
        "leading": leading,
        "unjoined": {
            "events": chain.unjoinable.n_events,
            "events_by_reason": chain.unjoinable.events.iter().map(words).collect::<serde_json::Map<_, _>>(),
            "drafts": chain.unjoinable.n_drafts,
        },
    })
}
