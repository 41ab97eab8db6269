//! `fixloop rule test`: one rule over folders, files or the fleet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use fixloop_client::BuildRule;
use fixloop_fleet::{Fleet, FleetRepository, Status};
use fixloop_history::Repository;
use fixloop_model::{BuildCheck, CheckState, Files};
use fixloop_scan::{Folder, read_text};
use rayon::prelude::*;
use thiserror::Error;

use crate::commands::rule::named::find_rule;
use crate::commands::rule::{json, text};
use crate::error::CommandError;
use crate::output::{Format, print};
use crate::progress::Progress;

/// Run a rule over folders, files or a fleet: which are affected, clean or unknown, and the line that says so
///
/// The rule's own examples are run first. Nothing is recorded, and nothing leaves this machine.
///
/// Exit code: 1 if the rule finds something; else 2 if something could not be decided; else 0.
#[derive(Args)]
pub(crate) struct TestArguments {
    /// The file of the rule, or dependency-confusion
    rule: String,
    /// Folders, each a repository of its own, or files
    #[arg(required_unless_present = "fleet")]
    paths: Vec<PathBuf>,
    /// Run it over the newest commit of every mirror of a fleet instead; see fixloop fleet sync
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    fleet: Option<PathBuf>,
    /// For people, or `fixloop.rule-test/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Check files that `.gitignore` leaves out, too
    #[arg(long)]
    no_gitignore: bool,
}

/// What a rule says of one repository.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) name: String,
    pub(super) state: Verdict,
    /// Why it is unknown as a whole, or how old what is known of it is.
    pub(super) reason: Option<String>,
    /// Files that the rule names.
    pub(super) n_files: usize,
    pub(super) checks: Vec<BuildCheck>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Verdict {
    Affected,
    Unknown,
    Clean,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Unknown => "unknown",
            Self::Clean => "clean",
        }
    }
}

#[derive(Debug, Error)]
#[error("failed to read `{}`", path.display())]
struct PathError {
    path: PathBuf,
    source: std::io::Error,
}

pub(super) fn run(arguments: &TestArguments) -> Result<ExitCode, CommandError> {
    let rule = find_rule(&arguments.rule)?;
    let progress = Progress::new("repositories");
    let n_done = AtomicUsize::new(0);
    let done = || progress.set(n_done.fetch_add(1, Ordering::Relaxed) as u64 + 1);
    let tested: Vec<Tested> = if let Some(folder) = &arguments.fleet {
        let fleet = Fleet::open(folder).map_err(|error| {
            CommandError::from(error).hint("fixloop fleet sync LIST --into DIR makes a fleet")
        })?;
        let tested = fleet.repositories.par_iter().map(|repository| {
            let tested = of_mirror(&rule, repository);
            done();
            tested
        });
        tested.collect()
    } else {
        let tested = arguments.paths.par_iter().map(|path| {
            let tested = of_path(&rule, path, !arguments.no_gitignore);
            done();
            tested
        });
        tested.collect::<Result<_, _>>()?
    };
    progress.finish();
    print(|out| match arguments.format {
        Format::Text => text::write(&rule, &tested, out),
        Format::Json => writeln!(out, "{:#}", json::document(&rule, &tested)),
    })?;
    let has = |state: Verdict| tested.iter().any(|it| it.state == state);
    // What is affected is unknown in other places, perhaps; that it is affected is certain.
    Ok(match (has(Verdict::Affected), has(Verdict::Unknown)) {
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::from(2),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn of_path(rule: &BuildRule, path: &Path, respect_gitignore: bool) -> Result<Tested, PathError> {
    let failed = |source| PathError { path: path.to_owned(), source };
    let metadata = path.metadata().map_err(failed)?;
    let name = path.display().to_string();
    if metadata.is_dir() {
        let folder = Folder::walk(path, respect_gitignore, &|it| rule.names(it));
        let faults = folder.unknown.iter().map(|it| (it.path.clone(), it.reason.clone()));
        return Ok(Tested::new(rule, name, &folder, faults.collect()));
    }
    // As a repository would call it: readers know files by their names.
    let slashed = name.replace('\\', "/");
    let relative = slashed.trim_start_matches("./");
    let (checks, faults) = match read_text(path) {
        Ok(text) => (rule.checks_of_file(relative, &text), Vec::new()),
        Err(error) => (Vec::new(), vec![(None, error.to_string())]),
    };
    Ok(Tested::of_checks(name, checks, faults))
}

fn of_mirror(rule: &BuildRule, repository: &FleetRepository) -> Tested {
    let name = repository.name.clone();
    let unknown =
        |reason: String| Tested::of_checks(name.clone(), Vec::new(), vec![(None, reason)]);
    let reason = repository.reason.as_deref().unwrap_or("no reason is recorded");
    if repository.status == Status::Unknown {
        return unknown(format!("not fetched: {reason}"));
    }
    if repository.head.is_none() {
        return Tested::of_checks(name, Vec::new(), Vec::new());
    }
    let revision = Repository::open(&repository.git_dir)
        .and_then(|mirror| mirror.files(mirror.head()?, "", &|it| rule.names(it)));
    match revision {
        Ok(revision) => {
            let faults =
                revision.faults.iter().map(|(path, why)| (Some(path.clone()), why.clone()));
            let mut faults: Vec<(Option<String>, String)> = faults.collect();
            if repository.status == Status::Stale {
                let day =
                    repository.synced_at.map_or("an unknown day".to_owned(), |it| it.to_string());
                faults.push((None, format!("as of {day}: {reason}")));
            }
            Tested::new(rule, name, &revision, faults)
        }
        Err(error) => unknown(error.to_string()),
    }
}

impl Tested {
    fn new(
        rule: &BuildRule,
        name: String,
        files: &dyn Files,
        faults: Vec<(Option<String>, String)>,
    ) -> Self {
        Self::of_checks(name, rule.checks_of(files), faults)
    }

    /// `faults` are what could not be looked at.
    fn of_checks(
        name: String,
        checks: Vec<BuildCheck>,
        faults: Vec<(Option<String>, String)>,
    ) -> Self {
        let paths: BTreeSet<&str> = checks.iter().map(|it| &*it.path).collect();
        let n_files = paths.len();
        let is_unknown = |it: &BuildCheck| it.state == CheckState::Unknown;
        let state = if checks.iter().any(|it| it.state.is_finding()) {
            Verdict::Affected
        } else if !faults.is_empty() || checks.iter().any(is_unknown) {
            Verdict::Unknown
        } else {
            Verdict::Clean
        };
        let told = faults.into_iter().map(|(path, why)| match path {
            Some(path) => format!("{path}: {why}"),
            None => why,
        });
        let told: Vec<String> = told.collect();
        let reason = (!told.is_empty()).then(|| told.join("; "));
        Self { name, state, reason, n_files, checks }
    }
}
