//! `fixloop experiment`.

mod analyze;
mod findings;
mod plan;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Plan, assign and analyse experiments in a few teams
#[derive(Subcommand)]
pub(crate) enum ExperimentCommand {
    Analyze(Box<analyze::AnalyzeArguments>),
    Plan(Box<plan::PlanArguments>),
}

pub(crate) fn run(command: ExperimentCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExperimentCommand::Analyze(arguments) => analyze::run(&arguments),
        ExperimentCommand::Plan(arguments) => plan::run(*arguments),
    }
}
