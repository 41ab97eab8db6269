//! The files around a file, for formats whose files complete one another.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fixloop_model::Files;

use crate::folder::Folder;

/// Texts kept for the next file that asks; a parent of a thousand modules is read once.
const MAX_KEPT_BYTES: usize = 64 << 20;

/// Reads files of a folder, and remembers them.
pub type Neighbors = Texts<'static>;

/// Reads files of one tree, and remembers them.
pub struct Texts<'f> {
    files: Source<'f>,
    kept: Mutex<Kept>,
}

enum Source<'f> {
    Folder(Folder),
    Files(&'f dyn Files),
}

#[derive(Default)]
struct Kept {
    texts: HashMap<String, Option<Arc<str>>>,
    n_bytes: usize,
}

impl Texts<'static> {
    pub fn new(root: &Path) -> Self {
        Self { files: Source::Folder(Folder::at(root)), kept: Mutex::default() }
    }
}

impl<'f> Texts<'f> {
    pub(crate) fn of(files: &'f dyn Files) -> Self {
        Self { files: Source::Files(files), kept: Mutex::default() }
    }

    /// The text of the file at `path`, which is relative to the root and normalized; `None` if there is none that can be read.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        // A thread that panicked cannot have left the map half written.
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().texts.get(path) {
            return kept.clone();
        }
        let read = match &self.files {
            Source::Folder(folder) => folder.text(path),
            Source::Files(files) => files.text(path),
        };
        // What cannot be read is reported where the file itself is scanned.
        let text = read.ok().flatten();
        let mut kept = lock();
        let n_bytes = text.as_ref().map_or(0, |it| it.len());
        if kept.n_bytes + n_bytes <= MAX_KEPT_BYTES {
            kept.n_bytes += n_bytes;
            kept.texts.insert(path.to_owned(), text.clone());
        }
        text
    }
}
