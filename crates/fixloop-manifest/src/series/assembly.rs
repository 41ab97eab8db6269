//! A version put together from entries that call each other by name.

use std::collections::HashMap;
use std::ops::Range;

use fixloop_model::{Component, Reach, Scope};
use foldhash::fast::RandomState;

use super::Occurrence;
use crate::graph::reaches;

const NONE: u32 = u32::MAX;

/// A number for each name.
#[derive(Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, u32, RandomState>,
}

impl Names {
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(NONE);
        self.numbers.insert(name.into(), next);
        next
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// What an entry needs: for each, the names to try in turn.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Each need ends with [`NONE`].
    tries: Vec<u32>,
}

impl Needs {
    pub(crate) fn push(&mut self, tries: impl IntoIterator<Item = u32>) {
        let start = self.tries.len();
        for name in tries {
            if !self.tries[start..].contains(&name) {
                self.tries.push(name);
            }
        }
        self.tries.push(NONE);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        needs(&self.tries)
    }
}

fn needs(tries: &[u32]) -> impl Iterator<Item = &[u32]> {
    tries.split_inclusive(|it| *it == NONE).filter_map(|it| Some(it.split_last()?.1))
}

/// What the text of one entry says.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// `None` for one that only adds to another's needs.
    pub(crate) component: Option<u32>,
    /// Names to try for the entry whose needs these are; its own, if there are none.
    pub(crate) of: Vec<u32>,
    /// Entries of one package are one component, the first; `None` if each is one of its own.
    pub(crate) package: Option<u32>,
    /// A name that is surely this entry's.
    pub(crate) own_name: Option<u32>,
    /// Names that are the first entry's that has them.
    pub(crate) names: Vec<u32>,
    pub(crate) needs: Needs,
    /// The project itself, or a member of its workspace.
    pub(crate) is_root: bool,
}

/// An [`Entry`] whose numbers stand among all others': those of one version mostly next to each other.
struct Kept {
    component: Option<u32>,
    package: Option<u32>,
    own_name: Option<u32>,
    is_root: bool,
    of: Range<u32>,
    names: Range<u32>,
    needs: Range<u32>,
}

/// Entries by number, and what is needed to put a version together.
#[derive(Default)]
pub(crate) struct Assembly {
    components: Vec<Component>,
    entries: Vec<Kept>,
    numbers: Vec<u32>,
    n_bytes: usize,
    /// By name and by package: the version that last had it, and the place there.
    by_name: Vec<(u32, u32)>,
    by_package: Vec<(u32, u32)>,
    n_versions: u32,
}

/// One version while it is put together.
pub(crate) struct Version<'a> {
    assembly: &'a mut Assembly,
    /// By place: the component's number and whether it is the project's own.
    places: Vec<(u32, bool)>,
    /// Entries that have needs, by place, in no order.
    needing: Vec<(u32, u32)>,
}

impl Assembly {
    pub(crate) fn component(&self, number: u32) -> &Component {
        &self.components[number as usize]
    }

    pub(crate) fn add_component(&mut self, component: Component) -> u32 {
        self.components.push(component);
        u32::try_from(self.components.len() - 1).unwrap_or(NONE)
    }

    /// Remembers an entry that `n_bytes` of text said.
    pub(crate) fn add(&mut self, entry: &Entry, n_bytes: usize) -> u32 {
        self.remember(n_bytes);
        let of = self.keep(&entry.of);
        let names = self.keep(&entry.names);
        let needs = self.keep(&entry.needs.tries);
        let Entry { component, package, own_name, is_root, .. } = *entry;
        self.entries.push(Kept { component, package, own_name, is_root, of, names, needs });
        u32::try_from(self.entries.len() - 1).unwrap_or(NONE)
    }

    fn keep(&mut self, numbers: &[u32]) -> Range<u32> {
        let start = u32::try_from(self.numbers.len()).unwrap_or(NONE);
        self.numbers.extend_from_slice(numbers);
        start..u32::try_from(self.numbers.len()).unwrap_or(NONE)
    }

    /// Counts `n_bytes` of text that are remembered.
    pub(crate) fn remember(&mut self, n_bytes: usize) {
        // Components, names and their tables come to about the text again.
        self.n_bytes += 2 * n_bytes;
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    pub(crate) fn version(&mut self) -> Version<'_> {
        self.n_versions += 1;
        Version { assembly: self, places: Vec::new(), needing: Vec::new() }
    }

