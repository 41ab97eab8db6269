//! `fixloop evidence`.

mod json;
mod lines;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_model::Opportunity;
use fixloop_program::alerts::Alert;
use fixloop_program::evidence::ceiling::{Stage, ceiling};
use fixloop_program::evidence::{
    Evidence, Lines, known_at_introduction, late_alerts, upgrade_regressions,
};

use crate::alerts_file::{self, AlertsFileError};
use crate::error::CommandError;
use crate::mined::{Mined, MiningArguments};
use crate::output::{Format, print};
pub(crate) use json::document;
use lines::LineArguments;
pub(crate) use lines::Share;
pub(crate) use text::write as evidence_text;

/// What the histories say for or against a problem hypothesis
///
/// Each query is a share with a 95 % interval by team, a line under which the hypothesis is rejected and one over which it is supported.
/// Decide on the lines before you look.
///
/// Exit code: 2 if a repository or a part of its history could not be read, else 0, also where the answer is "cannot tell".
#[derive(Subcommand)]
pub(crate) enum EvidenceCommand {
    /// How many vulnerable versions came in when their advisory was already public: the reach of any alert at the first reference
    KnownAtIntroduction(QueryArguments),
    /// How many upgrades of a vulnerable package were undone within 14 days
    UpgradeRegressions(QueryArguments),
    /// How many were first alerted when they were already on the default branch
    LateAlerts(AlertQueryArguments),
    /// The most that a stage can give against the wanted change
    Ceiling(CeilingArguments),
}

#[derive(Args)]
pub(crate) struct QueryArguments {
    #[command(flatten)]
    mining: MiningArguments,
    #[command(flatten)]
    lines: LineArguments,
    /// For people, or `fixloop.evidence/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Args)]
pub(crate) struct AlertQueryArguments {
    #[command(flatten)]
    query: QueryArguments,
    /// Alerts that `fixloop import alerts` kept [default: alerts.json in the user's data folder]
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CeilingArguments {
    #[command(flatten)]
    alerts: AlertQueryArguments,
    /// The part of the open days that a treatment would act on
    #[arg(long, value_enum)]
    stage: StageArgument,
    /// The wanted change of the key result: both lines, unless --kill or --confirm say otherwise
    #[arg(long, value_name = "SHARE", default_value = "20%")]
    wanted: Share,
}

#[derive(Clone, Copy, ValueEnum)]
enum StageArgument {
    /// From the start to the first alert
    Detect,
    /// From the alert to the opened fix
    React,
    /// From the opened fix to its landing
    Land,
    /// Everything that an alert at the first reference could reach
    FirstReference,
}

impl From<StageArgument> for Stage {
    fn from(it: StageArgument) -> Self {
        match it {
            StageArgument::Detect => Self::Detect,
            StageArgument::React => Self::React,
            StageArgument::Land => Self::Land,
            StageArgument::FirstReference => Self::FirstReference,
        }
    }
}

pub(crate) fn run(command: &EvidenceCommand) -> Result<ExitCode, CommandError> {
    match command {
        EvidenceCommand::KnownAtIntroduction(query) => {
            let lines = query.lines.or(known_at_introduction::LINES)?;
            query.answer(|mined| known_at_introduction::known_at_introduction(mined, lines))
        }
        EvidenceCommand::UpgradeRegressions(query) => {
            let lines = query.lines.or(upgrade_regressions::LINES)?;
            query.answer(|mined| upgrade_regressions::upgrade_regressions(mined, lines))
        }
        EvidenceCommand::LateAlerts(it) => {
            let lines = it.query.lines.or(late_alerts::LINES)?;
            let alerts = it.alerts()?;
            it.query.answer(|mined| late_alerts::late_alerts(mined, alerts.as_deref(), lines))
        }
        EvidenceCommand::Ceiling(it) => {
            let query = &it.alerts.query;
            let lines = query.lines.or(Lines::new(it.wanted.0, it.wanted.0)?)?;
            let alerts = it.alerts.alerts()?;
            query.answer(|mined| ceiling(mined, it.stage.into(), alerts.as_deref(), lines))
        }
    }
}

impl QueryArguments {
    fn answer(
        &self,
        query: impl FnOnce(fixloop_program::evidence::Mined<'_>) -> Evidence,
    ) -> Result<ExitCode, CommandError> {
        let mined = self.mining.mine()?;
        let counted: Vec<&Opportunity> = mined.counted().collect();
        let evidence = query(mined.evidence(&counted));
        self.write(&mined, &evidence)?;
        mined.tell_cache_faults();
        Ok(if mined.gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }

    fn write(&self, mined: &Mined, evidence: &Evidence) -> Result<(), CommandError> {
        match self.format {
            Format::Text => print(|out| {
                text::write(evidence, mined, out)?;
                super::history::write_gaps(mined, out)
            })?,
            Format::Json => print(|out| json::write(evidence, mined, out))?,
        }
        Ok(())
    }
}

impl AlertQueryArguments {
    /// `None` where nothing was ever imported; a file that was named must be there.
    fn alerts(&self) -> Result<Option<Vec<Alert>>, CommandError> {
        let Some(path) = self.alerts.clone().or_else(alerts_file::default_path) else {
            return Ok(None);
        };
        let alerts = alerts_file::read(&path)?;
        if alerts.is_none() && self.alerts.is_some() {
            let source = std::io::ErrorKind::NotFound.into();
            return Err(CommandError::from(AlertsFileError::Read { path, source })
                .hint("`fixloop import alerts LIST --into FILE` makes it"));
        }
        Ok(alerts)
    }
}
