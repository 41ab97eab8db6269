//! The corpus of real lockfiles and manifests.

use std::fs;
use std::path::Path;

use crate::shared;

/// Calls `check` with the path and text of every corpus file of one format (a folder of the corpus), old versions included.
pub fn for_each(format: &str, mut check: impl FnMut(&Path, &str)) {
    let Some(corpus) = shared::unpacked("corpus") else { return };
    let mut n_files = 0;
    let mut folders = vec![corpus.join(format)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the corpus has this format") {
            let path = entry.expect("the corpus is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                n_files += 1;
                check(&path, &text);
            }
        }
    }
    assert!(n_files > 0, "the corpus has no file of {format}");
}

/// The text of one corpus file.
pub fn text(path: &str) -> Option<String> {
    let corpus = shared::unpacked("corpus")?;
    Some(fs::read_to_string(corpus.join(path)).expect("the corpus has this file"))
}
