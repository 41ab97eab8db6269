//! Which manifests and lockfiles a configuration holds for: those in its folder and below, up to a nearer configuration.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_manifest::Format;

use super::LOCKFILES;
use crate::tree::{Tree, folder, upwards};

#[derive(Default)]
pub(crate) struct Projects<'t> {
    pub(crate) manifests: Vec<&'t str>,
    pub(super) lockfiles: Vec<(&'t str, Format)>,
    /// Bun's, whose contents are not compared.
    pub(super) has_other_lockfile: bool,
}

/// By the folder of the configuration; only lockfiles of `formats` belong to the manager.
pub(crate) fn by_configuration<'t>(
    tree: &Tree<'t>,
    folders: &BTreeSet<String>,
    formats: &[Format],
) -> BTreeMap<String, Projects<'t>> {
    let mut projects: BTreeMap<String, Projects<'t>> = BTreeMap::new();
    let nearest =
        |path: &str| upwards(folder(path)).find(|it| folders.contains(*it)).map(ToOwned::to_owned);
    for path in tree.named("package.json").filter(|it| !it.contains("node_modules/")) {
        if let Some(folder) = nearest(path) {
            projects.entry(folder).or_default().manifests.push(path);
        }
    }
    for (name, format) in LOCKFILES.iter().filter(|(_, it)| formats.contains(it)) {
        for path in tree.named(name).filter(|it| !it.contains("node_modules/")) {
            if let Some(folder) = nearest(path) {
                projects.entry(folder).or_default().lockfiles.push((path, *format));
            }
        }
    }
    for path in tree.named("bun.lock").chain(tree.named("bun.lockb")) {
        if let Some(folder) = nearest(path) {
            projects.entry(folder).or_default().has_other_lockfile = true;
        }
    }
    projects
}
