//! One repository's history, read and matched.

use std::path::{Path, PathBuf};

use fixloop_exposure::{Exposures, exposures};
use fixloop_index::IndexError;
use fixloop_match::Known;
use fixloop_model::Timestamp;
use thiserror::Error;

use crate::accepted::{EXCEPTIONS_FILE, accepted};
use crate::cache;
use crate::owners::Owners;
use crate::record::{Commit, Record};
use crate::repository::{RepositoryError, open, with_blob_text};
use crate::sightings::{held, moments, sightings};
use crate::targets::{Files, Targets, read_targets};
use crate::walk::walk;

pub struct Options<'o> {
    pub branch: Option<&'o str>,
    /// Folder for what is remembered between runs; nothing is remembered without one.
    pub cache: Option<PathBuf>,
    /// Identifies the program: what another one remembered is not used.
    pub fingerprint: u64,
    /// Made by [`Known::of_all_times`].
    pub known: &'o Known<'o>,
    /// Hosts of registries that serve the public registry's packages unchanged.
    pub mirrors: &'o [String],
    /// Nothing later is looked at: the time of the run, or a day in the past.
    pub cut: Timestamp,
    /// The cut is a day in the past: later commits are left out, where otherwise they have wrong clocks.
    pub is_replay: bool,
}

#[derive(Debug, Error)]
pub enum HistoryError {
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error("failed to use the index")]
    Index(#[from] IndexError),
}

/// Something of the history that could not be read: unknown there, and neither a fix nor an introduction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    pub repository: String,
    /// `None` if it is about the repository as a whole.
    pub path: Option<String>,
    pub commit: Option<String>,
    pub time: Option<Timestamp>,
    pub reason: String,
}

/// What one repository's history says.
#[derive(Clone, Debug)]
pub struct History {
    pub repository: String,
    pub exposures: Exposures,
    pub gaps: Vec<Gap>,
    pub n_commits: usize,
    /// Distinct sets of components that decided.
    pub n_inventories: usize,
    /// Contents read in this run; the others were remembered.
    pub n_read: usize,
    /// Commits whose time was clamped.
    pub n_corrected_clocks: usize,
    /// Components of registries that may or may not mirror the public one, undecided ones, and such without a version: not matched.
    pub n_unmatched: usize,
    /// Vulnerabilities that affect something here and tell no date: their exposures are unknown, and in no number.
    pub undated: Vec<String>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// The `CODEOWNERS` of the last commit.
    pub owners: Option<Owners>,
    /// Why what was read could not be remembered.
    pub cache_fault: Option<String>,
}

