//! One file per command.

mod analyze;
mod campaign;
mod db;
mod decision;
mod evidence;
mod exception;
mod experiment;
mod explain;
mod fix;
mod fleet;
mod gate;
mod history;
mod hypothesis;
mod import;
mod interview;
mod lsp;
mod mcp;
mod okr;
mod policy;
mod program;
mod readout;
mod ring;
mod rollout;
mod rule;
mod scan;
mod solution;
mod start;
mod telemetry;
mod treatment;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CommandError;

pub(crate) use rule::{RuleFileError, checks_named};

#[derive(Subcommand)]
pub(crate) enum Command {
    Scan(scan::ScanArguments),
    Start(start::StartArguments),
    Lsp(lsp::LspArguments),
    Mcp(mcp::McpArguments),
    Explain(explain::ExplainArguments),
    Fix(fix::FixArguments),
    Gate(Box<gate::GateArguments>),
    History(history::HistoryArguments),
    Analyze(analyze::AnalyzeArguments),
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    #[command(subcommand)]
    Experiment(experiment::ExperimentCommand),
    #[command(subcommand)]
    Import(import::ImportCommand),
    #[command(subcommand)]
    Okr(okr::OkrCommand),
    #[command(subcommand)]
    Hypothesis(hypothesis::HypothesisCommand),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    #[command(subcommand)]
    Ring(ring::RingCommand),
    #[command(subcommand)]
    Rollout(rollout::RolloutCommand),
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    #[command(subcommand)]
    Solution(solution::SolutionCommand),
    #[command(subcommand)]
    Treatment(treatment::TreatmentCommand),
    #[command(subcommand)]
    Decision(decision::DecisionCommand),
    #[command(subcommand)]
    Readout(readout::ReadoutCommand),
    #[command(subcommand)]
    Interview(interview::InterviewCommand),
    #[command(subcommand)]
    Program(program::ProgramCommand),
    #[command(subcommand)]
    Exception(exception::ExceptionCommand),
    #[command(subcommand)]
    Campaign(campaign::CampaignCommand),
    #[command(subcommand)]
    Fleet(fleet::FleetCommand),
    #[command(subcommand)]
    Telemetry(telemetry::TelemetryCommand),
    #[command(subcommand)]
    Db(db::DbCommand),
}

pub(crate) fn run(command: Command) -> Result<ExitCode, CommandError> {
    match command {
        Command::Start(arguments) => start::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Lsp(arguments) => lsp::run(arguments),
        Command::Mcp(arguments) => mcp::run(arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Fix(arguments) => fix::run(&arguments),
        Command::Gate(arguments) => gate::run(&arguments),
        Command::History(arguments) => history::run(&arguments),
        Command::Evidence(command) => evidence::run(&command),
        Command::Experiment(command) => experiment::run(command),
        Command::Import(command) => import::run(command),
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Okr(command) => okr::run(command),
        Command::Hypothesis(command) => hypothesis::run(command),
        Command::Policy(command) => policy::run(&command),
        Command::Ring(command) => ring::run(command),
        Command::Rollout(command) => rollout::run(command),
        Command::Rule(command) => rule::run(&command),
        Command::Solution(command) => solution::run(command),
        Command::Treatment(command) => treatment::run(command),
        Command::Decision(command) => decision::run(command),
        Command::Readout(command) => readout::run(&command),
        Command::Interview(command) => interview::run(command),
        Command::Program(command) => program::run(command),
        Command::Exception(command) => exception::run(command),
        Command::Campaign(command) => campaign::run(command),
        Command::Fleet(command) => fleet::run(command),
        Command::Telemetry(command) => telemetry::run(&command),
        Command::Db(command) => db::run(command),
    }
}
