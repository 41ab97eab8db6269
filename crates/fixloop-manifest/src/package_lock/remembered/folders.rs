//! Numbers for folders, the same in all versions; which of them a version has, it says itself.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::package_lock::folders::{Step, steps};
use crate::series::Names;

const NONE: u32 = u32::MAX;

/// The project's folder.
pub(super) const ROOT: u32 = 0;

struct Folder {
    /// The folder it lies in.
    container: u32,
    /// Where a search goes on.
    parent: Option<u32>,
    /// The version that last had it, and the place of the package there.
    last: (u32, u32),
}

pub(super) struct Folders {
    names: Names,
    all: Vec<Folder>,
    /// By container and name, and whether it lies in `node_modules`.
    known: HashMap<(u32, u32, bool), u32, RandomState>,
    version: u32,
}

impl Default for Folders {
    fn default() -> Self {
        let root = Folder { container: ROOT, parent: None, last: (0, NONE) };
        let (names, known) = (Names::default(), HashMap::default());
        Self { names, all: vec![root], known, version: 0 }
    }
}

impl Folders {
    pub(super) fn number(&mut self, path: &str) -> u32 {
        steps(path).fold(ROOT, |at, step| match step {
            Step::Installed(name) => self.below(at, name, true),
            Step::Inside(name) => self.below(at, name, false),
        })
    }

    fn below(&mut self, container: u32, name: &str, is_installed: bool) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(NONE);
        let key = (container, self.names.number(name), is_installed);
        let number = *self.known.entry(key).or_insert(next);
        if number == next {
            // A folder outside of the project does not see the packages of the project.
            let parent = (is_installed || name != "..").then_some(container);
            self.all.push(Folder { container, parent, last: (0, NONE) });
        }
        number
    }

    /// How many folders a search from here looks at.
    pub(super) fn n_levels(&self, folder: u32) -> usize {
        self.up(folder).count()
    }

    /// Where `name` may lie for code in `folder`, nearest first.
    pub(super) fn tries(&mut self, folder: u32, name: &str) -> Vec<u32> {
        let up: Vec<u32> = self.up(folder).collect();
        up.into_iter().map(|it| self.below(it, name, true)).collect()
    }

    fn up(&self, folder: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(folder), |it| self.all[*it as usize].parent)
    }

    /// Forgets which folders are there.
    pub(super) fn begin(&mut self) {
        self.version += 1;
        self.all[ROOT as usize].last = (self.version, NONE);
    }

    /// Notes that `folder` is there, and all it lies in.
    pub(super) fn add(&mut self, folder: u32) {
        let mut at = folder;
        while self.all[at as usize].last.0 != self.version {
            self.all[at as usize].last = (self.version, NONE);
            at = self.all[at as usize].container;
        }
    }

    /// Sets what stands in a folder that is there.
    pub(super) fn place(&mut self, folder: u32, package: Option<u32>) {
        self.all[folder as usize].last.1 = package.unwrap_or(NONE);
    }

    pub(super) fn package(&self, folder: u32) -> Option<u32> {
        self.find(&[folder])
    }

    /// What stands in the first of these folders that is there.
    pub(super) fn find(&self, tries: &[u32]) -> Option<u32> {
        let mut folders = tries.iter().map(|it| &self.all[*it as usize]);
        let found = folders.find(|it| it.last.0 == self.version)?;
        (found.last.1 != NONE).then_some(found.last.1)
    }
}
