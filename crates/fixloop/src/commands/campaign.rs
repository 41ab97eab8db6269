//! `fixloop campaign`.

mod about;
mod close;
mod create;
mod forecast;
mod look;
mod matching;
mod messages;
mod patch;
mod pivot;
mod rules;
mod show;
mod webhook;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_program::record::ObjectId;

use crate::data::DataArguments;
use crate::error::CommandError;

/// What has to be fixed everywhere by a date: who is affected, will it be done in time, and a harder rung if not
#[derive(Subcommand)]
pub(crate) enum CampaignCommand {
    Create(create::CreateArguments),
    Open(create::OpenArguments),
    /// List campaigns, as they were last looked at
    List(show::ListArguments),
    Show(show::ShowOneArguments),
    Affected(show::AffectedArguments),
    Forecast(forecast::ForecastArguments),
    Pivot(pivot::PivotArguments),
    Patch(patch::PatchArguments),
    Messages(messages::MessagesArguments),
    Close(close::CloseArguments),
}

/// One campaign of a data directory.
#[derive(Args)]
pub(crate) struct OneArguments {
    #[command(flatten)]
    data: DataArguments,
    /// As campaign-1
    campaign: ObjectId,
}

pub(crate) fn run(command: CampaignCommand) -> Result<ExitCode, CommandError> {
    match command {
        CampaignCommand::Create(arguments) => create::run(arguments),
        CampaignCommand::Open(arguments) => create::open(&arguments),
        CampaignCommand::List(arguments) => show::list(&arguments),
        CampaignCommand::Show(arguments) => show::run(&arguments),
        CampaignCommand::Affected(arguments) => show::affected(&arguments),
        CampaignCommand::Forecast(arguments) => forecast::run(&arguments),
        CampaignCommand::Pivot(arguments) => pivot::run(&arguments),
        CampaignCommand::Patch(arguments) => patch::run(&arguments),
        CampaignCommand::Messages(arguments) => messages::run(&arguments),
        CampaignCommand::Close(arguments) => close::run(&arguments),
    }
}
