//! Key results of the record: created with a frozen baseline, checked, activated, ended.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_program::record::{
    CheckRecord, FrozenBaseline, KeyResultOutcome, KeyResultPlan, KeyResultState, Kind, ObjectId,
};
use fixloop_program::{Baseline, Metric, Plan, Population, Target};
use fixloop_store::Writing;
use serde_json::{Value, json};
use thiserror::Error;

use super::baseline::of_mined;
use super::progress;
use super::wanted::KeyResultArguments;
use crate::data::{Data, DataArguments, basis, instant, object_json, refused};
use crate::error::CommandError;
use crate::mined::{Mined, MiningArguments};
use crate::output::{Format, print};

/// Record an objective and a key result, with today's baseline frozen
///
/// The baseline is mined as fixloop okr baseline does, from the data directory's mirrors unless others are named. What is created is a draft:
/// fixloop okr check says what is missing, fixloop okr activate begins it.
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// What the business wants, in a sentence; or --of an objective that is there
    #[arg(long, value_name = "TEXT", required_unless_present = "of")]
    objective: Option<String>,
    /// The objective that this is a further key result of
    #[arg(long, value_name = "ID", conflicts_with = "objective")]
    of: Option<ObjectId>,
    /// When, as people call it: 2027 Q1
    #[arg(long, value_name = "TEXT")]
    period: Option<String>,
    #[command(flatten)]
    wanted: KeyResultArguments,
    #[command(flatten)]
    mining: MiningArguments,
}

/// Ask the SMART checks of a draft again, with today's data
#[derive(Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    data: DataArguments,
    key_result: ObjectId,
}

