//! The files of one tree by name and folder.

use std::collections::HashMap;
use std::sync::Arc;

use fixloop_model::Files;

use crate::place::File;

/// The largest configuration file that is read; real ones have some kilobytes. Lockfiles may have more.
const MAX_CONFIGURATION_BYTES: usize = 4 << 20;

/// Folders above a file that are looked at; real trees have some ten.
const MAX_DEPTH: usize = 64;

pub(crate) struct Tree<'a> {
    files: &'a dyn Files,
    /// Positions in `files.paths()` by file name in lower case.
    by_name: HashMap<String, Vec<usize>>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(files: &'a dyn Files) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, path) in files.paths().iter().enumerate() {
            by_name.entry(file_name(path).to_ascii_lowercase()).or_default().push(position);
        }
        Self { files, by_name }
    }

    /// Paths of the files that have this name, which is in lower case; upper and lower case are one.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let paths = self.files.paths();
        let positions = self.by_name.get(name).cloned().unwrap_or_default();
        positions.into_iter().map(|it| &*paths[it])
    }

    /// Paths of the files whose name, in lower case, satisfies `is_it`.
    pub(crate) fn named_like(&self, is_it: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let paths = self.files.paths();
        let named = self.by_name.iter().filter(|(name, _)| is_it(name));
        let mut positions: Vec<usize> = named.flat_map(|(_, it)| it).copied().collect();
        positions.sort_unstable();
        positions.into_iter().map(|it| &*paths[it]).collect()
    }

    pub(crate) fn paths(&self) -> &'a [String] {
        self.files.paths()
    }

    /// The file of this name, in lower case, directly in `folder`; upper and lower case are one.
    pub(crate) fn in_folder(&self, folder: &str, name: &str) -> Option<&'a str> {
        let paths = self.files.paths();
        let positions = self.by_name.get(name)?;
        // Paths are sorted, but not by folder: the few files of one name are looked through only where there is no direct hit.
        let direct = join(folder, name);
        let hit = paths.binary_search(&direct).ok().map(|it| &*paths[it]);
        hit.or_else(|| {
            let mut same = positions.iter().map(|it| &*paths[*it]);
            same.find(|it| it.len() == direct.len() && it.eq_ignore_ascii_case(&direct))
        })
    }

    /// Whether a file of this name, in lower case, stands in `folder` or below it.
    pub(crate) fn at_or_below(&self, folder: &str, name: &str) -> Option<&'a str> {
        self.named(name).find(|it| is_below(it, folder))
    }

    /// The text of a configuration file; nothing if there is none, and why not if it cannot be read.
    pub(crate) fn read(&self, path: &str) -> Result<Option<File>, String> {
        match self.files.text(path)? {
            Some(text) if text.len() > MAX_CONFIGURATION_BYTES => {
                Err(format!("larger than {} MiB", MAX_CONFIGURATION_BYTES >> 20))
            }
            Some(text) => Ok(Some(File::new(path, text))),
            None => Ok(None),
        }
    }

    /// The text of a lockfile, whatever its size.
    pub(crate) fn read_lockfile(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        self.files.text(path)
    }
}

/// Everything before the last `/`; nothing for a file of the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether `path` stands in `folder` or in a folder below.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// `start`, its parent and so on to the root, which is the empty string.
pub(crate) fn upwards(start: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(start), |it| parent(it)).take(MAX_DEPTH)
}

fn parent(folder: &str) -> Option<&str> {
    (!folder.is_empty()).then(|| self::folder(folder))
}
