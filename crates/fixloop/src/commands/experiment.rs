//! `fixloop experiment`.

mod analyze;
mod asked;
mod assign;
mod assigned;
mod backtest;
mod cells;
mod export;
mod findings;
pub(crate) mod frozen;
mod guardrails;
mod health;
mod ledger;
mod look;
pub(crate) mod pilot;
mod plan;
mod recorded;
mod stages;
mod verify;
mod written;

use std::process::ExitCode;

use clap::Subcommand;

pub(crate) use analyze::{ExperimentFormat, write as write_report};

use crate::error::CommandError;

/// Plan, assign and analyse experiments in a few teams
#[derive(Subcommand)]
pub(crate) enum ExperimentCommand {
    Analyze(Box<analyze::AnalyzeArguments>),
    Assign(assign::AssignArguments),
    Verify(verify::VerifyArguments),
    Export(Box<export::ExportArguments>),
    Ledger(ledger::LedgerArguments),
    Stages(stages::StagesArguments),
    Backtest(backtest::BackTestArguments),
    Plan(Box<plan::PlanArguments>),
    Register(Box<recorded::RegisterArguments>),
    Start(recorded::StartArguments),
    Look(look::LookArguments),
    Show(look::ShowArguments),
    Pause(recorded::MoveArguments),
    Resume(recorded::MoveArguments),
    Edit(recorded::MoveArguments),
    Void(recorded::MoveArguments),
}

pub(crate) fn run(command: ExperimentCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExperimentCommand::Analyze(arguments) => analyze::run(&arguments),
        ExperimentCommand::Assign(arguments) => assign::run(&arguments),
        ExperimentCommand::Verify(arguments) => verify::run(&arguments),
        ExperimentCommand::Export(arguments) => export::run(&arguments),
        ExperimentCommand::Ledger(arguments) => ledger::run(&arguments),
        ExperimentCommand::Stages(arguments) => stages::run(&arguments),
        ExperimentCommand::Backtest(arguments) => backtest::run(&arguments),
        ExperimentCommand::Plan(arguments) => plan::run(*arguments),
        ExperimentCommand::Register(arguments) => recorded::register(&arguments),
        ExperimentCommand::Start(arguments) => recorded::start(&arguments),
        ExperimentCommand::Look(arguments) => look::look(&arguments),
        ExperimentCommand::Show(arguments) => look::show(&arguments),
        ExperimentCommand::Pause(arguments) => recorded::pause(&arguments),
        ExperimentCommand::Resume(arguments) => recorded::resume(&arguments),
        ExperimentCommand::Edit(arguments) => recorded::edit(&arguments),
        ExperimentCommand::Void(arguments) => recorded::void(&arguments),
    }
}
