//! `fixloop history`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use fixloop_readout::Readout;
use fixloop_report::{
    GapRow, HistoryReport, RepositoryRow, day, readout_json, rfc3339, visible, write_history_json,
    write_readout_html, write_readout_text, write_rows_csv,
};
use serde_json::{Value, json};

use crate::error::CommandError;
use crate::mined::{Mined, MiningArguments, Repository};
use crate::output::{ReadoutFormat, print};

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
    /// For people, `fixloop.history/1` for scripts, the table of opportunities, or one self-contained page
    #[arg(long, value_enum, default_value_t = ReadoutFormat::Text)]
    format: ReadoutFormat,
}

pub(crate) fn run(arguments: &HistoryArguments) -> Result<ExitCode, CommandError> {
    let mined = arguments.mining.mine()?;
    if arguments.format != ReadoutFormat::Json {
        mined.expect_any()?;
    }
    let readout = mined.readout();
    match arguments.format {
        ReadoutFormat::Text => print(|out| {
            write_readout_text(&readout, out)?;
            write_gaps(&mined, out)
        })?,
        ReadoutFormat::Json => {
            let report = report(&mined, summary(&mined, &readout));
            print(|out| write_history_json(&report, out))?;
        }
        ReadoutFormat::Csv => print(|out| write_rows_csv(&readout.rows, out))?,
        ReadoutFormat::Html => print(|out| write_readout_html(&readout, out))?,
    }
    mined.tell_cache_faults();
    Ok(if mined.gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Gaps that are told before the rest is counted.
const MAX_GAPS: usize = 8;

pub(crate) fn write_gaps(mined: &Mined, out: &mut dyn Write) -> io::Result<()> {
    if mined.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nUnknown ({}):", mined.gaps.len())?;
    for it in mined.gaps.iter().take(MAX_GAPS) {
        let path = it.path.as_ref().map(|it| format!(":{it}")).unwrap_or_default();
        let when = it.time.map(|it| format!(" on {}", day(it))).unwrap_or_default();
        let text = format!("{}{path}{when}: {}", it.repository, it.reason);
        writeln!(out, "  {}", visible(&text))?;
    }
    if let Some(more) = mined.gaps.len().checked_sub(MAX_GAPS).filter(|it| *it > 0) {
        writeln!(out, "  and {more} more (--format json has all)")?;
    }
    Ok(())
}

/// The statistics, with counts of what was clamped and left out.
fn summary(mined: &Mined, readout: &Readout) -> Value {
    let mut summary = json!(readout_json(readout));
    let n_corrected: usize = mined.histories().map(|it| it.n_corrected_clocks).sum();
    if let Value::Object(fields) = &mut summary {
        fields.insert("corrected_clocks".to_owned(), n_corrected.into());
        fields.insert("ended_before_disclosure".to_owned(), mined.early_ends.len().into());
        fields.insert("targets".to_owned(), mined.target_times.len().into());
        let undated: Vec<&str> = mined.undated().into_iter().collect();
        fields.insert("undated".to_owned(), undated.into());
    }
    summary
}

pub(crate) fn report(mined: &Mined, summary: Value) -> HistoryReport<'_> {
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
