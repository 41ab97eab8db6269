//! Experiments of the record: registered, started by a draw, paused, made void.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_experiment::Schedule;
use fixloop_policy::Arm;
use fixloop_program::record::{
    AssignmentRow, Change, Experiment, How, Kind, ObjectId, Record, Refusal, Registered, Started,
};
use fixloop_store::{Writing, digest};
use thiserror::Error;

use super::analyze::schedule;
use super::assign::documents::{ASSIGNMENT, Assignment};
use super::assign::{AssignArguments, draw};
use super::frozen::analysis_hash;
use super::written::days;
use crate::commands::policy;
use crate::commands::rollout::applied;
use crate::data::{Data, DataArguments, refused};
use crate::error::CommandError;

/// Lock the question of an experiment: design, metric, looks and what is worth the trouble, as one hash
#[derive(Args)]
pub(crate) struct RegisterArguments {
    #[command(flatten)]
    data: DataArguments,
    /// An experiment that is a draft; or --rollout of one that is to be made
    #[arg(required_unless_present = "rollout")]
    experiment: Option<ObjectId>,
    /// Make an experiment of this rollout
    #[arg(long, value_name = "ID", conflicts_with = "experiment")]
    rollout: Option<ObjectId>,
    /// How the pilot ring's teams are drawn
    #[arg(long, value_enum, default_value_t = DesignName::Pairs)]
    design: DesignName,
    /// Planned looks: days since the start, the last being the end; or `usual:END`
    #[arg(long, value_name = "DAYS", value_parser = schedule, default_value = "usual:56")]
    looks: Schedule,
    /// Error that is accepted, two-sided
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = super::written::share)]
    alpha: f64,
    /// Up to which age means and shares go
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = days)]
    horizon: f64,
    /// Days before the start that adjust for what teams are like
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    history: u32,
    /// The plan that was read, with what the pilot cannot show (fixloop experiment plan --format json)
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

/// Draw the pilot ring's teams, publish the bundle, and begin
#[derive(Args)]
pub(crate) struct StartArguments {
    #[command(flatten)]
    data: DataArguments,
    experiment: ObjectId,
    /// Text that nobody could know when the list was committed
    #[arg(long, value_name = "TEXT", default_value = "")]
    public_nonce: String,
}

/// Change what an experiment does, for a reason
#[derive(Args)]
pub(crate) struct MoveArguments {
    #[command(flatten)]
    data: DataArguments,
    experiment: ObjectId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum DesignName {
    /// Half of the teams
    Complete,
    /// One of two neighbors by their past
    Pairs,
    /// Half, among the best balanced tenth of the assignments
    Constrained,
}

impl DesignName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Pairs => "pairs",
            Self::Constrained => "constrained",
        }
    }
}

#[derive(Debug, Error)]
enum RecordedError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

fn read(path: &Path) -> Result<Vec<u8>, RecordedError> {
    fs::read(path).map_err(|source| RecordedError::Read { path: path.to_owned(), source })
}

pub(super) fn register(arguments: &RegisterArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let plan = arguments.plan.as_deref().map(read).transpose()?;
    let id = match (arguments.experiment, arguments.rollout) {
        (Some(id), _) => id,
        (None, Some(rollout)) => created(&mut data, rollout, plan)?,
        (None, None) => return Ok(ExitCode::from(2)),
    };
    let record = data.record()?;
    let experiment = record.experiment(id).map_err(refused)?;
    let solution = record.solution(experiment.solution).map_err(refused)?;
    let mut registered = Registered {
        design: arguments.design.as_str().to_owned(),
        primary: solution.plan.metric.clone(),
        alpha: arguments.alpha,
        worthwhile: solution.plan.worthwhile,
        horizon: arguments.horizon,
        looks: arguments.looks.days.clone(),
        history_days: arguments.history,
        guards: solution.plan.guards.clone(),
        analysis_hash: String::new(),
    };
    registered.analysis_hash = analysis_hash(&registered)?;
    data.change(|record| record.register(id, registered))?;
    data.show(&[id])?;
    data.say(&format!("\nNext: fixloop experiment start {id}"))?;
    Ok(ExitCode::SUCCESS)
}

fn created(
    data: &mut Data,
    rollout: ObjectId,
    plan: Option<Vec<u8>>,
) -> Result<ObjectId, CommandError> {
    let changes = data.change(|record| {
        let solution = record.rollout(rollout)?.plan.solution;
        let digest = plan.as_ref().map(|it| digest(it));
        let changes = record.create_experiment((solution, rollout), digest)?;
        Ok(Writing { files: plan.into_iter().collect(), changes })
    })?;
    let made = changes.iter().map(|it| it.object).find(|it| it.kind() == Kind::Experiment);
    Ok(made.expect("creating an experiment makes one"))
}

