//! Manifests and the lockfiles that decide their versions.
//!
//! A requirement whose package stands in the lockfile of the manifest's folder, or of one above (workspaces), is decided there: the
//! lockfile is matched, and the manifest says where the project asks for it. A requirement that the lockfile does not hold stays what
//! it is: unknown, or matched if it names one version.

use std::collections::{HashMap, HashSet};

use fixloop_manifest::Format;
use fixloop_model::{Component, Finding, Parsed, Place, normalize_name};

use crate::walk::Target;

/// Of each manifest, the lockfile that decides.
#[derive(Default)]
pub(crate) struct Deciding {
    lockfile_of: HashMap<String, String>,
    deciding: HashSet<String>,
}

impl Deciding {
    /// The nearest lockfile upwards, by paths alone.
    pub(crate) fn of(targets: &[Target]) -> Self {
        let mut by_folder: HashMap<(&str, Format), &str> = HashMap::new();
        for it in targets {
            by_folder.insert((folder(&it.path), it.format), &it.path);
        }
        let mut found = Self::default();
        for manifest in targets.iter().filter(|it| !it.format.lockfiles().is_empty()) {
            let mut folders = std::iter::successors(Some(folder(&manifest.path)), |it| {
                (!it.is_empty()).then(|| folder(it))
            });
            let lockfile = folders.find_map(|folder| {
                let mut formats = manifest.format.lockfiles().iter();
                formats.find_map(|format| by_folder.get(&(folder, *format)))
            });
            if let Some(lockfile) = lockfile {
                found.lockfile_of.insert(manifest.path.clone(), (*lockfile).to_owned());
                found.deciding.insert((*lockfile).to_owned());
            }
        }
        found
    }

    /// The lockfile of this manifest.
    pub(crate) fn lockfile(&self, manifest: &str) -> Option<&str> {
        self.lockfile_of.get(manifest).map(|it| &**it)
    }

    /// Whether this file decides for any manifest.
    pub(crate) fn is_deciding(&self, path: &str) -> bool {
        self.deciding.contains(path)
    }
}

/// Of each manifest among `paths`, the lockfile that decides its versions.
pub fn deciding_lockfiles<'p>(paths: impl IntoIterator<Item = &'p str>) -> HashMap<String, String> {
    let target = |path: &str| {
        let format = Format::of_path(path)?;
        Some(Target { path: path.to_owned(), format })
    };
    let targets: Vec<Target> = paths.into_iter().filter_map(target).collect();
    Deciding::of(&targets).lockfile_of
}

/// Normalized names of what a lockfile holds.
pub(crate) fn names(parsed: &Parsed) -> HashSet<String> {
    parsed.components.iter().map(name).collect()
}

pub(crate) fn name(component: &Component) -> String {
    normalize_name(component.ecosystem.as_str(), &component.name).into_owned()
}

/// Where manifests ask for what lockfiles decide: by lockfile, then by normalized name.
#[derive(Default)]
pub(crate) struct Declared(HashMap<String, HashMap<String, Place>>);

impl Declared {
    /// The first place, in the order of the paths, is kept.
    pub(crate) fn add(&mut self, lockfile: &str, name: String, place: Place) {
        let places = self.0.entry(lockfile.to_owned()).or_default();
        places
            .entry(name)
            .and_modify(|it| {
                if place < *it {
                    it.clone_from(&place);
                }
            })
            .or_insert(place);
    }

    /// Tells a lockfile's finding where its package is asked for; that also says that it is direct.
    pub(crate) fn tell(&self, finding: &mut Finding) {
        let name = normalize_name(&finding.ecosystem, &finding.name);
        let place = self.0.get(&finding.path).and_then(|it| it.get(&*name));
        if let Some(place) = place.filter(|_| finding.direct != Some(false)) {
            finding.declared = Some(place.clone());
            finding.direct = Some(true);
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
