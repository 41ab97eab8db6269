//! `fixloop experiment`.

mod analyze;
mod assign;
mod assigned;
mod export;
mod findings;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Plan, assign and analyse experiments in a few teams
#[derive(Subcommand)]
pub(crate) enum ExperimentCommand {
    Analyze(Box<analyze::AnalyzeArguments>),
    Assign(assign::AssignArguments),
    Verify(verify::VerifyArguments),
    Export(export::ExportArguments),
}

pub(crate) fn run(command: ExperimentCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExperimentCommand::Analyze(arguments) => analyze::run(&arguments),
        ExperimentCommand::Assign(arguments) => assign::run(&arguments),
        ExperimentCommand::Verify(arguments) => verify::run(&arguments),
        ExperimentCommand::Export(arguments) => export::run(&arguments),
    }
}