/// Reads the history of the repository at `path`, called `name`; `progress` is told contents read and all to be read.
///
/// # Errors
/// If there is no such repository, branch or commit, or the index is damaged. Anything else that cannot be read is among the gaps.
pub fn history(
    path: &Path,
    name: &str,
    options: &Options<'_>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<History, HistoryError> {
    let opened = open(path, options.branch)?;
    let file = options.cache.as_ref().map(|it| cache::path_of(it, path, options.branch));
    let loaded = file.as_ref().and_then(|it| cache::load(it, options.fingerprint));
    let mut record = loaded.unwrap_or_default();
    let n_before = (record.commits.len(), record.commits.last().map(|it| it.id));
    let limits = walk(&opened, &mut record);
    let files = Files::of(&record);
    let mut read = read_targets(&opened, &mut record, &files, progress);
    let is_new = read.n_read > 0
        || n_before != (record.commits.len(), record.commits.last().map(|it| it.id));
    // A history that is not whole is read anew, so that each run says what is missing, and reads it once it is there.
    let is_whole = limits.is_empty() && record.faults.is_empty();
    let stored = file
        .filter(|_| is_new && is_whole)
        .map(|it| cache::store(&it, options.fingerprint, &record));
    let cache_fault = stored.and_then(Result::err).map(|error| error.to_string());

    let n_commits = if options.is_replay {
        let until = |it: &Commit| it.seconds.is_some_and(|it| it <= options.cut.0 / 1_000_000);
        record.commits.iter().rposition(until).map_or(0, |it| it + 1)
    } else {
        record.commits.len()
    };
    leave_out_later(&mut read, crate::walk::number(n_commits));
    let (moments, n_corrected_clocks) = moments(&record.commits[..n_commits], options.cut);
    let matched = held(&record.components, options.known, options.mirrors)?;
    let unread_since = record.unread_since.and_then(|it| moments.get(it as usize));
    let cut = unread_since.map_or(options.cut, |it| it.time);
    let mut gaps = gaps(name, &record, &moments, limits, std::mem::take(&mut read.gaps));
    let (n_inventories, n_read) = (read.n_contents, read.n_read);
    let mut sightings =
        sightings(name.to_owned(), moments, read, (matched.components, matched.groups), cut);
    let repository = opened.repository.to_thread_local();
    let (acceptances, unread) = accepted(&repository, &files, &sightings);
    sightings.accepted = acceptances;
    gaps.extend(unread.into_iter().map(|(commit, reason)| {
        let moment = &sightings.moments[commit as usize];
        Gap {
            repository: name.to_owned(),
            path: Some(EXCEPTIONS_FILE.to_owned()),
            commit: Some(moment.id.clone()),
            time: Some(moment.time),
            reason,
        }
    }));
    let owners = owners(&repository, opened.tip);
    if let Err(reason) = &owners {
        let reason = format!("`CODEOWNERS` could not be read, so its teams are unknown: {reason}");
        let repository = name.to_owned();
        gaps.push(Gap { repository, path: None, commit: None, time: None, reason });
    }
    Ok(History {
        repository: name.to_owned(),
        exposures: exposures(&sightings),
        gaps,
        n_commits,
        n_inventories,
        n_read,
        n_corrected_clocks,
        n_unmatched: matched.n_unmatched,
        undated: matched.undated.into_iter().collect(),
        first: sightings.moments.first().map(|it| it.time),
        last: sightings.moments.last().map(|it| it.time),
        owners: owners.unwrap_or(None),
        cache_fault,
    })
}

/// Leaves out what is of the commit with this number or later.
fn leave_out_later(read: &mut Targets, n_commits: u32) {
    for track in &mut read.tracks {
        track.sightings.retain(|it| it.moment < n_commits);
    }
    read.tracks.retain(|it| !it.sightings.is_empty());
    read.gaps.retain(|it| it.0 < n_commits);
}

fn gaps(
    repository: &str,
    record: &Record,
    moments: &[fixloop_exposure::Moment],
    limits: Vec<String>,
    unread: Vec<(u32, String, String)>,
) -> Vec<Gap> {
    let repository = repository.to_owned();
    let gap = |commit: Option<u32>, path: Option<String>, reason: String| {
        let moment = commit.map(|it| &moments[it as usize]);
        let (commit, time) = (moment.map(|it| it.id.clone()), moment.map(|it| it.time));
        Gap { repository: repository.clone(), path, commit, time, reason }
    };
    let mut gaps: Vec<Gap> = limits.into_iter().map(|it| gap(None, None, it)).collect();
    let faults = record.faults.iter().filter(|it| (it.0 as usize) < moments.len());
    gaps.extend(faults.map(|(commit, it)| gap(Some(*commit), None, it.clone())));
    gaps.extend(unread.into_iter().map(|(commit, path, it)| gap(Some(commit), Some(path), it)));
    gaps
}

/// Where the hosts look for `CODEOWNERS`, the first that is there counts.
const OWNERS: [&str; 4] =
    [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// An error says why a file that is there could not be read.
fn owners(repository: &gix::Repository, tip: gix::ObjectId) -> Result<Option<Owners>, String> {
    let tree = repository.find_commit(tip).and_then(|it| it.tree());
    let tree = tree.map_err(|error| error.to_string())?;
    for path in OWNERS {
        let entry = tree.lookup_entry_by_path(path).map_err(|error| error.to_string())?;
        if let Some(entry) = entry {
            return with_blob_text(repository, entry.object_id(), Owners::parse).map(Some);
        }
    }
    Ok(None)
}
