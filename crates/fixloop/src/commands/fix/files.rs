//! The files of the root with the edits made so far, and writing them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_fix::{TextEdit, apply};
use fixloop_history::{AtHead, bytes_at_head};
use fixloop_scan::{Neighbors, write_whole};
use thiserror::Error;

use crate::error::CommandError;

/// Files below one root; nothing is written before [`Files::write`].
pub(super) struct Files<'r> {
    root: &'r Path,
    /// Written by an earlier round: what they differ in from the last commit is ours.
    ours: &'r [String],
    neighbors: Neighbors,
    edited: BTreeMap<String, Edited>,
}

struct Edited {
    /// `None` if the file does not exist yet.
    before: Option<Arc<str>>,
    after: Arc<str>,
}

/// One file as it was and as it shall be.
pub(super) struct Change {
    pub(super) path: String,
    pub(super) before: Option<Arc<str>>,
    pub(super) after: Arc<str>,
}

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

impl<'r> Files<'r> {
    pub(super) fn new(root: &'r Path, ours: &'r [String]) -> Self {
        Self { root, ours, neighbors: Neighbors::new(root), edited: BTreeMap::new() }
    }

    /// The file as it is after the edits made so far.
    pub(super) fn text(&self, path: &str) -> Option<Arc<str>> {
        match self.edited.get(path) {
            Some(edited) => Some(edited.after.clone()),
            None => self.neighbors.text(path),
        }
    }

    /// The file as it was found.
    pub(super) fn original(&self, path: &str) -> Option<Arc<str>> {
        match self.edited.get(path) {
            Some(edited) => edited.before.clone(),
            None => self.neighbors.text(path),
        }
    }

    pub(super) fn edit(&mut self, edits: &[TextEdit]) {
        let mut by_path: BTreeMap<&str, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            by_path.entry(&edit.path).or_default().push(edit.clone());
        }
        for (path, edits) in by_path {
            let present = self.text(path);
            let after = Arc::from(apply(present.as_deref().unwrap_or(""), &edits));
            let entry = self.edited.entry(path.to_owned());
            entry.or_insert(Edited { before: present, after: Arc::from("") }).after = after;
        }
    }

    /// In the order of their paths.
    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |(path, it): (&String, &Edited)| Change {
            path: path.clone(),
            before: it.before.clone(),
            after: it.after.clone(),
        };
        self.edited.iter().map(change).collect()
    }

    /// Writes every edited file, or none if one of them may not be.
    pub(super) fn write(&self, allow_dirty: bool) -> Result<(), CommandError> {
        let changes = self.changes();
        let mut places = Vec::with_capacity(changes.len());
        for change in &changes {
            let place = self.place(change)?;
            if !allow_dirty && !self.ours.contains(&change.path) {
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
    fn place(&self, change: &Change) -> Result<PathBuf, WriteError> {
        let refused = || WriteError::Refused(change.path.clone());
        let path = self.root.join(&change.path);
        let root = self.root.canonicalize().map_err(|_| refused())?;
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
