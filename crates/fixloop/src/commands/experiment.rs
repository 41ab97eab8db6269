//! `fixloop experiment`.

mod analyze;
mod asked;
mod assign;
mod assigned;
mod backtest;
mod cells;
mod export;
mod findings;
mod guardrails;
mod health;
mod ledger;
mod plan;
mod stages;
mod verify;
mod written;

use std::process::ExitCode;

use clap::Subcommand;

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
    }
}
