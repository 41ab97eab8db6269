//! Contents of files to sets of components; each component is kept once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fixloop_manifest::{Beside, Format, Occurrence, Series};
use fixloop_model::{Component, Parsed, Reach, Scope};
use foldhash::fast::RandomState;
use gix::ObjectId;

use crate::record::{ComponentKey, Content, Origin};
use crate::repository::{Opened, with_blob_text};
use crate::walk::number;

/// Numbers components in the order in which they are met. Shared between threads.
#[derive(Default)]
pub(crate) struct Interner {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbers: HashMap<ComponentKey, u32, RandomState>,
    in_order: Vec<ComponentKey>,
}

impl Interner {
    pub(crate) fn of(components: Vec<ComponentKey>) -> Self {
        let numbered = components.iter().cloned().enumerate();
        let numbers = numbered.map(|(index, it)| (it, number(index))).collect();
        Self { known: Mutex::new(Known { numbers, in_order: components }) }
    }

    pub(crate) fn into_components(self) -> Vec<ComponentKey> {
        self.known.into_inner().unwrap_or_else(PoisonError::into_inner).in_order
    }

    fn number(&self, key: ComponentKey) -> u32 {
        self.lock().number(key)
    }

    fn numbers(&self, keys: impl IntoIterator<Item = ComponentKey>) -> Vec<u32> {
        let mut known = self.lock();
        keys.into_iter().map(|it| known.number(it)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A thread that panicked cannot have left a component half entered.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn number(&mut self, key: ComponentKey) -> u32 {
        let next = number(self.in_order.len());
        match self.numbers.entry(key) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                self.in_order.push(entry.key().clone());
                *entry.insert(next)
            }
        }
    }
}

/// A component as it occurs in a file.
fn key(component: &Component, is_direct: Option<bool>, scope: Option<Scope>) -> ComponentKey {
    ComponentKey {
        direct: is_direct,
        ecosystem: component.ecosystem.as_str().to_owned(),
        name: component.name.clone(),
        version: component.version.clone(),
        origin: Origin::of(&component.source),
        scope,
    }
}

/// Readers that no thread has at the moment. Each remembers what it read, so few are best.
pub(crate) struct Readers<'a> {
    opened: &'a Opened,
    interner: &'a Interner,
    idle: Mutex<Vec<Reader<'a>>>,
}

impl<'a> Readers<'a> {
    pub(crate) fn new(opened: &'a Opened, interner: &'a Interner) -> Self {
        Self { opened, interner, idle: Mutex::default() }
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Reader<'a>) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Its own statement, or the lock would be held during the work.
        let taken = idle().pop();
        let mut reader = taken.unwrap_or_else(|| Reader::new(self.opened, self.interner));
        let result = work(&mut reader);
        idle().push(reader);
        result
    }
}

/// Reads files of one repository; one thread's.
pub(crate) struct Reader<'a> {
    repository: gix::Repository,
    texts: Texts<'a>,
}

impl<'a> Reader<'a> {
    fn new(opened: &Opened, interner: &'a Interner) -> Self {
        let mut repository = opened.repository.to_thread_local();
        repository.object_cache_size(None);
        let texts = Texts { interner, series: Series::default(), numbers: Vec::new() };
        Self { repository, texts }
    }

    /// Reads one file at one commit. `blob_of` gives the other files of that commit.
    pub(crate) fn read(
        &mut self,
        (path, format, blob): (&str, Format, ObjectId),
        blob_of: &dyn Fn(&str) -> Option<ObjectId>,
    ) -> Content {
        let Self { repository, texts } = self;
        let neighbors: Mutex<Vec<(String, Option<ObjectId>)>> = Mutex::default();
        let read = |path: &str| {
            let blob = blob_of(path);
            let mut seen = neighbors.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.iter().all(|(known, _)| known != path) {
                seen.push((path.to_owned(), blob));
            }
            drop(seen);
            // What cannot be read is a gap of the file itself, if that is a target.
            with_blob_text(repository, blob?, |it| Arc::from(it)).ok()
        };
        let beside = Beside::new(path, &read);
        let content =
            with_blob_text(repository, blob, |text| texts.components(format, text, beside));
        match content {
            Ok((components, problem)) => {
                let neighbors = neighbors.into_inner().unwrap_or_else(PoisonError::into_inner);
                Content { components, problem, neighbors }
            }
            Err(problem) => Content { problem: Some(problem), ..Content::default() },
        }
    }
}

/// What was read so far, and how its components are numbered.
struct Texts<'a> {
    interner: &'a Interner,
    series: Series,
    /// Of what the series read, by [`slot`]; [`UNKNOWN`] where it was not met yet.
    numbers: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

/// A place for each way in which a component of a series occurs.
fn slot(it: Occurrence) -> usize {
    let reach = it.is_direct.map_or(0, |it| 1 + usize::from(it));
    let scope = match it.scope {
        None => 0,
        Some(Scope::Runtime) => 1,
        Some(Scope::Optional) => 2,
        Some(Scope::Build) => 3,
        Some(Scope::Dev) => 4,
    };
    (it.component as usize * 3 + reach) * 5 + scope
}

impl Texts<'_> {
    /// The components in order, and why they are not known.
    fn components(
        &mut self,
        format: Format,
        text: &str,
        beside: Beside<'_>,
    ) -> (Vec<u32>, Option<String>) {
        let (mut components, problem) = match self.series.read(format, text, beside) {
            Some(occurrences) => (self.numbers(&occurrences), None),
            None => self.whole(&format.parse_among(text, beside)),
        };
        components.sort_unstable();
        components.dedup();
        (components, problem)
    }

    fn numbers(&mut self, occurrences: &[Occurrence]) -> Vec<u32> {
        let Self { interner, series, numbers } = self;
        let number = |it: &Occurrence| {
            let slot = slot(*it);
            if numbers.len() <= slot {
                numbers.resize(slot + 1, UNKNOWN);
            }
            if numbers[slot] == UNKNOWN {
                let component = series.component(it.component);
                numbers[slot] = interner.number(key(component, it.is_direct, it.scope));
            }
            numbers[slot]
        };
        let found = occurrences.iter().map(number).collect();
        if series.is_full() {
            *series = Series::default();
            numbers.clear();
        }
        found
    }

    fn whole(&self, parsed: &Parsed) -> (Vec<u32>, Option<String>) {
        if let Some(problem) = parsed.problems.iter().find(|it| it.whole_file) {
            return (Vec::new(), Some(problem.reason.clone()));
        }
        // The project itself is none of its components.
        let components = parsed.components.iter().filter(|it| it.reach != Reach::Root);
        let keys = components.map(|it| key(it, it.reach.is_direct(), it.scope));
        (self.interner.numbers(keys), None)
    }
}
