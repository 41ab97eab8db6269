//! `fixloop okr`.

mod baseline;
mod draft;
mod json;
mod text;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Key results: where they stand before they begin
#[derive(Subcommand)]
pub(crate) enum OkrCommand {
    Baseline(baseline::BaselineArguments),
}

pub(crate) fn run(command: OkrCommand) -> Result<ExitCode, CommandError> {
    match command {
        OkrCommand::Baseline(arguments) => baseline::run(&arguments),
    }
}
