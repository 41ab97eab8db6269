//! Which lockfile decides a manifest, and whether it is still the one that was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_alert::Locked;
use fixloop_manifest::{Beside, Format};
pub(crate) use fixloop_scan::Lockfile;
use fixloop_scan::{Neighbors, read_text};

use crate::workspace::Place;

/// The nearest lockfile upwards that decides a manifest.
pub(crate) fn deciding(place: &Place, format: Format) -> Option<Lockfile> {
    Lockfile::deciding(&place.root, &place.path, format)
}

/// The manifests that a lockfile in this folder may decide.
pub(crate) fn decided_beside(lockfile: &Path) -> Vec<(PathBuf, Format)> {
    let name = lockfile.file_name().unwrap_or_default().to_string_lossy();
    let Some(of_lockfile) = Format::of_path(&name) else { return Vec::new() };
    let Some(folder) = lockfile.parent() else { return Vec::new() };
    let manifests = Format::ALL.iter().filter(|it| it.lockfiles().contains(&of_lockfile));
    let files = manifests.flat_map(|it| it.file_names().map(|name| (folder.join(name), *it)));
    files.filter(|(path, _)| path.is_file()).collect()
}

/// Reads a lockfile; one that cannot be read as a whole is `None`, since it says nothing.
pub(crate) fn read(root: &Path, lockfile: &Lockfile) -> Option<Arc<Locked>> {
    let text = read_text(&root.join(&lockfile.path)).ok()?;
    let neighbors = Neighbors::new(root);
    let beside = |path: &str| neighbors.text(path);
    let parsed = lockfile.format.parse_among(&text, Beside::new(&lockfile.path, &beside));
    let locked = Locked::new(lockfile.path.clone(), parsed);
    (!locked.is_incomplete()).then(|| Arc::new(locked))
}
