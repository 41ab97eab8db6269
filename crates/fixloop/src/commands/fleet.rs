//! `fixloop fleet`.

mod index;
pub(crate) mod sync;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Mirrors of an organization's repositories, for scan --fleet and history
#[derive(Subcommand)]
pub(crate) enum FleetCommand {
    Sync(sync::SyncArguments),
    Index(index::IndexArguments),
}

pub(crate) fn run(command: FleetCommand) -> Result<ExitCode, CommandError> {
    match command {
        FleetCommand::Sync(arguments) => sync::run(&arguments),
        FleetCommand::Index(arguments) => index::run(&arguments),
    }
}
