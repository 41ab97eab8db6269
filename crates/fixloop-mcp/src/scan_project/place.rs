//! The folder or file that an argument names.

use std::path::{Path, PathBuf};

use crate::quoted::word;
use crate::tools::Failure;

/// Bytes of a path: what Linux takes.
const MAX_PATH: usize = 4096;

#[derive(Debug)]
pub(crate) struct Root {
    /// As it was named, from the server's working folder.
    pub(crate) path: PathBuf,
    /// The folder that paths in the answer are relative to.
    pub(crate) folder: PathBuf,
}

/// Finds what `path` names.
///
/// # Errors
/// If there is no such folder or file, or it may not be read.
pub(crate) fn root(path: &str) -> Result<Root, Failure> {
    let refused = |words: String| Err(Failure::Arguments(words));
    if path.trim().is_empty() {
        return refused("`path` is empty: name the project's folder".to_owned());
    }
    if path.len() > MAX_PATH || path.contains('\0') {
        return refused(format!("`path` is no path: at most {MAX_PATH} bytes, none of them null"));
    }
    let named = Path::new(path);
    let metadata = match named.metadata() {
        Ok(metadata) => metadata,
        Err(error) => {
            let from = if named.is_absolute() {
                "check its spelling"
            } else {
                "give an absolute path, since a relative one counts from where the server was started"
            };
            return refused(format!("`{}` cannot be read ({error}): {from}", word(path)));
        }
    };
    let folder = if metadata.is_dir() {
        named.to_owned()
    } else {
        let parent = named.parent().filter(|it| !it.as_os_str().is_empty());
        parent.unwrap_or(Path::new(".")).to_owned()
    };
    Ok(Root { path: named.to_owned(), folder })
}
