//! The files of one tree, for checks that read several of them: a folder, or a commit.

use std::sync::Arc;

/// Files by their paths, which are relative to the tree's root with `/` between parts.
pub trait Files: Sync {
    /// Sorted; every file that may be asked for.
    fn paths(&self) -> &[String];

    /// The text of a file; nothing if there is none.
    ///
    /// # Errors
    /// If there is one that cannot be read, in words: too large, no UTF-8, a pointer to contents that are elsewhere.
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String>;
}
