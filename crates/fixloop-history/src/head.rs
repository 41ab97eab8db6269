//! A file as the last commit has it, for whoever asks what has changed since.

use std::path::Path;

use thiserror::Error;

use crate::repository::MAX_BLOB_BYTES;

/// What the commit at `HEAD` has of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AtHead {
    /// The file lies in no git work tree.
    NotInGit,
    /// It is not in that commit, or there is no commit yet.
    Absent,
    Bytes(Vec<u8>),
}

/// Why that cannot be told.
#[derive(Debug, Error)]
#[error("failed to read what the last commit has of `{path}`: {reason}")]
pub struct HeadError {
    path: String,
    reason: String,
}

/// The file `path` as committed in the repository whose work tree it lies in. No configuration is trusted and nothing is run.
///
/// # Errors
/// If there is a repository that cannot be read.
pub fn bytes_at_head(path: &Path) -> Result<AtHead, HeadError> {
    let failed = |reason: &dyn std::fmt::Display| HeadError {
        path: path.display().to_string(),
        reason: reason.to_string(),
    };
    let path = std::path::absolute(path).map_err(|error| failed(&error))?;
    // A file in place of the folder is what worktrees and submodules have.
    let Some(root) = path.ancestors().skip(1).find(|it| it.join(".git").exists()) else {
        return Ok(AtHead::NotInGit);
    };
    let options = gix::open::Options::isolated().strict_config(false);
    let repository = gix::ThreadSafeRepository::open_opts(root, options)
        .map_err(|error| failed(&error))?
        .to_thread_local();
    let head = repository.head().map_err(|error| failed(&error))?;
    if head.is_unborn() {
        return Ok(AtHead::Absent);
    }
    let tree = repository.head_tree().map_err(|error| failed(&error))?;
    let Ok(below) = path.strip_prefix(root) else { return Ok(AtHead::Absent) };
    let entry = tree.lookup_entry_by_path(below).map_err(|error| failed(&error))?;
    let Some(entry) = entry.filter(|it| it.mode().is_blob()) else { return Ok(AtHead::Absent) };
    let size = repository.find_header(entry.oid()).map_err(|error| failed(&error))?.size();
    if size > MAX_BLOB_BYTES {
        return Err(failed(&format!("larger than {} MiB", MAX_BLOB_BYTES >> 20)));
    }
    let blob = repository.find_object(entry.oid()).map_err(|error| failed(&error))?;
    Ok(AtHead::Bytes(blob.detach().data))
}