    fn entry(&self, number: u32) -> &Kept {
        &self.entries[number as usize]
    }

    fn find(&self, tries: &[u32]) -> Option<u32> {
        tries.iter().find_map(|name| current(&self.by_name, *name, self.n_versions))
    }
}

fn slice<'n>(numbers: &'n [u32], range: &Range<u32>) -> &'n [u32] {
    &numbers[range.start as usize..range.end as usize]
}

/// What the table says of `key` in this version.
fn current(table: &[(u32, u32)], key: u32, version: u32) -> Option<u32> {
    table.get(key as usize).filter(|it| it.0 == version).map(|it| it.1)
}

fn set(table: &mut Vec<(u32, u32)>, key: u32, version: u32, place: u32) {
    let key = key as usize;
    if table.len() <= key {
        table.resize(key + 1, (0, 0));
    }
    table[key] = (version, place);
}

impl Version<'_> {
    /// Adds an entry's component, and its needs if they are its own.
    pub(crate) fn add(&mut self, number: u32) -> Option<()> {
        let Assembly { entries, numbers, by_name, by_package, n_versions, .. } =
            &mut *self.assembly;
        let entry = &entries[number as usize];
        let component = entry.component?;
        let known = entry.package.and_then(|it| current(by_package, it, *n_versions));
        let place = match known {
            Some(place) => place,
            None => u32::try_from(self.places.len()).ok()?,
        };
        if known.is_none() {
            self.places.push((component, entry.is_root));
            if let Some(package) = entry.package {
                set(by_package, package, *n_versions, place);
            }
        }
        if let Some(name) = entry.own_name {
            set(by_name, name, *n_versions, place);
        }
        for name in slice(numbers, &entry.names) {
            if current(by_name, *name, *n_versions).is_none() {
                set(by_name, *name, *n_versions, place);
            }
        }
        if entry.of.is_empty() {
            self.needing.push((place, number));
        }
        Some(())
    }

    /// Adds an entry's needs to those of the entry that has one of the names `of`. All components must be there.
    pub(crate) fn add_needs(&mut self, number: u32) {
        let Assembly { numbers, .. } = &*self.assembly;
        let found = self.assembly.find(slice(numbers, &self.assembly.entry(number).of));
        self.needing.extend(found.map(|place| (place, number)));
    }

    /// Who needs whom, and what comes of it. `named` is what the project itself names, beside what its own entries need.
    pub(crate) fn finish<'n>(
        self,
        named: impl IntoIterator<Item = (&'n Needs, Option<Scope>)>,
    ) -> Vec<Occurrence> {
        let Self { assembly, places, needing } = self;
        let mut roots: Vec<(usize, Option<Scope>)> = Vec::new();
        for (it, scope) in named {
            roots.extend(
                it.iter().filter_map(|it| assembly.find(it)).map(|it| (it as usize, scope)),
            );
        }
        // Needs by place, one list after another.
        let mut starts = vec![0_u32; places.len() + 1];
        let mut edges: Vec<(u32, u32)> = Vec::new();
        for (place, number) in needing {
            let tries = slice(&assembly.numbers, &assembly.entry(number).needs);
            for to in needs(tries).filter_map(|it| assembly.find(it)) {
                edges.push((place, to));
                starts[place as usize + 1] += 1;
                if places[place as usize].1 {
                    roots.push((to as usize, None));
                }
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next_free = starts.clone();
        let mut sorted = vec![0_u32; edges.len()];
        for (from, to) in edges {
            let free = &mut next_free[from as usize];
            sorted[*free as usize] = to;
            *free += 1;
        }
        let told = reaches(places.len(), &roots, |from, out| {
            let needed = &sorted[starts[from] as usize..starts[from + 1] as usize];
            out.extend(needed.iter().map(|it| *it as usize));
        });
        let all = places.into_iter().zip(told).filter(|((_, is_root), _)| !is_root);
        all.map(|((component, _), (reach, scope))| occurrence(assembly, component, reach, scope))
            .collect()
    }
}

fn occurrence(assembly: &Assembly, number: u32, reach: Reach, scope: Option<Scope>) -> Occurrence {
    let own = assembly.component(number).scope;
    Occurrence { component: number, is_direct: reach.is_direct(), scope: own.or(scope) }
}
