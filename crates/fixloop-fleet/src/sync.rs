//! All mirrors of a list, several at once.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rayon::prelude::*;
use thiserror::Error;

use crate::folder::folder_name;
use crate::git::{Git, GitError, Session, absolute};
use crate::list::{Repository, shown};
use crate::mirror::{Mirrored, mirror, remove};
use crate::state::{Fleet, FleetError, FleetRepository, Status};

#[derive(Clone, Debug)]
pub struct SyncOptions {
    /// The fleet's folder; made if it is not there.
    pub folder: PathBuf,
    /// Repositories at once.
    pub n_jobs: usize,
    /// For one repository, all its fetches together.
    pub timeout: Duration,
    pub now: Timestamp,
}

/// What a sync did to a mirror.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    New,
    Updated,
    Unchanged,
}

/// A fleet after a sync.
#[derive(Clone, Debug)]
pub struct Synced {
    pub fleet: Fleet,
    pub n_new: usize,
    pub n_updated: usize,
    pub n_unchanged: usize,
    /// Repositories of earlier lists whose mirrors stay on disk, no longer part of the fleet.
    pub unlisted: Vec<String>,
    /// On disk, all mirrors together.
    pub n_bytes: u64,
}

#[derive(Debug, Error)]
pub enum SyncError {
    #[error("failed to write to the folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("another sync of `{}` is running", .0.display())]
    Busy(PathBuf),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Fleet(#[from] FleetError),
    #[error("`{0}` and `{1}` would have the same folder")]
    SameFolder(String, String),
    #[error("failed to start threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Brings every mirror up to date and writes `fleet.json`; `progress` is told repositories done, from any thread.
///
/// # Errors
/// If the fleet's folder cannot be used or git is not there. What goes wrong with one repository is its reason.
pub fn sync(
    repositories: &[Repository],
    options: &SyncOptions,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Synced, SyncError> {
    let git = Git::find()?;
    let failed = |source| SyncError::Folder { path: options.folder.clone(), source };
    let folder = absolute(&options.folder).map_err(failed)?;
    fs::create_dir_all(&folder).map_err(failed)?;
    let lock = File::create(folder.join(".lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(SyncError::Busy(folder)),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    remove_halves(&folder).map_err(failed)?;
    check_folders(repositories)?;
    let before = Fleet::open_or_new(&folder)?.repositories;
    let before: HashMap<&str, &FleetRepository> = before.iter().map(|it| (&*it.name, it)).collect();
    let n_done = AtomicUsize::new(0);
    let one = |repository: &Repository| {
        let session = Session {
            git: &git,
            folder: &folder,
            address: &repository.address,
            timeout: options.timeout,
            deadline: Instant::now() + options.timeout,
        };
        let earlier = before.get(&*repository.name).copied();
        let result = sync_one(&session, repository, earlier, options.now);
        progress(n_done.fetch_add(1, Ordering::Relaxed) + 1);
        result
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(options.n_jobs).build()?;
    let results: Vec<(FleetRepository, Option<Change>)> =
        threads.install(|| repositories.par_iter().map(one).collect());
    let n = |change| results.iter().filter(|(_, it)| *it == Some(change)).count();
    let (n_new, n_updated, n_unchanged) =
        (n(Change::New), n(Change::Updated), n(Change::Unchanged));
    let mut repositories: Vec<FleetRepository> = results.into_iter().map(|(it, _)| it).collect();
    repositories.sort_by(|a, b| a.name.cmp(&b.name));
    let is_listed = |name: &str| repositories.binary_search_by(|it| (*it.name).cmp(name)).is_ok();
    let mut unlisted: Vec<String> =
        before.keys().filter(|it| !is_listed(it)).map(|it| (*it).to_owned()).collect();
    unlisted.sort();
    let n_bytes = folder_bytes(&folder).map_err(failed)?;
    let fleet = Fleet { repositories };
    fleet.write(&folder)?;
    Ok(Synced { fleet, n_new, n_updated, n_unchanged, unlisted, n_bytes })
}

fn sync_one(
    session: &Session<'_>,
    repository: &Repository,
    earlier: Option<&FleetRepository>,
    now: Timestamp,
) -> (FleetRepository, Option<Change>) {
    let git_dir = session.folder.join(folder_name(&repository.name));
    // Asking for a filter costs nothing where the state was lost.
    let was_partial = earlier.is_none_or(|it| it.is_partial);
    let result = mirror(session, repository.branch.as_deref(), &git_dir, was_partial);
    let base = FleetRepository {
        name: repository.name.clone(),
        url: shown(&repository.address),
        team: repository.team.clone(),
        branch: None,
        head: None,
        status: Status::Unknown,
        reason: None,
        synced_at: None,
        is_partial: false,
        git_dir,
    };
    match result {
        Ok(Mirrored { change, branch, head, is_partial }) => {
            let unchanged = change == Change::Unchanged;
            let status = if unchanged { Status::Unchanged } else { Status::Synced };
            let synced_at = Some(now);
            let done = FleetRepository { branch, head, status, synced_at, is_partial, ..base };
            (done, Some(change))
        }
        Err(error) => {
            let reason = Some(with_causes(&error));
            let is_there = base.git_dir.exists();
            let failed = match earlier.filter(|_| is_there) {
                Some(earlier) => FleetRepository {
                    branch: earlier.branch.clone(),
                    head: earlier.head.clone(),
                    synced_at: earlier.synced_at,
                    is_partial: earlier.is_partial,
                    ..base
                },
                None => base,
            };
            let status = if is_there { Status::Stale } else { Status::Unknown };
            (FleetRepository { status, reason, ..failed }, None)
        }
    }
}

/// What interrupted syncs left.
fn remove_halves(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(mirror) = name.strip_prefix(".old-") else {
            if name.starts_with(".new-") {
                remove(&entry.path())?;
            }
            continue;
        };
        // Interrupted between the two renames: the old one is still the mirror.
        if folder.join(mirror).exists() {
            remove(&entry.path())?;
        } else {
            fs::rename(entry.path(), folder.join(mirror))?;
        }
    }
    Ok(())
}

fn check_folders(repositories: &[Repository]) -> Result<(), SyncError> {
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for it in repositories {
        // As a disk without case sees it.
        let folder = folder_name(&it.name).to_ascii_lowercase();
        if let Some(other) = folders.insert(folder, &it.name) {
            return Err(SyncError::SameFolder(other.to_owned(), it.name.clone()));
        }
    }
    Ok(())
}

fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut n_bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                n_bytes += metadata.len();
            }
        }
    }
    Ok(n_bytes)
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        text.push_str(": ");
        text.push_str(&it.to_string());
        cause = it.source();
    }
    text
}
