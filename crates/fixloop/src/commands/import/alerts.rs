//! `fixloop import alerts`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_program::alerts::github::{self, GithubError};
use fixloop_program::alerts::merge;
use fixloop_report::visible;
use thiserror::Error;

use crate::alerts_file::{self, AlertsFileError};
use crate::error::CommandError;
use crate::output::print;

/// When vulnerabilities were alerted, from GitHub's list of an organisation's Dependabot alerts
///
/// FILE is what `gh api --paginate "/orgs/ORG/dependabot/alerts?per_page=100&state=open,fixed,dismissed,auto_dismissed"` prints. Alerts
/// imported before are kept; of the same one, the later update counts. Titles and descriptions are not kept.
///
/// Exit code: 2 if the file could not be read, or some of its alerts could not be used, else 0.
#[derive(Args)]
pub(crate) struct AlertsArguments {
    /// The list, as JSON
    file: PathBuf,
    /// Where the alerts are kept [default: alerts.json in the user's data folder]
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

#[derive(Debug, Error)]
#[error("failed to read alerts from `{}`", path.display())]
struct ListError {
    path: PathBuf,
    source: GithubError,
}

/// Skipped alerts that are told before the rest is counted.
const MAX_SKIPPED: usize = 5;

pub(crate) fn run(arguments: &AlertsArguments) -> Result<ExitCode, CommandError> {
    let path = &arguments.file;
    let bytes = alerts_file::read_bounded(path).map_err(|error| {
        let is_large = matches!(error, AlertsFileError::TooLarge(_));
        let error = CommandError::from(error);
        if is_large { error.hint("import the pages one by one: imports add up") } else { error }
    })?;
    let list = github::parse(&bytes)
        .map_err(|source| ListError { path: path.clone(), source })
        .map_err(|error| {
            CommandError::from(error).hint(
                "`gh api --paginate \"/orgs/ORG/dependabot/alerts?per_page=100&state=open,fixed,dismissed,auto_dismissed\"` prints the list",
            )
        })?;
    let into = arguments.into.clone().or_else(alerts_file::default_path);
    let into = into.ok_or_else(|| {
        CommandError::from(AlertsFileError::NoFolder).hint("name a file (--into FILE)")
    })?;
    let mut alerts = alerts_file::read(&into)?.unwrap_or_default();
    let n_read = list.alerts.len() + list.skipped.len();
    let merged = merge(&mut alerts, list.alerts);
    alerts_file::write(&into, &alerts)?;
    print(|out| {
        writeln!(
            out,
            "read {n_read} alerts: {} new, {} changed, {} as they were, {} skipped",
            merged.n_new,
            merged.n_changed,
            merged.n_unchanged,
            list.skipped.len()
        )?;
        for it in list.skipped.iter().take(MAX_SKIPPED) {
            writeln!(out, "  skipped {}", visible(it))?;
        }
        if let Some(more) = list.skipped.len().checked_sub(MAX_SKIPPED).filter(|it| *it > 0) {
            writeln!(out, "  and {more} more")?;
        }
        writeln!(out, "{} holds {} alerts", visible(&into.display().to_string()), alerts.len())
    })?;
    Ok(if list.skipped.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
