//! `fixloop decision`.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_program::record::{
    Actor, Change, DecisionVerdict, Dissent, Kind, ObjectId, PivotKind, Record, Refusal, Wish,
};
use thiserror::Error;

use super::{policy, rollout};
use crate::data::{DataArguments, ShowArguments};
use crate::error::CommandError;

/// Decisions: recommended by the rule, taken by people
#[derive(Subcommand)]
pub(crate) enum DecisionCommand {
    Record(RecordArguments),
    /// Show decisions
    Show(ShowArguments),
}

/// Take a decision on an experiment's last readout
///
/// Expand moves the next ring, pivot opens the next hypothesis and takes the treatment back, stop takes
/// it back, persevere goes on.
#[derive(Args)]
pub(crate) struct RecordArguments {
    #[command(flatten)]
    data: DataArguments,
    experiment: ObjectId,
    #[arg(long, value_enum)]
    verdict: VerdictName,
    /// Who decides (repeatable) [default: who asks]
    #[arg(long = "by", value_name = "NAME")]
    decided_by: Vec<String>,
    /// Who disagreed, and why: "NAME: words" (repeatable)
    #[arg(long = "dissent", value_name = "NAME: WORDS")]
    dissent: Vec<String>,
    /// Why otherwise than recommended
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// What a pivot changes
    #[arg(long, value_enum)]
    pivot: Option<PivotName>,
    /// What is believed next, after a pivot
    #[arg(long, value_name = "TEXT")]
    next: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum VerdictName {
    Expand,
    Persevere,
    Pivot,
    Stop,
}

#[derive(Clone, Copy, ValueEnum)]
enum PivotName {
    Problem,
    Segment,
    Mechanism,
    Metric,
}

#[derive(Debug, Error)]
enum DecisionError {
    #[error("`{0}` names nobody: {1}")]
    Actor(String, &'static str),
    #[error("`{0}` is no dissent: write \"NAME: why\"")]
    Dissent(String),
}

pub(crate) fn run(command: DecisionCommand) -> Result<ExitCode, CommandError> {
    match command {
        DecisionCommand::Record(arguments) => record(arguments),
        DecisionCommand::Show(arguments) => arguments.run(Kind::Decision),
    }
}

fn actor(name: &str) -> Result<Actor, DecisionError> {
    Actor::new(name).map_err(|reason| DecisionError::Actor(name.to_owned(), reason))
}

fn record(arguments: RecordArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let mut decided_by: Vec<Actor> =
        arguments.decided_by.iter().map(|it| actor(it)).collect::<Result<_, _>>()?;
    if decided_by.is_empty() {
        decided_by.push(data.actor()?.clone());
    }
    let dissent = arguments.dissent.iter().map(|it| {
        let (name, words) = it.split_once(':').ok_or_else(|| DecisionError::Dissent(it.clone()))?;
        Ok(Dissent { who: actor(name)?, words: words.trim().to_owned() })
    });
    let wish = Wish {
        verdict: match arguments.verdict {
            VerdictName::Expand => DecisionVerdict::Expand,
            VerdictName::Persevere => DecisionVerdict::Persevere,
            VerdictName::Pivot => DecisionVerdict::Pivot,
            VerdictName::Stop => DecisionVerdict::Stop,
        },
        decided_by,
        dissent: dissent.collect::<Result<_, DecisionError>>()?,
        why: arguments.why,
        pivot: arguments.pivot.map(|it| match it {
            PivotName::Problem => PivotKind::Problem,
            PivotName::Segment => PivotKind::Segment,
            PivotName::Mechanism => PivotKind::Mechanism,
            PivotName::Metric => PivotKind::Metric,
        }),
        next_believe: arguments.next,
    };
    let (verdict, at) = (wish.verdict, data.now());
    let asked = data.actor()?.clone();
    let changes = data.change(|record| {
        let mut changes = record.decide(arguments.experiment, wish, at)?;
        if verdict == DecisionVerdict::Expand {
            changes.extend(next_ring(record, arguments.experiment, &asked)?);
        }
        Ok(changes)
    })?;
    if verdict != DecisionVerdict::Persevere {
        policy::publish(&mut data)?;
    }
    let of = |kind| changes.iter().map(|it| it.object).find(move |it| it.kind() == kind);
    let kinds = [Kind::Decision, Kind::Problem, Kind::Rollout];
    let shown: Vec<ObjectId> = kinds.into_iter().filter_map(of).collect();
    data.show(&shown)?;
    if verdict == DecisionVerdict::Expand {
        let record = data.record()?;
        if let Ok(experiment) = record.experiment(arguments.experiment) {
            let rollout = experiment.rollout;
            data.say(&match rollout::ring_left(&record, rollout) {
                Some(_) => {
                    format!("\nNext: fixloop rollout ramp {rollout} moves the ring after it")
                }
                None => {
                    format!("\nNext: no ring is left; fixloop rollout done {rollout} --why \"…\"")
                }
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An expansion moves the next ring, if one is left.
fn next_ring(record: &Record, experiment: ObjectId, asked: &Actor) -> Result<Vec<Change>, Refusal> {
    let rollout = record.experiment(experiment)?.rollout;
    match rollout::ring_left(record, rollout) {
        Some(ring) => rollout::ramped(record, (rollout, ring), None, (asked, None)),
        None => Ok(Vec::new()),
    }
}
