//! The folders that a lockfile lays out, and Node's search for a package among them.
//!
//! <https://nodejs.org/api/modules.html#loading-from-node_modules-folders>

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A search goes up this many folders: deeper than any tree that npm wrote, and it bounds the work per dependency.
const MAX_LEVELS: usize = 128;

#[derive(Default)]
struct Folder {
    parent: Option<u32>,
    /// The package that lies here, by its place among the components.
    package: Option<usize>,
}

/// A tree with the project's folder as root.
pub(super) struct Folders<'k> {
    all: Vec<Folder>,
    /// From a folder and a name to the folder in its `node_modules`.
    installed: HashMap<(u32, &'k str), u32, RandomState>,
    /// From a folder and a name to any other folder in it.
    inside: HashMap<(u32, &'k str), u32, RandomState>,
}

pub(super) enum Step<'p> {
    Installed(&'p str),
    Inside(&'p str),
}

impl<'k> Folders<'k> {
    pub(super) const ROOT: u32 = 0;

    pub(super) fn new() -> Self {
        Self {
            all: vec![Folder::default()],
            installed: HashMap::default(),
            inside: HashMap::default(),
        }
    }

    /// The folder at `path`, made where it is missing.
    pub(super) fn add(&mut self, path: &'k str) -> u32 {
        steps(path).fold(Self::ROOT, |at, step| match step {
            Step::Installed(name) => self.add_installed(at, name),
            Step::Inside(name) => self.add_inside(at, name),
        })
    }

    pub(super) fn add_installed(&mut self, parent: u32, name: &'k str) -> u32 {
        if let Some(found) = self.installed.get(&(parent, name)) {
            return *found;
        }
        let added = self.push(Some(parent));
        self.installed.insert((parent, name), added);
        added
    }

    fn add_inside(&mut self, parent: u32, name: &'k str) -> u32 {
        if let Some(found) = self.inside.get(&(parent, name)) {
            return *found;
        }
        // A folder outside of the project does not see the packages of the project.
        let added = self.push((name != "..").then_some(parent));
        self.inside.insert((parent, name), added);
        added
    }

    fn push(&mut self, parent: Option<u32>) -> u32 {
        let index = u32::try_from(self.all.len()).expect("a text has fewer folders than bytes");
        self.all.push(Folder { parent, package: None });
        index
    }

    pub(super) fn place(&mut self, folder: u32, package: usize) {
        self.all[folder as usize].package = Some(package);
    }

    /// Makes `folder` stand for the package at `target`, if one lies there.
    pub(super) fn link(&mut self, folder: u32, target: &str) {
        let found = steps(target).try_fold(Self::ROOT, |at, step| match step {
            Step::Installed(name) => self.installed.get(&(at, name)).copied(),
            Step::Inside(name) => self.inside.get(&(at, name)).copied(),
        });
        let package = found.and_then(|it| self.all[it as usize].package);
        self.all[folder as usize].package = package;
    }

    /// The package that `name` means to code in `folder`.
    pub(super) fn resolve(&self, folder: u32, name: &str) -> Option<usize> {
        let up = std::iter::successors(Some(folder), |it| self.all[*it as usize].parent);
        let found = up.take(MAX_LEVELS).find_map(|it| self.installed.get(&(it, name)))?;
        self.all[*found as usize].package
    }
}

/// A path with `/` between its parts; a package's name may be `@scope/name`.
pub(super) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        while let Some(after) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
            rest = after;
        }
        let below = rest.strip_prefix("node_modules/");
        let path = below.unwrap_or(rest);
        let n_parts = if below.is_some() && path.starts_with('@') { 2 } else { 1 };
        let end = path.match_indices('/').nth(n_parts - 1).map_or(path.len(), |(at, _)| at);
        let (name, after) = path.split_at(end);
        rest = after;
        match below {
            _ if name.is_empty() => None,
            Some(_) => Some(Step::Installed(name)),
            None => Some(Step::Inside(name)),
        }
    })
}
