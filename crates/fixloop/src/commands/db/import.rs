//! `fixloop db import`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fixloop_feed::{ImportReport, import, read_epss, read_kev};
use fixloop_index::{Builder, Index, Urgency, UrgencyParts};
use fixloop_report::visible;
use thiserror::Error;

use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::output::print;
use crate::progress::Progress;

/// Compile OSV records into an index, in place of the one there
///
/// Takes folders, zip archives (as OSV publishes them), tar.zst archives and single JSON files. Records that appear more than
/// once are taken once, in their latest version. Says what it could not use, by reason.
///
/// Exit code: 0 if everything was read; 2 if a record, archive or folder could not be read (the index then holds the rest).
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// Folders (also checkouts of advisory databases), archives or records
    #[arg(required_unless_present_any = ["kev", "epss"])]
    paths: Vec<PathBuf>,
    /// CISA's catalog of known exploited vulnerabilities, as JSON
    #[arg(long, value_name = "FILE")]
    kev: Option<PathBuf>,
    /// Scores of EPSS, as CSV or CSV.gz
    #[arg(long, value_name = "FILE")]
    epss: Option<PathBuf>,
    #[command(flatten)]
    index: IndexArgument,
}

impl ImportArguments {
    /// Records into an index of their own.
    pub(crate) fn of(paths: Vec<PathBuf>, index: PathBuf) -> Self {
        Self { paths, kev: None, epss: None, index: IndexArgument::of(index) }
    }
}

#[derive(Debug, Error)]
enum ImportError {
    #[error("no place for the index: neither --index nor a home folder is given")]
    NoPlace,
    #[error("no record was read from {0}: the index is left as it was")]
    Nothing(String),
    #[error("failed to create folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
}

pub(crate) fn run(arguments: &ImportArguments) -> Result<ExitCode, CommandError> {
    let path = arguments.index.path().ok_or(ImportError::NoPlace)?;
    // Read before anything is written, so that a wrong file changes nothing.
    let parts = UrgencyParts {
        exploited: arguments.kev.as_deref().map(read_kev).transpose()?,
        scored: arguments.epss.as_deref().map(read_epss).transpose()?,
    };
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        let failed = |source| ImportError::Folder { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let code = if arguments.paths.is_empty() {
        ExitCode::SUCCESS
    } else {
        import_records(arguments, &path)?
    };
    if parts.exploited.is_some() || parts.scored.is_some() {
        write_urgency(&parts, &Urgency::path_beside(&path))?;
    }
    Ok(code)
}

/// Writes what was read beside the index, keeping the part that was not.
pub(super) fn write_urgency(parts: &UrgencyParts, path: &Path) -> Result<(), CommandError> {
    let urgency = Urgency::open(path).unwrap_or_default().with(parts);
    urgency.write(path)?;
    print(|out| {
        if let Some((day, n)) = urgency.catalog() {
            writeln!(out, "known exploited: {n} vulnerabilities as of {day}")?;
        }
        if let Some((day, n)) = urgency.scores() {
            writeln!(out, "probabilities: {n} vulnerabilities as of {day}")?;
        }
        Ok(())
    })?;
    Ok(())
}

fn import_records(arguments: &ImportArguments, path: &Path) -> Result<ExitCode, CommandError> {
    let mut builder = Builder::default();
    // An index that is there and readable hands down the names of its alias groups; any other is simply replaced.
    if let Ok(earlier) = Index::open(path)
        && earlier.verify().is_ok()
    {
        builder.keep_representatives(&earlier)?;
    }
    let progress = Progress::new("records read");
    let report = import(&arguments.paths, &mut builder, |done| progress.set(done));
    progress.finish();
    if report.n_records == 0 {
        print(|out| write_report(&report, out))?;
        let names: Vec<_> =
            arguments.paths.iter().map(|it| format!("`{}`", it.display())).collect();
        let error = CommandError::from(ImportError::Nothing(names.join(", ")));
        return Err(error.hint("an OSV record is a JSON object with `id` and `affected`; see ossf.github.io/osv-schema"));
    }
    let built = builder.build()?;
    built.write(path)?;
    print(|out| {
        write_report(&report, out)?;
        let kib = built.n_bytes().div_ceil(1024);
        writeln!(out, "wrote {} records, {kib} KiB: {}", report.n_records, path.display())
    })?;
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

pub(super) fn write_report(report: &ImportReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "read {} records, {} of them withdrawn (kept, not matched)",
        report.n_read, report.n_withdrawn
    )?;
    if !report.unused.is_empty() {
        writeln!(out, "not used:")?;
    }
    for ((part, reason), n) in &report.unused {
        writeln!(out, "  {n:>8} {part:<9} {reason}")?;
    }
    for (ending, n) in &report.other_files {
        writeln!(
            out,
            "  {n:>8} {:<9} neither JSON nor zip nor tar.zst: .{}",
            "file",
            visible(ending)
        )?;
    }
    let n_failed = report.n_failed_records + report.n_failed_sources;
    if n_failed > 0 {
        writeln!(out, "could not be read: {n_failed}")?;
    }
    for it in &report.failures {
        writeln!(out, "  {}: {}", visible(&it.place), visible(&it.reason))?;
    }
    let n_unlisted = n_failed - report.failures.len() as u64;
    if n_unlisted > 0 {
        writeln!(out, "  and {n_unlisted} more")?;
    }
    Ok(())
}
