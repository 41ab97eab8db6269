//! `fixloop rule`.

mod json;
mod named;
mod test;
mod text;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

pub(crate) use named::RuleFileError;

/// Checks of build configuration, as data; docs/rules.md has the language
#[derive(Subcommand)]
pub(crate) enum RuleCommand {
    Test(test::TestArguments),
}

pub(crate) fn run(command: RuleCommand) -> Result<ExitCode, CommandError> {
    match command {
        RuleCommand::Test(arguments) => test::run(&arguments),
    }
}
