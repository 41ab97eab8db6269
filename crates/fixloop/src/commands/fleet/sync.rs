//! `fixloop fleet sync`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use fixloop_fleet::{
    FleetRepository, List, Status, SyncError, SyncOptions, Synced, TeamSource, read_list,
    read_teams, sync, write_json,
};
use fixloop_report::visible;
use thiserror::Error;

use crate::error::CommandError;
use crate::index_path::data_folder;
use crate::output::{Format, print};
use crate::progress::Progress;
use crate::today::now;

/// More at once would only make the hosts slow down.
const MAX_JOBS: usize = 16;
/// A list is at most 64 MiB; the reader says so.
const MAX_LIST_BYTES: u64 = (64 << 20) + 1;
/// Reasons listed for people; JSON has all of them.
const MAX_LISTED: usize = 50;

/// Mirror the repositories of a list, or bring their mirrors up to date
///
/// FILE is CSV with a header (columns url, and if they are there name, team and branch), or the JSON that the list APIs of GitHub, GitLab
/// and Azure DevOps print, several pages one after the other too. The mirrors are bare and hold the default branch; of its files only
/// manifests, lockfiles, workflows, registry configuration and CODEOWNERS are fetched where the host allows that. The git executable does
/// the fetching with your own configuration and credential helpers; it never asks for a password.
///
/// Exit code: 0 if every repository is up to date; 2 if one could not be fetched (an older mirror of it is kept).
#[derive(Args)]
pub(crate) struct SyncArguments {
    /// The list: CSV, or JSON of GitHub, GitLab or Azure DevOps
    file: PathBuf,
    /// The fleet's folder [default: fleet in the user's data folder]
    #[arg(long, value_name = "DIR", env = "FIXLOOP_FLEET")]
    into: Option<PathBuf>,
    /// Repositories at once, at most 16 [default: two per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=16))]
    jobs: Option<u64>,
    /// CSV with the columns repository and team; `*` stands for anything, the first line that fits decides
    #[arg(long, value_name = "FILE")]
    teams: Option<PathBuf>,
    /// For people, or `fixloop.fleet/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How long one repository may take, in seconds
    #[arg(long, default_value_t = 600, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    timeout: u64,
}

impl SyncArguments {
    /// A list into a data directory.
    pub(crate) fn of(file: PathBuf, into: PathBuf, teams: Option<PathBuf>) -> Self {
        Self { file, into: Some(into), jobs: None, teams, format: Format::Text, timeout: 600 }
    }

    /// Whether the list and its teams can be used.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        list(self).map(|_| ())
    }
}

#[derive(Debug, Error)]
enum SyncCommandError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the list `{}` cannot be used", path.display())]
    List { path: PathBuf, source: fixloop_fleet::ListError },
    #[error("the teams of `{}` cannot be used", path.display())]
    Teams { path: PathBuf, source: fixloop_fleet::TeamsError },
    #[error("no place for the mirrors: neither --into nor a home folder is given")]
    NoPlace,
}

pub(crate) fn run(arguments: &SyncArguments) -> Result<ExitCode, CommandError> {
    let list = list(arguments)?;
    let folder = arguments.into.clone().or_else(|| data_folder().map(|it| it.join("fleet")));
    let folder = folder.ok_or(SyncCommandError::NoPlace)?;
    let n_cores = thread::available_parallelism().map_or(1, Into::into);
    let n_jobs = arguments.jobs.and_then(|it| usize::try_from(it).ok());
    let options = SyncOptions {
        folder: folder.clone(),
        n_jobs: n_jobs.unwrap_or((2 * n_cores).min(MAX_JOBS)),
        timeout: Duration::from_secs(arguments.timeout),
        now: now(),
    };
    let progress = Progress::new("repositories");
    let synced = sync(&list.repositories, &options, &|done| progress.set(done as u64));
    progress.finish();
    let synced = synced.map_err(|error| {
        let is_git = matches!(error, SyncError::Git(_));
        let error = CommandError::from(error);
        if is_git { error.hint("fleets need git 2.35 or newer on the PATH") } else { error }
    })?;
    print(|out| match arguments.format {
        Format::Text => write_text(&synced, &list, arguments.teams.is_some(), &folder, out),
        Format::Json => write_json(&synced.fleet, out),
    })?;
    let is_whole = synced.fleet.repositories.iter().all(|it| it.reason.is_none());
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn list(arguments: &SyncArguments) -> Result<List, CommandError> {
    let path = &arguments.file;
    let mut list = read_list(&read(path)?)
        .map_err(|source| SyncCommandError::List { path: path.clone(), source })?;
    if let Some(path) = &arguments.teams {
        let teams = read_teams(&read(path)?)
            .map_err(|source| SyncCommandError::Teams { path: path.clone(), source })?;
        teams.apply(&mut list);
    }
    Ok(list)
}

fn read(path: &Path) -> Result<String, SyncCommandError> {
    let failed = |source| SyncCommandError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_LIST_BYTES).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn write_text(
    synced: &Synced,
    list: &List,
    has_teams: bool,
    folder: &Path,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = &synced.fleet.repositories;
    for (status, what) in [(Status::Stale, "stale"), (Status::Unknown, "unknown")] {
        let of: Vec<&FleetRepository> = all.iter().filter(|it| it.status == status).collect();
        if of.is_empty() {
            continue;
        }
        let means = match status {
            Status::Stale => "could not be brought up to date; an older mirror is kept",
            _ => "could not be fetched",
        };
        writeln!(out, "{what}: {} {means}", of.len())?;
        for it in of.iter().take(MAX_LISTED) {
            let reason = it.reason.as_deref().unwrap_or_default();
            writeln!(out, "  {}  {}", visible(&it.name), visible(reason))?;
        }
        if let Some(more) = of.len().checked_sub(MAX_LISTED).filter(|it| *it > 0) {
            writeln!(out, "  and {more} more: --format json lists all")?;
        }
    }
    let n_whole = all.iter().filter(|it| it.head.is_some() && !it.is_partial).count();
    let n_failed = all.iter().filter(|it| it.reason.is_some()).count();
    writeln!(
        out,
        "{}: {} new, {} updated, {} unchanged, {n_failed} not fetched; {} MiB in {}",
        if all.len() == 1 {
            "1 repository".to_owned()
        } else {
            format!("{} repositories", all.len())
        },
        synced.n_new,
        synced.n_updated,
        synced.n_unchanged,
        synced.n_bytes.div_ceil(1 << 20),
        visible(&folder.display().to_string())
    )?;
    if n_whole > 0 {
        writeln!(out, "{n_whole} with all their files, because the host left none out")?;
    }
    match synced.unlisted.len() {
        0 => {}
        n => writeln!(out, "{n} no longer listed: their mirrors stay on disk, out of the fleet")?,
    }
    let n_teams = all.iter().filter(|it| it.team.is_some()).count();
    let source = match (has_teams, list.team_source) {
        (true, _) => "from --teams, else the list",
        (false, TeamSource::Column) => "from the list's column",
        (false, TeamSource::Namespace) => "from the list's groups or projects",
        (false, TeamSource::None) => "the list names none; --teams FILE does",
    };
    writeln!(out, "{n_teams} with a team ({source})")
}
