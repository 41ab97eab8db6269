//! Writing what was planned: every file or none, and nothing over what is not committed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fixloop_history::{AtHead, bytes_at_head};
use fixloop_plan::Change;
use fixloop_scan::write_whole;
use thiserror::Error;

use crate::error::CommandError;

#[derive(Debug, Error)]
enum WriteError {
    #[error("`{0}` has changes that are not committed")]
    Dirty(String),
    #[error("`{0}` is not committed")]
    NotCommitted(String),
    #[error("`{0}` changed while it was being fixed")]
    Changed(String),
    #[error("`{0}` lies outside the folder, or may not be written")]
    Refused(String),
    #[error("failed to write `{path}`")]
    Write { path: String, source: io::Error },
}

/// Writes every edited file, or none if one of them may not be.
///
/// What the files of `ours` differ in from the last commit is from an earlier round of this run.
pub(super) fn write(
    root: &Path,
    changes: &[Change],
    ours: &[String],
    allow_dirty: bool,
) -> Result<(), CommandError> {
    let mut places = Vec::with_capacity(changes.len());
    for change in changes {
        let place = place(root, change)?;
        if !allow_dirty && !ours.contains(&change.path) {
            check_committed(change, &place)?;
        }
        places.push(place);
    }
    for (change, place) in changes.iter().zip(places) {
        let failed = |source| WriteError::Write { path: change.path.clone(), source };
        write_whole(&place, &change.after).map_err(failed)?;
    }
    Ok(())
}

/// Where the file is, links followed: inside the root, writable, and still what was read.
fn place(root: &Path, change: &Change) -> Result<PathBuf, WriteError> {
    let refused = || WriteError::Refused(change.path.clone());
    let path = root.join(&change.path);
    let root = root.canonicalize().map_err(|_| refused())?;
    let Some(before) = &change.before else {
        let folder = path.parent().and_then(|it| it.canonicalize().ok()).ok_or_else(refused)?;
        let name = path.file_name().ok_or_else(refused)?;
        let place = folder.join(name);
        let is_free = place.symlink_metadata().is_err();
        return if is_free && folder.starts_with(root) { Ok(place) } else { Err(refused()) };
    };
    let place = path.canonicalize().map_err(|_| refused())?;
    let is_writable = place.metadata().is_ok_and(|it| !it.permissions().readonly());
    if !place.starts_with(root) || !is_writable {
        return Err(refused());
    }
    if fs::read(&place).is_ok_and(|it| it == before.as_bytes()) {
        Ok(place)
    } else {
        Err(WriteError::Changed(change.path.clone()))
    }
}

/// A file outside git needs no commit to come back to.
fn check_committed(change: &Change, place: &Path) -> Result<(), CommandError> {
    let error = match bytes_at_head(place)? {
        AtHead::NotInGit => return Ok(()),
        AtHead::Bytes(bytes) if is_same(&bytes, change.before.as_deref().unwrap_or("")) => {
            return Ok(());
        }
        // A new file takes nothing away from anybody.
        AtHead::Absent if change.before.is_none() => return Ok(()),
        AtHead::Bytes(_) => WriteError::Dirty(change.path.clone()),
        AtHead::Absent => WriteError::NotCommitted(change.path.clone()),
    };
    Err(CommandError::from(error).hint("commit it first, or use --allow-dirty"))
}

/// Git may turn line ends around at checkout.
fn is_same(committed: &[u8], present: &str) -> bool {
    let without_returns =
        |text: &[u8]| -> Vec<u8> { text.iter().copied().filter(|it| *it != b'\r').collect() };
    committed == present.as_bytes()
        || without_returns(committed) == without_returns(present.as_bytes())
}
