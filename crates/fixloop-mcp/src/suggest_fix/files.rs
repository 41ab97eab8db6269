//! The files of the root with the edits planned so far. Nothing is written.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use fixloop_fix::{TextEdit, apply};
use fixloop_scan::Neighbors;

pub(super) struct Files {
    neighbors: Neighbors,
    edited: BTreeMap<String, Change>,
}

/// One file as it is and as it would be.
pub(super) struct Change {
    pub(super) path: String,
    /// `None` if the file does not exist yet.
    pub(super) before: Option<Arc<str>>,
    pub(super) after: Arc<str>,
}

impl Files {
    pub(super) fn new(root: &Path) -> Self {
        Self { neighbors: Neighbors::new(root), edited: BTreeMap::new() }
    }

    /// The file after the edits planned so far.
    pub(super) fn text(&self, path: &str) -> Option<Arc<str>> {
        match self.edited.get(path) {
            Some(change) => Some(Arc::clone(&change.after)),
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
            let after: Arc<str> = Arc::from(apply(present.as_deref().unwrap_or(""), &edits));
            let change = self.edited.entry(path.to_owned()).or_insert_with(|| Change {
                path: path.to_owned(),
                before: present,
                after: Arc::from(""),
            });
            change.after = after;
        }
    }

    /// In the order of their paths.
    pub(super) fn into_changes(self) -> Vec<Change> {
        self.edited.into_values().filter(|it| it.before.as_ref() != Some(&it.after)).collect()
    }
}
