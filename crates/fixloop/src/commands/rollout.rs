//! `fixloop rollout`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_policy::Arm;
use fixloop_program::record::{
    Actor, AssignmentRow, Change, How, Kind, ObjectId, Record, Refusal, Rollout, RolloutPlan,
};
use fixloop_store::digest;

use super::evidence::Share;
use super::policy;
use crate::data::{Data, DataArguments, ShowArguments};
use crate::error::CommandError;

/// A treatment on its way through the rings, with a permanent silent holdout
#[derive(Subcommand)]
pub(crate) enum RolloutCommand {
    Plan(PlanArguments),
    Start(RampArguments),
    Ramp(RampArguments),
    Pause(WhyArguments),
    Resume(WhyArguments),
    Rollback(WhyArguments),
    Done(WhyArguments),
    /// Show rollouts with their ledgers
    Show(ShowArguments),
}

/// Plan the rollout of a solution hypothesis' treatment
#[derive(Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    data: DataArguments,
    #[arg(long, value_name = "ID")]
    solution: ObjectId,
    /// The share of the teams of each ring that stays silent for good
    #[arg(long, value_name = "SHARE", default_value = "10%")]
    holdout: Share,
}

/// Bring it to a ring: its teams are assigned by hash unless they are already, and the bundle is published
#[derive(Args)]
pub(crate) struct RampArguments {
    #[command(flatten)]
    data: DataArguments,
    rollout: ObjectId,
    /// The ring by its name [default: the next one]
    #[arg(long, value_name = "NAME")]
    ring: Option<String>,
    /// Arms chosen by hand instead: CSV with the columns team and arm (treated, holdout)
    #[arg(long, value_name = "FILE")]
    by_hand: Option<PathBuf>,
    /// Set aside the rule that forbids it, by name; shown for ever
    #[arg(long = "override", value_name = "NAME", requires = "why")]
    set_aside: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// Change what a rollout does, for a reason; the bundle is published
#[derive(Args)]
pub(crate) struct WhyArguments {
    #[command(flatten)]
    data: DataArguments,
    rollout: ObjectId,
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Debug, thiserror::Error)]
enum RolloutError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("`{}` line {line}: `{arm}` is no arm", path.display())]
    Arm { path: PathBuf, line: usize, arm: String },
    #[error("a name is needed: {0}")]
    Actor(&'static str),
}

pub(crate) fn run(command: RolloutCommand) -> Result<ExitCode, CommandError> {
    match command {
        RolloutCommand::Plan(arguments) => plan(&arguments),
        RolloutCommand::Start(arguments) | RolloutCommand::Ramp(arguments) => ramp(arguments),
        RolloutCommand::Pause(arguments) => moved(&arguments, Rollout::pause),
        RolloutCommand::Resume(arguments) => moved(&arguments, Rollout::resume),
        RolloutCommand::Rollback(arguments) => moved(&arguments, Rollout::roll_back),
        RolloutCommand::Done(arguments) => moved(&arguments, Rollout::finish),
        RolloutCommand::Show(arguments) => arguments.run(Kind::Rollout),
    }
}

pub(crate) fn ring_named(record: &Record, name: &str) -> Result<ObjectId, Refusal> {
    let found = record.rings.values().find(|it| it.plan.name == name || it.id.to_string() == name);
    found.map(|it| it.id).ok_or_else(|| {
        let names: Vec<&str> = record.rings.values().map(|it| &*it.plan.name).collect();
        let way_out = match &*names {
            [] => format!("fixloop ring set {name} --teams A,B makes it"),
            names => format!("there are {}", names.join(", ")),
        };
        Refusal::new(format!("there is no ring `{name}`"), way_out)
    })
}

fn plan(arguments: &PlanArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change_and_show(|record| {
        let solution = record.solution(arguments.solution)?;
        let (solution, treatment) = (solution.id, solution.plan.treatment);
        record.plan_rollout(RolloutPlan { solution, treatment, holdout: arguments.holdout.0 })
    })?;
    Ok(ExitCode::SUCCESS)
}

fn ramp(arguments: RampArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let set_aside = match arguments.set_aside {
        Some(name) => {
            let who = Actor::new(&name).map_err(RolloutError::Actor)?;
            Some((who, arguments.why.unwrap_or_default()))
        }
        None => None,
    };
    let by_hand = arguments.by_hand.as_deref().map(read_arms).transpose()?;
    let id = arguments.rollout;
    // Teams are assigned in one change and their turn comes in the next: a ring that may not be reached keeps no row.
    let asked = data.actor()?.clone();
    data.change(|record| {
        let ring = next_ring(record, id, arguments.ring.as_deref())?;
        ramped(record, (id, ring), by_hand.as_deref(), (&asked, set_aside))
    })?;
    policy::publish(&mut data)?;
    data.show(&[id])?;
    Ok(ExitCode::SUCCESS)
}

