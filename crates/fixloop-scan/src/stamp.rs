//! Whether a file is another one now.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

/// What a file is told from its next state by, without reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp {
    n_bytes: u64,
    modified: Option<SystemTime>,
    /// Another file renamed over it may have the same length and time.
    inode: u64,
}

impl Stamp {
    /// `None` if there is no regular file.
    pub fn of(path: &Path) -> Option<Self> {
        path.metadata().ok().filter(Metadata::is_file).map(|it| Self {
            n_bytes: it.len(),
            modified: it.modified().ok(),
            inode: inode(&it),
        })
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
