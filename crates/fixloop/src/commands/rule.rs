//! `fixloop rule`.

mod json;
mod named;
mod recorded;
mod test;
mod text;

use std::process::ExitCode;

use clap::Subcommand;

pub(crate) use named::{RuleFileError, checks_named};

use crate::error::CommandError;

/// Checks of build configuration, as data; docs/rules.md has the language
#[derive(Subcommand)]
pub(crate) enum RuleCommand {
    Test(test::TestArguments),
    Add(recorded::AddArguments),
    List(recorded::ListArguments),
    Show(recorded::ShowArguments),
}

pub(crate) fn run(command: &RuleCommand) -> Result<ExitCode, CommandError> {
    match command {
        RuleCommand::Test(arguments) => test::run(arguments),
        RuleCommand::Add(arguments) => recorded::add(arguments),
        RuleCommand::List(arguments) => recorded::list(arguments),
        RuleCommand::Show(arguments) => recorded::show(arguments),
    }
}
