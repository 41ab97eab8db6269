//! `fixloop experiment`.

mod analyze;
mod backtest;
mod cells;
mod findings;
mod guardrails;
mod health;
mod ledger;
mod stages;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

/// Plan, assign and analyse experiments in a few teams
#[derive(Subcommand)]
pub(crate) enum ExperimentCommand {
    Analyze(Box<analyze::AnalyzeArguments>),
    Ledger(ledger::LedgerArguments),
    Stages(stages::StagesArguments),
    Backtest(backtest::BackTestArguments),
}

pub(crate) fn run(command: ExperimentCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExperimentCommand::Analyze(arguments) => analyze::run(&arguments),
        ExperimentCommand::Ledger(arguments) => ledger::run(&arguments),
        ExperimentCommand::Stages(arguments) => stages::run(&arguments),
        ExperimentCommand::Backtest(arguments) => backtest::run(&arguments),
    }
}
