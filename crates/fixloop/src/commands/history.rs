//! `fixloop history`.

use std::process::ExitCode;

use clap::Args;
use fixloop_report::{GapRow, HistoryReport, RepositoryRow, rfc3339, write_history_json};

use crate::error::CommandError;
use crate::mined::{Mined, MiningArguments, Repository};
use crate::output::{Format, print};

/// How long vulnerable packages took to be fixed, from git histories
///
/// Reads the first-parent history of one branch of each repository: when a vulnerable version came in, when it was disclosed, when it was
/// upgraded or removed. Nothing leaves this machine. What was read is remembered, so that the next run reads only what is new.
///
/// Exit code: 2 if a repository or a part of its history could not be read, else 0.
#[derive(Args)]
pub(crate) struct HistoryArguments {
    #[command(flatten)]
    mining: MiningArguments,
    /// For people, or `fixloop.history/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &HistoryArguments) -> Result<ExitCode, CommandError> {
    let mined = arguments.mining.mine()?;
    let n_corrected: usize = mined.histories().map(|it| it.n_corrected_clocks).sum();
    let report = report(&mined, serde_json::json!({ "corrected_clocks": n_corrected }));
    print(|out| write_history_json(&report, out))?;
    Ok(if mined.gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

pub(crate) fn report(mined: &Mined, summary: serde_json::Value) -> HistoryReport<'_> {
    let gaps = mined.gaps.iter().map(|it| GapRow {
        repository: it.repository.clone(),
        path: it.path.clone(),
        commit: it.commit.clone(),
        time: it.time.map(rfc3339),
        reason: it.reason.clone(),
    });
    HistoryReport {
        repositories: mined.repositories.iter().map(row).collect(),
        exposures: &mined.exposures,
        opportunities: &mined.opportunities,
        early_ends: &mined.early_ends,
        gaps: gaps.collect(),
        summary,
    }
}

fn row(it: &Repository) -> RepositoryRow {
    let history = it.history.as_ref().ok();
    let count = |of: &dyn Fn(&fixloop_history::History) -> usize| history.map_or(0, of);
    RepositoryRow {
        name: it.name.clone(),
        status: if history.is_some() { "read" } else { "unknown" },
        reason: it.history.as_ref().err().cloned(),
        commits: count(&|it| it.n_commits),
        inventories: count(&|it| it.n_inventories),
        inventories_read: count(&|it| it.n_read),
        targets: count(&|it| it.exposures.n_targets),
        first_commit: history.and_then(|it| it.first).map(rfc3339),
        last_commit: history.and_then(|it| it.last).map(rfc3339),
        corrected_clocks: count(&|it| it.n_corrected_clocks),
        unmatched_components: count(&|it| it.n_unmatched),
    }
}
