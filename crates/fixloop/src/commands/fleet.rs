//! `fixloop fleet`.

pub(crate) mod sync;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Mirrors of an organization's repositories, for scan --fleet and history
#[derive(Subcommand)]
pub(crate) enum FleetCommand {
    Sync(sync::SyncArguments),
}

pub(crate) fn run(command: FleetCommand) -> Result<ExitCode, CommandError> {
    match command {
        FleetCommand::Sync(arguments) => sync::run(&arguments),
    }
}
