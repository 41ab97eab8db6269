//! The configuration of a work tree, with what is open in the editor laid over what is on disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_history::Repository;
use fixloop_model::{BuildCheck, Files};
use fixloop_scan::Folder;

use super::Assessed;

/// Open files of one work tree, by their paths from its root.
type Open = BTreeMap<String, (PathBuf, Arc<str>)>;

struct Overlaid {
    folder: Folder,
    /// Sorted.
    paths: Vec<String>,
    open: Open,
}

impl Files for Overlaid {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        match self.open.get(path) {
            Some((_, text)) => Ok(Some(Arc::clone(text))),
            None => self.folder.text(path),
        }
    }
}

/// What each open file of the trees has to be told. `path_of` says which tree a file is in, and its path there.
pub(super) fn assess(
    files: Vec<(PathBuf, Arc<str>)>,
    place_of: impl Fn(&Path) -> Option<(PathBuf, String)>,
) -> Vec<Assessed> {
    let mut trees: HashMap<PathBuf, Open> = HashMap::new();
    for (file, text) in files {
        if let Some((root, path)) = place_of(&file) {
            trees.entry(root).or_default().insert(path, (file, text));
        }
    }
    let mut assessed: Vec<Assessed> =
        trees.into_iter().flat_map(|(root, open)| of_tree(&root, open)).collect();
    assessed.sort_by(|a, b| a.file.cmp(&b.file));
    assessed
}

fn of_tree(root: &Path, open: Open) -> Vec<Assessed> {
    let folder = Folder::walk(root, true, &fixloop_confusion::names);
    let mut paths = folder.paths().to_vec();
    paths.extend(open.keys().cloned());
    paths.sort();
    paths.dedup();
    let overlaid = Overlaid { folder, paths, open };
    let mut by_path: HashMap<String, Vec<BuildCheck>> = HashMap::new();
    for it in fixloop_confusion::assess(&overlaid) {
        if it.state.is_finding() {
            by_path.entry(it.path.clone()).or_default().push(it);
        }
    }
    // Most trees have nothing to tell, and then the last commit is not asked.
    let at_head = if by_path.is_empty() { None } else { at_head(root) };
    let of_file = |(path, (file, _)): (String, (PathBuf, Arc<str>))| {
        let is_at_head = at_head.as_ref().map(|it| it.contains(&path));
        Assessed { file, checks: by_path.remove(&path).unwrap_or_default(), is_at_head }
    };
    overlaid.open.into_iter().map(of_file).collect()
}

/// Paths that the last commit has a finding in; nothing if it cannot be read. Before the first commit there are none.
fn at_head(root: &Path) -> Option<HashSet<String>> {
    let repository = Repository::open(root).ok()?;
    let Ok(head) = repository.head() else { return Some(HashSet::new()) };
    let revision = repository.files(head, "", &fixloop_confusion::names).ok()?;
    let checks = fixloop_confusion::assess(&revision);
    Some(checks.into_iter().filter(|it| it.state.is_finding()).map(|it| it.path).collect())
}
