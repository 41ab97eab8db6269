//! A folder on disk as the files of one tree.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_model::{Files, Unknown};

use crate::read::read_text;
use crate::walk::walk;

/// Files below one root. Links never lead out of it.
pub struct Folder {
    root: PathBuf,
    /// Resolved through all links; nothing if the root itself cannot be.
    resolved_root: Option<PathBuf>,
    /// Sorted. Regular files that were walked to.
    paths: Vec<String>,
    /// What could not be walked.
    pub unknown: Vec<Unknown>,
}

impl Folder {
    /// Files that somebody wants to read, but those that `.gitignore` leaves out, if that counts.
    pub fn walk(
        root: &Path,
        respect_gitignore: bool,
        is_wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Self {
        let (paths, unknown) = walk(root, respect_gitignore, is_wanted);
        Self { paths, unknown, ..Self::at(root) }
    }

    /// No file is listed, and any can be read.
    pub fn at(root: &Path) -> Self {
        let (root, resolved_root) = (root.to_owned(), root.canonicalize().ok());
        Self { root, resolved_root, paths: Vec::new(), unknown: Vec::new() }
    }

    /// One file of the folder is listed.
    pub(crate) fn with_file(root: &Path, name: String) -> Self {
        Self { paths: vec![name], ..Self::at(root) }
    }
}

impl Files for Folder {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        let file = self.root.join(path);
        let is_walked = self.paths.binary_search_by(|it| (**it).cmp(path)).is_ok();
        if !is_walked {
            let Ok(resolved) = file.canonicalize() else { return Ok(None) };
            // A link must not lead out of the root.
            if !self.resolved_root.as_ref().is_some_and(|root| resolved.starts_with(root)) {
                return Ok(None);
            }
            if !resolved.is_file() {
                return Ok(None);
            }
        }
        read_text(&file).map(|it| Some(Arc::from(it))).map_err(|error| error.to_string())
    }
}
