//! Which file and package an event is about: the keys that an editor computes, computed of what the mirrors hold.

use std::collections::HashMap;

use fixloop_model::Exposure;
use fixloop_policy::{Key, OrganizationKey};
use fixloop_telemetry::{PublicEcosystem, Subject};

use crate::pilot::{MirroredRepository, Mirrors};

/// A file of a repository.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TargetPlace {
    /// Place in the list of repositories.
    pub repository: usize,
    /// Place among the files that are known.
    file: usize,
}

/// Keys of repositories, files and package versions.
pub struct Targets<'a> {
    pub(crate) repositories: &'a [MirroredRepository],
    by_repository: HashMap<Key, usize>,
    by_target: HashMap<Key, TargetPlace>,
    /// Of each known file: its folder.
    folders: Vec<&'a str>,
    /// Exposures of each repository and folder.
    by_folder: HashMap<(usize, &'a str), Vec<usize>>,
    /// Of each exposure: where it is, and the keys of its versions.
    exposures: Vec<KnownExposure>,
}

struct KnownExposure {
    /// `None` if its repository is not in the list.
    place: Option<TargetPlace>,
    components: Vec<Key>,
}

/// How surely a draft and an exposure are of one package. The order is that of preference.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Likeness {
    /// Another file of the folder: a lockfile came after the manifest, or another one.
    AdvisoryInFolder,
    ComponentInFolder,
    Advisory,
    Component,
}

impl<'a> Targets<'a> {
    /// Two HMACs for each file and version. Of two repositories with one address, the first counts.
    pub fn of(key: &OrganizationKey, mirrors: &Mirrors<'a>) -> Self {
        let mut names: HashMap<&str, usize> = HashMap::new();
        let mut targets = Self {
            repositories: mirrors.repositories,
            by_repository: HashMap::new(),
            by_target: HashMap::new(),
            folders: Vec::new(),
            by_folder: HashMap::new(),
            exposures: Vec::new(),
        };
        for (place, repository) in mirrors.repositories.iter().enumerate() {
            names.entry(&repository.name).or_insert(place);
            targets.by_repository.entry(key.repository(&repository.id)).or_insert(place);
            for path in &repository.paths {
                targets.add_file(key, place, path);
            }
        }
        for exposure in mirrors.exposures {
            targets.add_exposure(key, names.get(&*exposure.repository).copied(), exposure);
        }
        targets
    }

    fn add_file(&mut self, key: &OrganizationKey, repository: usize, path: &'a str) -> TargetPlace {
        let next = TargetPlace { repository, file: self.folders.len() };
        let target = key.target(&self.repositories[repository].id, path);
        let place = *self.by_target.entry(target).or_insert(next);
        if place == next {
            self.folders.push(folder(path));
        }
        place
    }

    fn add_exposure(
        &mut self,
        key: &OrganizationKey,
        repository: Option<usize>,
        exposure: &'a Exposure,
    ) {
        let path = path_of(exposure);
        let place = repository.map(|it| self.add_file(key, it, path));
        if let Some(place) = place {
            let of_folder = self.by_folder.entry((place.repository, folder(path))).or_default();
            of_folder.push(self.exposures.len());
        }
        let versions = exposure.version_before.split(", ");
        let component = |version| key.component(&exposure.ecosystem, &exposure.name, version);
        let components = versions.map(component).collect();
        self.exposures.push(KnownExposure { place, components });
    }

    /// Place of the repository with this key in the list.
    pub fn repository(&self, key: Key) -> Option<usize> {
        self.by_repository.get(&key).copied()
    }

    pub fn target(&self, key: Key) -> Option<TargetPlace> {
        self.by_target.get(&key).copied()
    }

    /// The team of a repository in the list.
    pub fn team(&self, repository: usize) -> &'a str {
        &self.repositories[repository].team
    }

    /// The team of an exposure's repository; `None` if the repository is not in the list.
    pub(crate) fn team_of_exposure(&self, exposure: usize) -> Option<&'a str> {
        self.exposures.get(exposure)?.place.map(|it| self.team(it.repository))
    }

    /// Exposures of the subject's package in the target's file, or in another file of its folder, each with how alike it is.
    pub(crate) fn alike(
        &self,
        place: TargetPlace,
        subject: &Subject,
        all: &[Exposure],
    ) -> Vec<(usize, Likeness)> {
        let folder = self.folders[place.file];
        let of_folder = self.by_folder.get(&(place.repository, folder));
        let alike = |exposure: &usize| {
            let known = &self.exposures[*exposure];
            let is_component = subject.component.is_some_and(|it| known.components.contains(&it));
            if !is_component && !shares_advisory(subject, &all[*exposure]) {
                return None;
            }
            let is_file = known.place == Some(place);
            let likeness = match (is_file, is_component) {
                (true, true) => Likeness::Component,
                (true, false) => Likeness::Advisory,
                (false, true) => Likeness::ComponentInFolder,
                (false, false) => Likeness::AdvisoryInFolder,
            };
            Some((*exposure, likeness))
        };
        of_folder.into_iter().flatten().filter_map(alike).collect()
    }
}

fn shares_advisory(subject: &Subject, exposure: &Exposure) -> bool {
    PublicEcosystem::of(&exposure.ecosystem) == subject.ecosystem
        && exposure.ids.iter().any(|it| subject.advisories.ids().binary_search(it).is_ok())
}

/// The path after the repository's name and the colon; all of it where that is not how it begins.
pub(crate) fn path_of(exposure: &Exposure) -> &str {
    let target = &*exposure.target;
    let path = target.strip_prefix(&*exposure.repository).and_then(|it| it.strip_prefix(':'));
    path.unwrap_or(target)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
