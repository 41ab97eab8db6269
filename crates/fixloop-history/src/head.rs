//! One file as the last commit has it, for comparing what is being typed with what was there before.

use std::path::{Path, PathBuf};

use crate::repository::{RepositoryError, with_blob_text};

/// How many folders upwards a repository is looked for.
const MAX_ANCESTORS: usize = 64;

/// What the last commit of the repository around a file says about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AtHead {
    Text(String),
    /// The repository has commits, and this file is in none of the last one's folders.
    Absent,
    /// No repository around it, or one without a commit.
    NoHistory,
}

/// Reads `file` from `HEAD` of the repository that holds it. Nothing of the user's or the system's configuration is read, and no
/// program is run.
///
/// # Errors
/// If the repository is damaged, or what it has there is no text.
pub fn text_at_head(file: &Path) -> Result<AtHead, RepositoryError> {
    let Some(root) = root_of(file) else { return Ok(AtHead::NoHistory) };
    let failed = |reason: &dyn std::fmt::Display| RepositoryError::Open {
        path: root.display().to_string(),
        reason: reason.to_string(),
    };
    let options = gix::open::Options::isolated().strict_config(false);
    let repository = gix::open_opts(&root, options).map_err(|error| failed(&error))?;
    let head = repository.head().map_err(|error| failed(&error))?;
    if head.is_unborn() {
        return Ok(AtHead::NoHistory);
    }
    let tree = repository.head_tree().map_err(|error| failed(&error))?;
    let Ok(relative) = file.strip_prefix(&root) else { return Ok(AtHead::NoHistory) };
    let entry = tree.lookup_entry_by_path(relative).map_err(|error| failed(&error))?;
    let Some(entry) = entry.filter(|it| it.mode().is_blob()) else { return Ok(AtHead::Absent) };
    with_blob_text(&repository, entry.object_id(), ToOwned::to_owned)
        .map(AtHead::Text)
        .map_err(|reason| failed(&reason))
}

/// The nearest folder upwards with a `.git` in it.
fn root_of(file: &Path) -> Option<PathBuf> {
    let folders = file.ancestors().skip(1).take(MAX_ANCESTORS);
    folders.into_iter().find(|it| it.join(".git").exists()).map(Path::to_owned)
}