/// Begin a key result that is SMART
#[derive(Args)]
pub(crate) struct ActivateArguments {
    #[command(flatten)]
    data: DataArguments,
    key_result: ObjectId,
    /// Why its warnings are accepted
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// Give an active key result another metric, target or deadline; the old plan is kept
#[derive(Args)]
pub(crate) struct ReviseArguments {
    #[command(flatten)]
    data: DataArguments,
    key_result: ObjectId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    wanted: KeyResultArguments,
}

/// Say how a key result ended
#[derive(Args)]
pub(crate) struct EndArguments {
    #[command(flatten)]
    data: DataArguments,
    key_result: ObjectId,
    #[arg(value_enum)]
    outcome: OutcomeName,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
}

/// Show objectives and key results; of one that is active, where it stands now
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// One of them [default: all, without progress]
    id: Option<ObjectId>,
    /// Keep where it stands as a measurement of the record
    #[arg(long, requires = "id")]
    record: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutcomeName {
    Achieved,
    Missed,
    Abandoned,
}

#[derive(Debug, Error)]
#[error("`{0}` of the record is unknown to this build")]
struct UnknownWord(String);

/// A baseline, ready to be recorded.
struct Frozen {
    plan: Box<dyn Fn(ObjectId) -> KeyResultPlan>,
    baseline: FrozenBaseline,
    checks: Vec<CheckRecord>,
    file: Vec<u8>,
}

fn freeze(found: Baseline, mined: &Mined) -> Frozen {
    let document = super::json::document(&found, mined.cut);
    let file = format!("{document:#}\n").into_bytes();
    let settings = settings(&document);
    let of = basis(("okr-baseline", &settings), instant(mined.cut), Some(&file));
    Frozen {
        baseline: FrozenBaseline::of(&found, of),
        checks: found.checks.iter().map(CheckRecord::of).collect(),
        plan: Box::new(move |objective| KeyResultPlan::of(&found, objective)),
        file,
    }
}

/// What makes it the same question.
fn settings(document: &Value) -> Value {
    let keys = ["metric", "population", "target", "start", "deadline", "definition"];
    json!(keys.map(|key| document.get(key).cloned()))
}

/// A draft of what was mined, and what it is called in the record.
pub(crate) fn draft(
    data: &mut Data,
    mined: &Mined,
    statement: &str,
    plan: impl FnOnce(jiff::civil::Date) -> Plan,
) -> Result<(ObjectId, Baseline), CommandError> {
    let found = of_mined(mined, plan)?;
    let (owner, risk) = (found.plan.owner.clone(), found.plan.risk.clone());
    let Frozen { plan, baseline, checks, file } = freeze(found.clone(), mined);
    let changes = data.change(|record| {
        let objective = record.create_objective(statement, (owner, None, risk))?;
        let key_result = record.create_key_result((plan(objective.object), baseline), checks)?;
        Ok(Writing { files: vec![file], changes: vec![objective, key_result] })
    })?;
    let id = changes.last().map(|it| it.object);
    Ok((id.expect("a key result was created"), found))
}

pub(super) fn create(mut arguments: CreateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open_or_make()?;
    arguments.mining.or_of(&data.folder, None);
    let mined = arguments.mining.mine()?;
    let found = of_mined(&mined, |today| arguments.wanted.plan(today))?;
    let (owner, risk) = (found.plan.owner.clone(), found.plan.risk.clone());
    let Frozen { plan, baseline, checks, file } = freeze(found, &mined);
    let changes = data.change(|record| {
        let (objective, created) = match (arguments.of, &arguments.objective) {
            (Some(id), _) => (record.objective(id)?.id, None),
            (None, statement) => {
                let statement = statement.as_deref().unwrap_or("");
                let of = (owner, arguments.period.clone(), risk);
                let change = record.create_objective(statement, of)?;
                (change.object, Some(change))
            }
        };
        let key_result = record.create_key_result((plan(objective), baseline), checks)?;
        let changes = created.into_iter().chain([key_result]).collect();
        Ok(Writing { files: vec![file], changes })
    })?;
    let ids: Vec<ObjectId> = changes.iter().map(|it| it.object).collect();
    data.show(&ids)?;
    if let Some(id) = ids.last() {
        data.say(&format!("\nNext: fixloop okr check {id}"))?;
    }
    mined.tell_cache_faults();
    Ok(ExitCode::SUCCESS)
}

pub(super) fn check(arguments: &CheckArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let key_result = record.key_result(arguments.key_result).map_err(refused)?;
    let plan = plan_of(&key_result.plan)?;
    let mined = data.mine(None)?;
    let found = of_mined(&mined, |_| plan)?;
    let checks: Vec<CheckRecord> = found.checks.iter().map(CheckRecord::of).collect();
    data.change_and_show(|record| record.key_result(arguments.key_result)?.check(checks))?;
    let record = data.record()?;
    let blocks = record.key_result(arguments.key_result).map_err(refused)?.blocks().count();
    if blocks == 0 {
        data.say(&format!("\nNext: fixloop okr activate {}", arguments.key_result))?;
    }
    Ok(ExitCode::from(u8::from(blocks > 0)))
}

/// The plan as the checks take it.
fn plan_of(it: &KeyResultPlan) -> Result<Plan, CommandError> {
    let unknown = |word: &str| UnknownWord(word.to_owned());
    let metric = Metric::ALL.into_iter().find(|metric| metric.name() == it.metric);
    let population = Population::ALL.into_iter().find(|at| at.option() == it.population);
    let target = it.target.as_ref().map(|text| text.parse::<Target>()).transpose()?;
    Ok(Plan {
        metric: metric.ok_or_else(|| unknown(&it.metric))?,
        population: population.ok_or_else(|| unknown(&it.population))?,
        target,
        start: it.start,
        end: it.end,
        since: None,
        owner: it.owner.clone(),
        statement: it.statement.clone(),
        risk: it.risk.clone(),
    })
}

pub(super) fn activate(arguments: &ActivateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change_and_show(|record| {
        record.key_result(arguments.key_result)?.activate(arguments.why.clone())
    })?;
    data.say(&format!(
        "\nNext: fixloop hypothesis create --key-result {} --believe \"…\": why is it not met already?",
        arguments.key_result
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn revise(arguments: &ReviseArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let mined = data.mine(None)?;
    let found = of_mined(&mined, |today| arguments.wanted.plan(today))?;
    let Frozen { plan, baseline, checks, file } = freeze(found, &mined);
    data.change_and_show(|record| {
        let key_result = record.key_result(arguments.key_result)?;
        let plan = plan(key_result.plan.objective);
        let change = key_result.revise((plan, baseline), checks, &arguments.why)?;
        Ok(Writing { files: vec![file], changes: vec![change] })
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn end(arguments: &EndArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let outcome = match arguments.outcome {
        OutcomeName::Achieved => KeyResultOutcome::Achieved,
        OutcomeName::Missed => KeyResultOutcome::Missed,
        OutcomeName::Abandoned => KeyResultOutcome::Abandoned,
    };
    data.change_and_show(|record| {
        record.key_result(arguments.key_result)?.end(outcome, &arguments.why)
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(arguments: &ShowArguments) -> Result<ExitCode, CommandError> {
    let mut data: Data = arguments.data.open()?;
    let record = data.record()?;
    let Some(id) = arguments.id else {
        data.list(&[Kind::Objective, Kind::KeyResult])?;
        return Ok(ExitCode::SUCCESS);
    };
    let active = record.key_result(id).ok().filter(|it| it.state == KeyResultState::Active);
    let progress = active.map(|it| progress::read(&data, it)).transpose()?.flatten();
    if let Some(progress) = progress.as_ref().filter(|_| arguments.record) {
        let measurement = progress::measurement(progress);
        data.change(|record| record.key_result(id)?.measure(measurement))?;
    }
    match (&progress, data.format) {
        (Some(progress), Format::Json) => {
            let mut object = object_json(&data.record()?, id).map_err(refused)?;
            if let Value::Object(fields) = &mut object {
                fields.insert("progress".to_owned(), progress::json(progress));
            }
            print(|out| writeln!(out, "{object:#}"))?;
        }
        (Some(progress), Format::Text) => {
            print(|out| progress::write(progress, out))?;
            data.say("")?;
            data.show(&[id])?;
        }
        (None, _) => data.show(&[id])?,
    }
    Ok(ExitCode::SUCCESS)
}
