//! `fixloop experiment`.

mod analyze;
mod findings;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Plan, assign and analyse experiments in a few teams
#[derive(Subcommand)]
pub(crate) enum ExperimentCommand {
    Analyze(Box<analyze::AnalyzeArguments>),
}

pub(crate) fn run(command: ExperimentCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExperimentCommand::Analyze(arguments) => analyze::run(&arguments),
    }
}
