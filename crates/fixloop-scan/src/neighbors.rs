//! The files around a file, for formats whose files complete one another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::read::read_text;

/// Texts kept for the next file that asks; a parent of a thousand modules is read once.
const MAX_KEPT_BYTES: usize = 64 << 20;

/// Reads files below one root, and remembers them.
pub struct Neighbors {
    root: PathBuf,
    /// Resolved through all links; `None` if the root itself cannot be.
    resolved_root: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    texts: HashMap<String, Option<Arc<str>>>,
    n_bytes: usize,
}

impl Neighbors {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            resolved_root: root.canonicalize().ok(),
            kept: Mutex::default(),
        }
    }

    /// The text of the file at `path`, which is relative to the root and normalized; `None` if there is none that can be read.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        // A thread that panicked cannot have left the map half written.
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().texts.get(path) {
            return kept.clone();
        }
        let text = self.read(path);
        let mut kept = lock();
        let n_bytes = text.as_ref().map_or(0, |it| it.len());
        if kept.n_bytes + n_bytes <= MAX_KEPT_BYTES {
            kept.n_bytes += n_bytes;
            kept.texts.insert(path.to_owned(), text.clone());
        }
        text
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        let resolved = self.root.join(path).canonicalize().ok()?;
        // A link must not lead out of the root.
        if !resolved.starts_with(self.resolved_root.as_ref()?) {
            return None;
        }
        // What cannot be read is reported where the file itself is scanned.
        read_text(&resolved).ok().map(Arc::from)
    }
}
