//! NuGet: `NuGet.config`, and the sources that projects add.
//!
//! All sources are asked for every package. The files from the root to the folder are merged: nearer ones add to or replace
//! sources of the same key, `<clear/>` drops what was before, and `disabledPackageSources` takes sources out
//! (<https://learn.microsoft.com/en-us/nuget/consume-packages/configuring-nuget-behavior#how-settings-are-applied>). Without a `<clear/>` the machine's
//! and the user's files count too, and they hold the public source unless somebody changed them. With `packageSourceMapping` a
//! package is asked of the sources with the most specific matching pattern alone
//! (<https://learn.microsoft.com/en-us/nuget/consume-packages/package-source-mapping>). `RestoreSources` of a project stands in the place of all
//! of this, `RestoreAdditionalProjectSources` adds to it (<https://learn.microsoft.com/en-us/nuget/reference/msbuild-targets#restore-properties>).

mod configuration;
mod mapping;
mod projects;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::feed::{Feed, Kind};
use crate::place::Place;
use crate::tree::{Tree, file_name, folder, upwards};
use configuration::Configuration;

const NUGET: &str = "NuGet";

const MANAGER: Manager = Manager {
    name: "nuget",
    fix: "begin `packageSources` with `<clear />` and name one source, or map each package pattern to one source in `packageSourceMapping`",
    url: "https://learn.microsoft.com/en-us/nuget/consume-packages/package-source-mapping",
};

const CONFIG: &str = "nuget.config";

pub(crate) fn names(path: &str) -> bool {
    let file = file_name(path).to_ascii_lowercase();
    file == CONFIG || file == "packages.lock.json" || projects::is_project(&file)
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut read: HashMap<&str, Configuration> = HashMap::new();
    let mut broken: Vec<&str> = Vec::new();
    for path in tree.named(CONFIG) {
        match configuration::read(tree, path) {
            Ok(Some(configuration)) => drop(read.insert(folder(path), configuration)),
            Ok(None) => {}
            Err(check) => {
                broken.push(folder(path));
                checks.push(*check);
            }
        }
    }
    // What a file that cannot be read changes below it nobody knows.
    let is_clear = |it: &str| !upwards(it).any(|above| broken.contains(&above));
    for path in tree.named(CONFIG).filter(|it| is_clear(folder(it))) {
        let merged = Merged::of(folder(path), &read);
        checks.extend(merged.answer(tree, path));
    }
    let merged = |folder: &str| is_clear(folder).then(|| Merged::of(folder, &read));
    checks.extend(projects::assess(tree, &merged));
    checks
}

/// What holds in one folder.
#[derive(Clone, Default)]
struct Merged {
    /// Key in lower case.
    sources: Vec<(String, Feed)>,
    disabled: Vec<String>,
    /// Key in lower case, patterns, place.
    mapping: Vec<(String, Vec<String>, Place)>,
    /// Whether nothing of the machine counts.
    is_cleared: bool,
}

impl Merged {
    fn of(folder: &str, read: &HashMap<&str, Configuration>) -> Self {
        let mut merged = Self::default();
        let mut chain: Vec<&Configuration> =
            upwards(folder).filter_map(|it| read.get(it)).collect();
        chain.reverse();
        for configuration in chain {
            merged.add(configuration);
        }
        merged
    }

    fn add(&mut self, nearer: &Configuration) {
        if nearer.clears_sources {
            self.sources.clear();
            self.is_cleared = true;
        }
        for (key, feed) in &nearer.sources {
            self.sources.retain(|(it, _)| it != key);
            self.sources.push((key.clone(), feed.clone()));
        }
        if nearer.clears_disabled {
            self.disabled.clear();
        }
        self.disabled.extend(nearer.disabled.iter().cloned());
        if nearer.clears_mapping {
            self.mapping.clear();
        }
        for (key, patterns, place) in &nearer.mapping {
            self.mapping.retain(|(it, _, _)| it != key);
            self.mapping.push((key.clone(), patterns.clone(), place.clone()));
        }
    }

    /// The sources that are asked; the public one of the machine among them where nothing says otherwise.
    fn active(&self, path: &str) -> Vec<(String, Feed)> {
        const MACHINE: &str = "nuget.org";
        let is_on = |key: &str| !self.disabled.iter().any(|it| it == key);
        let mut active = self.sources.clone();
        let is_known = active.iter().any(|(key, feed)| key == MACHINE || feed.is_public());
        if !self.is_cleared && !is_known {
            active.push((MACHINE.to_owned(), Feed::implicit_public(Place::file(path))));
        }
        active.retain(|(key, _)| is_on(key));
        active
    }

    fn answer(&self, tree: &Tree<'_>, path: &str) -> Option<BuildCheck> {
        self.answer_with(tree, path, &[])
    }

    fn answer_with(&self, tree: &Tree<'_>, path: &str, more: &[Feed]) -> Option<BuildCheck> {
        let mut active = self.active(path);
        active.extend(more.iter().map(|it| (String::new(), it.clone())));
        let is_own = |it: &Feed| it.is_private() || it.kind == Kind::Unresolved;
        if !active.iter().any(|(_, it)| is_own(it)) {
            return None;
        }
        let lockfile = tree.at_or_below(folder(path), "packages.lock.json");
        let pinned = lockfile.map(Pinned::by_hashes);
        if !self.mapping.is_empty() && more.is_empty() {
            return Some(mapping::answer(&self.mapping, &active, pinned.as_ref()));
        }
        let is_implicit = !self.is_cleared && !self.sources.iter().any(|(_, it)| it.is_public());
        let how = if is_implicit {
            "because no `<clear />` keeps the machine's own sources out"
        } else {
            "and nothing maps packages to sources"
        };
        let feeds: Vec<Feed> = active.into_iter().map(|(_, feed)| feed).collect();
        MANAGER.equal(&feeds, how, pinned.as_ref())
    }
}
