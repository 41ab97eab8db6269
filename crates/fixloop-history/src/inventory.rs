//! Contents of files to sets of components; each component is kept once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fixloop_manifest::{Beside, Format, Occurrence, Series};
use fixloop_model::{Component, Parsed, Reach, Scope};
use foldhash::fast::RandomState;
use gix::ObjectId;

use crate::record::{ComponentKey, Content, Origin};
use crate::repository::{Opened, blob_text};
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
    interner: &'a Interner,
    series: Series,
    /// Of what the series read.
    numbers: HashMap<Occurrence, u32, RandomState>,
}

impl<'a> Reader<'a> {
    fn new(opened: &Opened, interner: &'a Interner) -> Self {
        let mut repository = opened.repository.to_thread_local();
        repository.object_cache_size(None);
        Self { repository, interner, series: Series::default(), numbers: HashMap::default() }
    }

    /// Reads one file at one commit. `blob_of` gives the other files of that commit.
    pub(crate) fn read(
        &mut self,
        (path, format, blob): (&str, Format, ObjectId),
        blob_of: &dyn Fn(&str) -> Option<ObjectId>,
    ) -> Content {
        let text = match blob_text(&self.repository, blob) {
            Ok(text) => text,
            Err(problem) => return Content { problem: Some(problem), ..Content::default() },
        };
        let neighbors: Mutex<Vec<(String, Option<ObjectId>)>> = Mutex::default();
        let repository = &self.repository;
        let read = |path: &str| {
            let blob = blob_of(path);
            let mut seen = neighbors.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.iter().all(|(known, _)| known != path) {
                seen.push((path.to_owned(), blob));
            }
            drop(seen);
            // What cannot be read is a gap of the file itself, if that is a target.
            blob_text(repository, blob?).ok().map(Arc::from)
        };
        let beside = Beside::new(path, &read);
        let (mut components, problem) = match self.series.read(format, &text, beside) {
            Some(occurrences) => (self.numbers(&occurrences), None),
            None => self.whole(&format.parse_among(&text, beside)),
        };
        components.sort_unstable();
        components.dedup();
        let neighbors = neighbors.into_inner().unwrap_or_else(PoisonError::into_inner);
        Content { components, problem, neighbors }
    }

    fn numbers(&mut self, occurrences: &[Occurrence]) -> Vec<u32> {
        let Self { interner, series, numbers, .. } = self;
        let number = |it: &Occurrence| {
            *numbers.entry(*it).or_insert_with(|| {
                interner.number(key(series.component(it.component), it.is_direct, it.scope))
            })
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