pub(super) fn start(arguments: &StartArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let id = arguments.experiment;
    let record = data.record()?;
    let experiment = record.experiment(id).map_err(refused)?.clone();
    let Some(registered) = experiment.registered.clone() else {
        let way_out = format!("fixloop experiment register {id} comes first");
        return Err(refused(Refusal::new(
            format!("{id} is {}", experiment.state.as_str()),
            way_out,
        )));
    };
    let ring = record.solution(experiment.solution).map_err(refused)?.plan.ring;
    let folder = data.folder.join("experiments").join(id.to_string());
    let rollout = record.rollout(experiment.rollout).map_err(refused)?;
    let already = rollout.ledger.iter().any(|it| it.how == How::Drawn);
    if !already {
        let teams = &record.ring(ring).map_err(refused)?.plan.teams;
        drawn(&mut data, teams, &registered, (&folder, &arguments.public_nonce))?;
    }
    let path = folder.join(ASSIGNMENT);
    let bytes = read(&path)?;
    let assignment = Assignment::read(&path)?;
    let has_it = rollout.live_rings.contains(&ring);
    let asked = data.actor()?.clone();
    // Both or neither: a ring that may not be reached keeps no row.
    data.change(|record| {
        let mut changes = Vec::new();
        if !already {
            changes = record.assign(experiment.rollout, rows(&assignment, ring))?;
        }
        if !has_it {
            let after = applied(record, &changes)?;
            changes.push(after.ramp(experiment.rollout, ring, (&asked, None))?);
        }
        Ok(changes)
    })?;
    let bundle = policy::publish(&mut data)?;
    let started = Started {
        at: data.now(),
        assignment: digest(&bytes),
        bundle,
        n_teams: assignment.teams.len(),
    };
    data.change(|record| {
        let changes = record.start(id, started)?;
        Ok(Writing { files: vec![bytes], changes })
    })?;
    data.show(&[id])?;
    data.say(&format!(
        "\nrunning: {} teams drawn ({}), bundle {bundle} published.\nNext: fixloop telemetry collect, then fixloop experiment show {id}",
        assignment.teams.len(),
        folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Draws the teams with their past, into files that everybody can check.
fn drawn(
    data: &mut Data,
    teams: &[String],
    registered: &Registered,
    (folder, public_nonce): (&Path, &str),
) -> Result<(), CommandError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RecordedError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let list = folder.join("teams.csv");
    let mut text = "team\n".to_owned();
    for team in teams {
        text.push_str(&quoted(team));
        text.push('\n');
    }
    fs::write(&list, text).map_err(failed(&list))?;
    let history = folder.join("history.csv");
    let past = past(data, registered.history_days, teams)?;
    if past.lines().count() < 2 {
        let days = registered.history_days;
        return Err(refused(Refusal::new(
            format!(
                "the ring's teams had nothing open in the {days} days before: nothing tells how they differ"
            ),
            "fixloop experiment edit, then register with a longer --history, or with other teams in the ring",
        )));
    }
    fs::write(&history, past).map_err(failed(&history))?;
    draw(&AssignArguments::of(
        &registered.design,
        registered.alpha,
        (list, history),
        (public_nonce, folder),
    ))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// What the teams did in the days before, as the assignment reads it.
fn past(data: &mut Data, n_days: u32, teams: &[String]) -> Result<String, CommandError> {
    let mined = data.mine(None)?;
    let repositories = super::pilot::repositories(data, &mined)?;
    let now = fixloop_model::Timestamp(data.now().as_microsecond());
    let pilot = fixloop_pilot::Pilot {
        started: now,
        cut: now,
        bundle: 0,
        history_days: n_days,
        treatment: everything(),
        arms: teams.iter().map(|it| (it.clone(), Arm::Holdout)).collect(),
    };
    let mirrors = fixloop_pilot::Mirrors {
        repositories: &repositories,
        exposures: &mined.exposures,
        opportunities: &mined.opportunities,
    };
    let targets = fixloop_pilot::Targets::of(&data.store.organization().key, &mirrors);
    let joined = fixloop_pilot::join(&pilot, &targets, &mirrors, &[]);
    Ok(fixloop_pilot::findings(&pilot, &mirrors, &joined).csv())
}

/// Teams are balanced by all that they fix.
fn everything() -> fixloop_policy::Treatment {
    fixloop_policy::Treatment {
        id: String::new(),
        version: 1,
        surface: fixloop_policy::Surface::Editor,
        moment: fixloop_policy::Moment::Present,
        mode: fixloop_policy::Mode::Observe,
        scope: fixloop_policy::Scope::All,
        rule: None,
        threshold: None,
        words: None,
        link: None,
    }
}

fn rows(assignment: &Assignment, ring: ObjectId) -> Vec<AssignmentRow> {
    let rows = assignment.units.iter().flat_map(|unit| {
        let arm = if unit.arm == "treated" { Arm::Treated } else { Arm::Holdout };
        unit.teams.iter().map(move |team| AssignmentRow {
            team: team.clone(),
            ring,
            arm,
            how: How::Drawn,
        })
    });
    rows.collect()
}

pub(super) fn pause(arguments: &MoveArguments) -> Result<ExitCode, CommandError> {
    moved(arguments, Experiment::pause)
}

pub(super) fn resume(arguments: &MoveArguments) -> Result<ExitCode, CommandError> {
    moved(arguments, Experiment::resume)
}

pub(super) fn void(arguments: &MoveArguments) -> Result<ExitCode, CommandError> {
    moved(arguments, Experiment::void)
}

fn moved(
    arguments: &MoveArguments,
    change: impl FnOnce(&Experiment, &str) -> Result<Change, Refusal>,
) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change(|record| change(record.experiment(arguments.experiment)?, &arguments.why))?;
    data.show(&[arguments.experiment])?;
    Ok(ExitCode::SUCCESS)
}

/// Metric, arms or ring are to be others: recorded, and the clock begins anew.
pub(super) fn edit(arguments: &MoveArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change(|record: &Record| record.edit_scope(arguments.experiment, &arguments.why))?;
    data.show(&[arguments.experiment])?;
    data.say(&format!(
        "\nits clock begins anew. Next: fixloop experiment register {}",
        arguments.experiment
    ))?;
    Ok(ExitCode::SUCCESS)
}
