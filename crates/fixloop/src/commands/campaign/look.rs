//! One look at how a campaign stands: every target's state from the mirrors, and the forecast.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_campaign::{
    Answer, BackTest, Counts, Forecast, Input, OpenTarget, PastFix, Said, Seen, Target, back_test,
    follow, forecast,
};
use fixloop_fleet::{Fleet, FleetRepository, Status};
use fixloop_model::Ending;
use fixloop_program::record::{Campaign, Look, Record, TargetCounts};
use fixloop_store::{Writing, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use super::matching::{Sources, answer, suspicious};
use super::rules::{Answers, Rule, answers};
use crate::commands::policy::team_of;
use crate::components::{reason, refreshed};
use crate::data::Data;
use crate::error::CommandError;

const SCHEMA: &str = "fixloop.campaign-targets/1";

#[derive(Debug, Error)]
pub(super) enum LookError {
    #[error("the targets of look `{0}` are not in the data directory, or damaged")]
    Targets(String),
}

/// The targets of a look, as they are frozen.
#[derive(Deserialize, Serialize)]
struct TargetsDocument {
    schema: String,
    campaign: String,
    at: i64,
    targets: Vec<Target>,
}

/// How a campaign stands.
pub(super) struct Looked {
    pub(super) at: jiff::Timestamp,
    pub(super) targets: Vec<Target>,
    pub(super) counts: Counts,
    /// Or why there is none.
    pub(super) forecast: Result<Forecast, String>,
    pub(super) back_test: BackTest,
    /// Ranges that come to nothing, to everything, or a package that nobody has.
    pub(super) warnings: Vec<String>,
    pub(super) n_repositories: usize,
}

/// What the mirrors say now of each target that a campaign is about.
pub(super) struct SeenNow {
    pub(super) seen: Vec<Seen>,
    pub(super) warnings: Vec<String>,
    n_repositories: usize,
}

pub(super) fn seen_now(
    data: &Data,
    record: &Record,
    campaign: &Campaign,
) -> Result<SeenNow, CommandError> {
    let fleet = fleet(data)?;
    let components = refreshed(&data.folder, &fleet)?;
    let index = &components.index;
    let plan = &campaign.plan;
    let sources = Sources::of(plan, &data.folder)?;
    let verdicts = sources.verdicts(index)?;
    let warnings = suspicious(&sources, index, &verdicts)?;
    let ecosystems: BTreeSet<String> = sources.packages()?.into_iter().map(|it| it.0).collect();
    let rules: Vec<Rule> =
        plan.rules.iter().map(|it| Rule::of(record, it)).collect::<Result<_, _>>()?;
    let mut by_rule = if rules.is_empty() {
        BTreeMap::new()
    } else {
        let there: Vec<FleetRepository> =
            fleet.repositories.iter().filter(|it| it.status != Status::Unknown).cloned().collect();
        answers(&data.folder, &rules, &there)?
    };
    let mut seen = Vec::new();
    for it in &fleet.repositories {
        let known = index.repository(&it.name);
        let mut of_it: BTreeMap<String, Answer> = BTreeMap::new();
        let mut fault = known.and_then(|known| known.unknown.clone());
        if known.is_none() {
            fault = Some("it is not in the component index".to_owned());
        }
        for target in known.iter().flat_map(|it| &it.targets) {
            if let Some(found) = answer(target, index, &verdicts, &ecosystems) {
                join(&mut of_it, target.path.clone(), found);
            }
        }
        match by_rule.remove(&it.name) {
            Some(Ok(found)) => found.into_iter().for_each(|(path, it)| join(&mut of_it, path, it)),
            Some(Answers::Err(reason)) => fault = Some(reason),
            None => {}
        }
        let committed_at = known.and_then(|it| it.committed_at);
        seen.extend(repository(it, of_it, fault, committed_at));
    }
    Ok(SeenNow { seen, warnings, n_repositories: fleet.repositories.len() })
}

pub(super) fn fleet(data: &Data) -> Result<Fleet, CommandError> {
    Fleet::open(&data.folder.join("fleet")).map_err(|error| {
        CommandError::from(error).hint(
            "fixloop fleet sync LIST --into DATA/fleet, or fixloop start FILE, makes the mirrors that say who is affected",
        )
    })
}

/// The worse answer counts; evidence of both is kept.
fn join(all: &mut BTreeMap<String, Answer>, path: String, new: Answer) {
    let joined = match (all.remove(&path), new) {
        (Some(Answer::Affected(mut a)), Answer::Affected(b)) => {
            a.extend(b);
            Answer::Affected(a)
        }
        (Some(Answer::Affected(a)), _) => Answer::Affected(a),
        (Some(Answer::Unknown(_)), Answer::Affected(b)) => Answer::Affected(b),
        (Some(Answer::Unknown(a)), _) => Answer::Unknown(a),
        (_, new) => new,
    };
    all.insert(path, joined);
}

/// A mirror that could not be brought up to date proves nothing of today, whatever it holds.
fn repository(
    it: &FleetRepository,
    of_it: BTreeMap<String, Answer>,
    fault: Option<String>,
    committed_at: Option<i64>,
) -> Vec<Seen> {
    let team = team_of(it);
    let seen = |path, answer| Seen {
        repository: it.name.clone(),
        team: team.clone(),
        path,
        answer,
        committed_at,
    };
    if let Some(reason) = fault {
        return vec![seen(None, Answer::Unknown(reason))];
    }
    let stale = (it.status == Status::Stale).then(|| {
        let day = it.synced_at.map_or("an unknown day".to_owned(), |it| it.to_string());
        format!("the mirror is of {day} and could not be brought up to date: {}", reason(it))
    });
    of_it
        .into_iter()
        .map(|(path, answer)| {
            let answer = match (&stale, answer) {
                (None, answer) => answer,
                (Some(reason), Answer::Affected(evidence)) => {
                    Answer::Unknown(format!("{reason}; it was affected then: {}", evidence[0]))
                }
                (Some(reason), _) => Answer::Unknown(reason.clone()),
            };
            seen(Some(path), answer)
        })
        .collect()
}

/// Every target as it stands now, and what is suspicious. Writes nothing; of a draft, every affected target is new.
pub(super) fn targets_now(
    data: &mut Data,
    campaign: &Campaign,
) -> Result<(Vec<Target>, SeenNow), CommandError> {
    let record = data.record()?;
    let now = seen_now(data, &record, campaign)?;
    let before = last_targets(data, campaign)?;
    let at = data.now();
    let since = campaign.looks.last().map_or(campaign.opened_at.unwrap_or(at), |it| it.at);
    let targets = follow(&before, &now.seen, since.as_microsecond(), at.as_microsecond());
    Ok((targets, now))
}

/// Looks, and writes nothing.
pub(super) fn look(data: &mut Data, campaign: &Campaign) -> Result<Looked, CommandError> {
    let (targets, now) = targets_now(data, campaign)?;
    let record = data.record()?;
    let at = data.now();
    let back_test = back_test(&said(campaign), &targets, at.as_microsecond());
    let forecast = forecast_of(data, &record, campaign, &targets, &back_test)?;
    Ok(Looked {
        at,
        counts: Counts::of(&targets),
        targets,
        forecast,
        back_test,
        warnings: now.warnings,
        n_repositories: now.n_repositories,
    })
}

/// The targets after the last look; none before the first.
pub(super) fn last_targets(
    data: &mut Data,
    campaign: &Campaign,
) -> Result<Vec<Target>, CommandError> {
    let Some(last) = campaign.looks.last() else { return Ok(Vec::new()) };
    let missing = || LookError::Targets(last.targets.clone());
    let bytes = data.store.file(&last.targets)?.ok_or_else(missing)?;
    let document: TargetsDocument = serde_json::from_slice(&bytes).map_err(|_| missing())?;
    Ok(document.targets)
}

/// What stored forecasts said.
fn said(campaign: &Campaign) -> Vec<Said> {
    let forecasts = campaign.looks.iter().filter_map(|it| it.forecast.as_ref());
    let read = forecasts.filter_map(|it| serde_json::from_value::<Forecast>(it.clone()).ok());
    // One that found nothing open said nothing that could be wrong.
    let turns: Vec<i64> = campaign.turns().map(jiff::Timestamp::as_microsecond).collect();
    read.filter(|it| it.n_open > 0)
        .map(|it| Said {
            at: it.at,
            deadline: it.deadline,
            p_all: it.p_all,
            checks: it.checks,
            turned_at: turns.iter().copied().filter(|turn| *turn > it.at).min(),
        })
        .collect()
}

fn forecast_of(
    data: &Data,
    record: &Record,
    campaign: &Campaign,
    targets: &[Target],
    back_test: &BackTest,
) -> Result<Result<Forecast, String>, CommandError> {
    let open = open_targets(record, campaign, targets);
    let n_open = targets.iter().filter(|it| it.is_open()).count();
    let n_unknown = Counts::of(targets);
    let mut input = Input {
        targets: &open,
        mined: &[],
        now: data.now().as_microsecond(),
        deadline: campaign.plan.deadline.as_microsecond(),
        n_unknown: n_unknown.unknown - n_unknown.unknown_open,
        widening: back_test.widening,
        seed: u64::from(campaign.id.number()),
    };
    let alone = forecast(&input);
    let is_enough = alone.as_ref().is_ok_and(|it| it.n_open == 0 || it.learned.is_enough());
    if is_enough || n_open == 0 {
        return Ok(alone.map_err(|error| error.to_string()));
    }
    let mined = mined(data)?;
    input.mined = &mined;
    Ok(forecast(&input).map_err(|error| error.to_string()))
}

/// Every target that was ever affected, with what its ring was told when.
fn open_targets(record: &Record, campaign: &Campaign, targets: &[Target]) -> Vec<OpenTarget> {
    let micros = |it: Option<jiff::Timestamp>| it.map(jiff::Timestamp::as_microsecond);
    let target = |it: &Target| {
        let ring = record.ring_of_team(&it.team).map(|it| it.id);
        Some(OpenTarget {
            repository: it.repository.clone(),
            path: it.path.clone(),
            team: it.team.clone(),
            affected_since: it.affected_since?,
            fixed_at: it.fixed_at,
            alerted_at: micros(campaign.alerted_at(ring)),
            pressed_at: micros(campaign.breaks_at(ring)),
        })
    };
    targets.iter().filter_map(target).collect()
}

/// Fixes of the organization's history; none where it has no index of advisories of its own. What was seen late is left out.
fn mined(data: &Data) -> Result<Vec<PastFix>, CommandError> {
    if !data.folder.join("advisories.index").exists() {
        return Ok(Vec::new());
    }
    let mined = data.mine(Some(data.now()))?;
    let rows = mined.rows().into_iter().filter(|it| it.entry_days.is_none_or(|it| it <= 0.0));
    Ok(rows
        .map(|it| PastFix {
            team: it.team.unwrap_or(it.target),
            days: it.time_days,
            is_fixed: matches!(it.outcome, Ending::Upgraded | Ending::Removed),
        })
        .collect())
}

impl Looked {
    /// As the record keeps it, with the file of the targets.
    pub(super) fn kept(&self, campaign: &Campaign) -> (Look, Vec<u8>) {
        let document = TargetsDocument {
            schema: SCHEMA.to_owned(),
            campaign: campaign.id.to_string(),
            at: self.at.as_microsecond(),
            targets: self.targets.clone(),
        };
        let file = serde_json::to_vec(&document).expect("texts and numbers are JSON");
        let counts = TargetCounts {
            affected: self.counts.affected,
            fixed: self.counts.fixed,
            clean: self.counts.clean,
            unknown: self.counts.unknown,
        };
        let look = Look {
            at: self.at,
            counts,
            targets: digest(&file),
            forecast: self.forecast.as_ref().ok().map(|it| json!(it)),
            no_forecast: self.forecast.as_ref().err().cloned(),
        };
        (look, file)
    }

    /// Keeps the look in the record.
    pub(super) fn keep(&self, data: &mut Data, campaign: &Campaign) -> Result<(), CommandError> {
        let (look, file) = self.kept(campaign);
        data.change(|record| {
            let change = record.campaign(campaign.id)?.observe(look)?;
            Ok(Writing { files: vec![file], changes: vec![change] })
        })?;
        Ok(())
    }

    pub(super) fn forecast_json(&self) -> Value {
        match &self.forecast {
            Ok(it) => forecast_json(it),
            Err(_) => Value::Null,
        }
    }
}

/// The contract's form: quantiles of the last fix as days, `left` for the number at the deadline.
pub(super) fn forecast_json(it: &Forecast) -> Value {
    let day = |days: f64| {
        it.moment(days)
            .and_then(|at| jiff::Timestamp::from_microsecond(at).ok())
            .map(|it| it.to_string())
    };
    json!({
        "at": time(it.at),
        "deadline": time(it.deadline),
        "open": it.n_open,
        "unknown": it.n_unknown,
        "p_all": it.p_all,
        "p10": day(it.last_fix_days.p10),
        "p50": day(it.last_fix_days.p50),
        "p90": day(it.last_fix_days.p90),
        "last_fix_days": it.last_fix_days,
        "left": it.left,
        "last": it.last,
        "extrapolated": it.is_extrapolated,
        "n_extrapolated": it.n_extrapolated,
        "learned_from": it.learned,
        "independent": it.independent,
        "widening": it.widening,
        "method": it.method,
    })
}

/// To the second, in UTC.
pub(super) fn time(at: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(at);
    time.map_or_else(|_| "-".to_owned(), |it| it.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
