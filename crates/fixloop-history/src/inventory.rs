//! Contents of files to sets of components; each component is kept once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use fixloop_manifest::{Beside, Format};
use fixloop_model::{Component, Reach};
use foldhash::fast::RandomState;
use gix::ObjectId;

use crate::record::{ComponentKey, Content, Origin};
use crate::repository::blob_text;
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

    /// The set of these components, sorted.
    fn numbers(&self, components: Vec<Component>) -> Vec<u32> {
        let keys = components.into_iter().filter_map(key);
        // A thread that panicked cannot have left a component half entered.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { numbers, in_order } = &mut *known;
        let mut found: Vec<u32> = keys
            .map(|key| {
                let next = number(in_order.len());
                match numbers.entry(key) {
                    Entry::Occupied(entry) => *entry.get(),
                    Entry::Vacant(entry) => {
                        in_order.push(entry.key().clone());
                        *entry.insert(next)
                    }
                }
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The project itself is none of its components.
fn key(component: Component) -> Option<ComponentKey> {
    if component.reach == Reach::Root {
        return None;
    }
    Some(ComponentKey {
        direct: component.reach.is_direct(),
        ecosystem: component.ecosystem.as_str().to_owned(),
        name: component.name,
        version: component.version,
        origin: Origin::of(component.source),
        scope: component.scope,
    })
}

/// Reads one file at one commit. `blob_of` gives the other files of that commit.
pub(crate) fn read(
    repository: &gix::Repository,
    interner: &Interner,
    (path, format, blob): (&str, Format, ObjectId),
    blob_of: &dyn Fn(&str) -> Option<ObjectId>,
) -> Content {
    let text = match blob_text(repository, blob) {
        Ok(text) => text,
        Err(problem) => return Content { problem: Some(problem), ..Content::default() },
    };
    let neighbors: Mutex<Vec<(String, Option<ObjectId>)>> = Mutex::default();
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
    let parsed = format.parse_among(&text, Beside::new(path, &read));
    let problem = parsed.problems.iter().find(|it| it.whole_file).map(|it| it.reason.clone());
    Content {
        components: if problem.is_some() {
            Vec::new()
        } else {
            interner.numbers(parsed.components)
        },
        problem,
        neighbors: neighbors.into_inner().unwrap_or_else(PoisonError::into_inner),
    }
}
