//! `fixloop scan`.

mod diff;
mod fleet;
mod rules;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_model::Timestamp;
use fixloop_report::{write_json, write_text};
use fixloop_scan::{Indexes, Options, scan};
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::commands::checks_named;
use crate::commands::scan::diff::only_new;
use crate::commands::scan::fleet::scan_fleet;
use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::output::{Format, print};
use crate::progress::Progress;
use crate::today::today;

/// Find vulnerable and malicious packages in a folder or file
///
/// Reads the manifests and lockfiles of Cargo, npm, yarn, pnpm, pip, Poetry, uv, PDM, Pipenv, Go, Maven, Gradle, NuGet, Bundler, Composer,
/// Mix and Pub, uses of GitHub Actions, and CycloneDX JSON. Files that `.gitignore` leaves out and `node_modules` are not read. Nothing leaves this machine. Findings that `fixloop.toml` in the scanned
/// folder accepts are left out; see fixloop exception add.
///
/// Exit code: 1 if there is a finding; else 2 if a file, folder or the index could not be read or evaluated; else 0.
#[derive(Args)]
pub(crate) struct ScanArguments {
    /// The folder or file to scan
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Scan the newest commit of every mirror of a fleet instead; see fixloop fleet sync
    #[arg(long, value_name = "DIR", conflicts_with = "path")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    index: IndexArgument,
    /// For people, or `fixloop.scan/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// List every component read, not only those with findings (JSON)
    #[arg(long)]
    all_components: bool,
    /// Exit with 2 also if a single component could not be decided
    #[arg(long)]
    strict: bool,
    /// A registry that serves the public registry's packages unchanged (repeatable)
    #[arg(long = "mirror", value_name = "HOST")]
    mirrors: Vec<String>,
    /// An OpenVEX document: what it calls not affected or fixed is no finding (repeatable)
    #[arg(long = "vex", value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// Only what is new against a revision's merge-base with HEAD: a branch, tag or commit
    ///
    /// Uncommitted changes count. What was only moved is not new. With --format json, `fixed` lists what is gone.
    #[arg(long, value_name = "BASE", conflicts_with = "fleet")]
    diff: Option<String>,
    /// As of the end of this day: advisories published by then and not yet withdrawn, with the ranges that they have today
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
    /// Only what was disclosed on this day or later
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Check build configuration by a rule, too: a file, dependency-confusion, or a recorded rule's id (repeatable)
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Read files that `.gitignore` leaves out, too
    #[arg(long)]
    no_gitignore: bool,
}

pub(crate) fn run(arguments: &ScanArguments) -> Result<ExitCode, CommandError> {
    let rules = checks_named(&arguments.rules)?;
    let index = arguments.index.open()?;
    let options = Options {
        mirrors: arguments.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect(),
        respect_gitignore: !arguments.no_gitignore,
        with_inventory: arguments.all_components,
        vex: arguments.vex.clone(),
        urgency: arguments.index.urgency()?,
        today: arguments.at.unwrap_or_else(today),
    };
    let indexes = Indexes { at: arguments.at.map(end_of_day), ..Indexes::from(&index) };
    let progress =
        Progress::new(if arguments.fleet.is_some() { "repositories" } else { "files read" });
    let scan = match &arguments.fleet {
        Some(folder) => scan_fleet(folder, indexes, &options, &|done| progress.set(done as u64)),
        None => scan(&arguments.path, indexes, &options, &|done, _| progress.set(done as u64))
            .map_err(CommandError::from),
    };
    progress.finish();
    let mut scan = scan?;
    match &arguments.fleet {
        Some(folder) => rules::add_of_fleet(&mut scan, &rules, folder, &options)?,
        None => rules::add(&mut scan, &rules, &arguments.path, &options)?,
    }
    if let Some(base) = &arguments.diff {
        only_new(&mut scan, &arguments.path, base, (indexes, &options), &rules)?;
    }
    if let Some(day) = arguments.since {
        let since = start_of_day(day);
        // Of what tells no day, nobody can say that it is older.
        scan.findings.retain(|it| it.disclosed.is_none_or(|it| it >= since));
        scan.since = Some(since);
    }
    print(|out| match arguments.format {
        Format::Text => write_text(&scan, out),
        Format::Json => write_json(&scan, out),
    })?;
    let is_undecided = scan.has_undecided(arguments.strict);
    Ok(match (scan.has_finding(), is_undecided) {
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::from(2),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// In UTC, as every day here.
fn start_of_day(day: Date) -> Timestamp {
    let start = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    Timestamp(start.unwrap_or(jiff::Timestamp::MAX).as_microsecond())
}

/// The last microsecond of it.
fn end_of_day(day: Date) -> Timestamp {
    Timestamp(start_of_day(day).0.saturating_add(86_400_000_000 - 1))
}
