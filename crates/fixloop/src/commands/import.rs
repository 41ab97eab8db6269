//! `fixloop import`.

mod alerts;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// What other tools know
#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    Alerts(alerts::AlertsArguments),
}

pub(crate) fn run(command: ImportCommand) -> Result<ExitCode, CommandError> {
    match command {
        ImportCommand::Alerts(arguments) => alerts::run(&arguments),
    }
}
