//! `fixloop db`: the advisory index.

pub(crate) mod import;
mod info;
mod update;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Make and inspect the advisory index
#[derive(Subcommand)]
pub(crate) enum DbCommand {
    Import(import::ImportArguments),
    Update(update::UpdateArguments),
    Info(info::InfoArguments),
}

pub(crate) fn run(command: DbCommand) -> Result<ExitCode, CommandError> {
    match command {
        DbCommand::Import(arguments) => import::run(&arguments),
        DbCommand::Update(arguments) => update::run(&arguments),
        DbCommand::Info(arguments) => info::run(&arguments),
    }
}
