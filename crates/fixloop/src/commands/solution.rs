//! `fixloop solution`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_program::record::{Kind, LeadingMeasure, ObjectId, SolutionPlan};

use super::evidence::Share;
use crate::data::{DataArguments, ShowArguments, refused};
use crate::error::CommandError;

/// Solution hypotheses: if [treatment] for [ring] then [metric] changes, because [mechanism]
#[derive(Subcommand)]
pub(crate) enum SolutionCommand {
    Create(Box<CreateArguments>),
    /// Show solution hypotheses
    Show(ShowArguments),
}

/// Say what you expect of a treatment, and why
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The problem that it answers: supported at least
    #[arg(long, value_name = "ID")]
    problem: ObjectId,
    #[arg(long, value_name = "ID")]
    treatment: ObjectId,
    /// The ring of the pilot, by its name
    #[arg(long, value_name = "NAME", default_value = "pilot")]
    ring: String,
    /// The metric that changes
    #[arg(long, default_value = "time_to_fix")]
    metric: String,
    /// The smallest share of it that is worth the trouble
    #[arg(long, value_name = "SHARE", default_value = "10%")]
    worthwhile: Share,
    /// Within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 56)]
    within: u32,
    /// The mechanism: why should it help?
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// What must not get worse (repeatable)
    #[arg(long = "guard", value_name = "METRIC", default_value = "dismissal")]
    guards: Vec<String>,
    /// The step of the chain that is read within a day, and its line: delivered, seen, acted, landed or prevented
    #[arg(long, value_name = "STEP:SHARE", default_value = "seen:20%")]
    leading: String,
    /// Within so many hours
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    leading_hours: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no leading measure: write one such as seen:20%")]
struct NoMeasure(String);

pub(crate) fn run(command: SolutionCommand) -> Result<ExitCode, CommandError> {
    match command {
        SolutionCommand::Create(arguments) => create(*arguments),
        SolutionCommand::Show(arguments) => arguments.run(Kind::Solution),
    }
}

fn create(arguments: CreateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let wrong = || NoMeasure(arguments.leading.clone());
    let (step, line) = arguments.leading.split_once(':').ok_or_else(wrong)?;
    let step = fixloop_pilot::StepName::of_word(step).ok_or_else(wrong)?;
    let line: Share = line.parse()?;
    let leading = LeadingMeasure {
        step: step.as_str().to_owned(),
        line: line.0,
        within_hours: arguments.leading_hours,
    };
    let record = data.record()?;
    let ring = super::rollout::ring_named(&record, &arguments.ring).map_err(refused)?;
    let plan = SolutionPlan {
        problem: arguments.problem,
        treatment: arguments.treatment,
        ring,
        metric: arguments.metric,
        worthwhile: arguments.worthwhile.0,
        within_days: arguments.within,
        because: arguments.because,
        guards: arguments.guards,
        leading,
    };
    data.change_and_show(|record| record.create_solution(plan))?;
    Ok(ExitCode::SUCCESS)
}
