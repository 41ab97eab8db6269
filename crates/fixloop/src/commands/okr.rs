//! `fixloop okr`.

mod baseline;
mod draft;
mod json;
mod progress;
pub(crate) mod recorded;
mod text;
mod wanted;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Objectives and key results: where they stand, and whether they are SMART
#[derive(Subcommand)]
pub(crate) enum OkrCommand {
    Baseline(Box<baseline::BaselineArguments>),
    Create(Box<recorded::CreateArguments>),
    Check(recorded::CheckArguments),
    Activate(recorded::ActivateArguments),
    Revise(Box<recorded::ReviseArguments>),
    End(recorded::EndArguments),
    Show(recorded::ShowArguments),
}

pub(crate) fn run(command: OkrCommand) -> Result<ExitCode, CommandError> {
    match command {
        OkrCommand::Baseline(arguments) => baseline::run(&arguments),
        OkrCommand::Create(arguments) => recorded::create(*arguments),
        OkrCommand::Check(arguments) => recorded::check(&arguments),
        OkrCommand::Activate(arguments) => recorded::activate(&arguments),
        OkrCommand::Revise(arguments) => recorded::revise(&arguments),
        OkrCommand::End(arguments) => recorded::end(&arguments),
        OkrCommand::Show(arguments) => recorded::show(&arguments),
    }
}
