//! The files of the root with the edits made so far. Nothing is written.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use fixloop_fix::{TextEdit, apply};
use fixloop_scan::Neighbors;

/// Files below one root.
pub struct Files {
    neighbors: Neighbors,
    edited: BTreeMap<String, Edited>,
}

struct Edited {
    /// `None` if the file does not exist yet.
    before: Option<Arc<str>>,
    after: Arc<str>,
}

/// One file as it was and as it shall be.
pub struct Change {
    pub path: String,
    /// `None` if the file does not exist yet.
    pub before: Option<Arc<str>>,
    pub after: Arc<str>,
}

impl Files {
    pub fn new(root: &Path) -> Self {
        Self { neighbors: Neighbors::new(root), edited: BTreeMap::new() }
    }

    /// The file as it is after the edits made so far.
    pub(crate) fn text(&self, path: &str) -> Option<Arc<str>> {
        match self.edited.get(path) {
            Some(edited) => Some(edited.after.clone()),
            None => self.neighbors.text(path),
        }
    }

    /// The file as it was found.
    pub(crate) fn original(&self, path: &str) -> Option<Arc<str>> {
        match self.edited.get(path) {
            Some(edited) => edited.before.clone(),
            None => self.neighbors.text(path),
        }
    }

    pub(crate) fn edit(&mut self, edits: &[TextEdit]) {
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
    pub fn changes(&self) -> Vec<Change> {
        let change = |(path, it): (&String, &Edited)| Change {
            path: path.clone(),
            before: it.before.clone(),
            after: it.after.clone(),
        };
        self.edited.iter().map(change).collect()
    }
}