/// The ring after those that a rollout has reached, if one is left.
pub(crate) fn ring_left(record: &Record, id: ObjectId) -> Option<ObjectId> {
    let rollout = record.rollouts.get(&id.number())?;
    let next = record.rings_in_order().into_iter().find(|it| !rollout.live_rings.contains(&it.id));
    next.map(|it| it.id)
}

/// Assigns the teams of a ring that have no row yet, and lets its turn come.
pub(crate) fn ramped(
    record: &Record,
    (id, ring): (ObjectId, ObjectId),
    by_hand: Option<&[(String, Arm)]>,
    asked: (&Actor, Option<(Actor, String)>),
) -> Result<Vec<Change>, Refusal> {
    let assigned = assigned(record, id, ring, by_hand)?;
    let after = applied(record, &assigned)?;
    let ramped = after.ramp(id, ring, asked)?;
    Ok(assigned.into_iter().chain([ramped]).collect())
}

/// The record as it would be.
pub(crate) fn applied(record: &Record, changes: &[Change]) -> Result<Record, Refusal> {
    let mut after = record.clone();
    for change in changes {
        let entry = fixloop_program::record::Entry {
            seq: after.seq + 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: Actor::new("preview").map_err(|it| Refusal::new(it, ""))?,
            is_clock_set: false,
            change: change.clone(),
        };
        after.add(&entry).map_err(|it| Refusal::new(it.to_string(), ""))?;
    }
    Ok(after)
}

fn next_ring(record: &Record, id: ObjectId, named: Option<&str>) -> Result<ObjectId, Refusal> {
    if let Some(name) = named {
        return ring_named(record, name);
    }
    record.rollout(id)?;
    ring_left(record, id).ok_or_else(|| {
        Refusal::new(
            format!("{id} has reached every ring"),
            format!("fixloop rollout done {id} --why \"…\""),
        )
    })
}

/// Rows for the teams of a ring that have none yet.
fn assigned(
    record: &Record,
    id: ObjectId,
    ring: ObjectId,
    by_hand: Option<&[(String, Arm)]>,
) -> Result<Vec<Change>, Refusal> {
    let rollout = record.rollout(id)?;
    let teams = record.ring(ring)?.plan.teams.iter();
    let free: Vec<&String> = teams.filter(|it| rollout.arm_of(it).is_none()).collect();
    let row = |team: &str, arm, how| AssignmentRow { team: team.to_owned(), ring, arm, how };
    let rows: Vec<AssignmentRow> = if let Some(arms) = by_hand {
        arms.iter().map(|(team, arm)| row(team, *arm, How::Hand)).collect()
    } else {
        let held = hash_holdout(id, &free, rollout.plan.holdout);
        let arm = |team| if held.contains(team) { Arm::Holdout } else { Arm::Treated };
        free.iter().map(|team| row(team, arm(team), How::Hash)).collect()
    };
    if rows.is_empty() { Ok(Vec::new()) } else { record.assign(id, rows) }
}

/// The teams with the smallest hashes of rollout and team: as many as the share asks for, rounded.
fn hash_holdout<'t>(id: ObjectId, teams: &[&'t String], share: f64) -> Vec<&'t String> {
    let mut hashed: Vec<(String, &String)> = teams
        .iter()
        .map(|team| (digest(format!("fixloop.holdout/1\n{id}\n{team}").as_bytes()), *team))
        .collect();
    hashed.sort();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of teams"
    )]
    let n = (share * teams.len() as f64).round() as usize;
    hashed.into_iter().take(n).map(|it| it.1).collect()
}

fn read_arms(path: &Path) -> Result<Vec<(String, Arm)>, RolloutError> {
    let failed = |source| RolloutError::Read { path: path.to_owned(), source };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
    let mut arms = Vec::new();
    for (line, row) in reader.deserialize::<(String, String)>().enumerate() {
        let (team, word) = row.map_err(failed)?;
        let arm = Arm::ALL.iter().find(|it| it.as_str() == word);
        let wrong =
            || RolloutError::Arm { path: path.to_owned(), line: line + 2, arm: word.clone() };
        arms.push((team, *arm.ok_or_else(wrong)?));
    }
    Ok(arms)
}

fn moved(
    arguments: &WhyArguments,
    change: impl FnOnce(&Rollout, &str) -> Result<Change, Refusal>,
) -> Result<ExitCode, CommandError> {
    let mut data: Data = arguments.data.open()?;
    data.change(|record| change(record.rollout(arguments.rollout)?, &arguments.why))?;
    policy::publish(&mut data)?;
    data.show(&[arguments.rollout])?;
    Ok(ExitCode::SUCCESS)
}
