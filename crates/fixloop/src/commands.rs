//! One file per command.

mod db;
mod exception;
mod scan;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

#[derive(Subcommand)]
pub(crate) enum Command {
    Scan(scan::ScanArguments),
    #[command(subcommand)]
    Exception(exception::ExceptionCommand),
    #[command(subcommand)]
    Db(db::DbCommand),
}

pub(crate) fn run(command: Command) -> Result<ExitCode, CommandError> {
    match command {
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Exception(command) => exception::run(command),
        Command::Db(command) => db::run(command),
    }
}
