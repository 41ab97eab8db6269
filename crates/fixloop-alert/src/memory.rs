//! What was found for each component of one text: only what changed is looked up again.

use std::sync::Arc;

use fixloop_index::IndexError;
use fixloop_model::{Component, Parsed};
use jiff::civil::Date;

use crate::alert::{Alert, Told};
use crate::alerts::{placed, told};
use crate::context::Context;
use crate::locked::{Evaluated, Locked};

/// What was told of the components of one text, as it was read last.
///
/// It holds for one index, one set of exceptions and mirrors, one path, and one lockfile as it was evaluated: whoever changes one of these
/// begins with a new one. What day it is, and whether there is a lockfile, it sees by itself.
#[derive(Debug, Default)]
pub struct Memory {
    then: Option<(Date, bool)>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    component: Component,
    told: Option<Arc<Told>>,
}

impl Memory {
    /// As [`alerts`](crate::alerts()), which begins with an empty one. What was told already and did not change is the same [`Told`].
    ///
    /// # Errors
    /// If the index turns out to be damaged; then nothing is remembered.
    pub fn alerts(
        &mut self,
        context: &Context<'_, '_>,
        path: &str,
        parsed: &Parsed,
        locked: Option<(&Locked, &Evaluated)>,
    ) -> Result<Vec<Alert>, IndexError> {
        let now = Some((context.today, locked.is_some()));
        let is_valid = self.then == now;
        let before = std::mem::take(&mut self.entries);
        let before = if is_valid { before } else { Vec::new() };
        let (n_before, n_now) = (before.len(), parsed.components.len());
        let mut before: Vec<Option<Entry>> = before.into_iter().map(Some).collect();
        let mut entries = Vec::with_capacity(n_now);
        for (at, component) in parsed.components.iter().enumerate() {
            // One edit moves what stands behind it: counted from the end it is where it was.
            let from_end = (at + n_before).checked_sub(n_now);
            let mut places = [Some(at), from_end].into_iter().flatten();
            let is_it = |it: &Entry| is_same(&it.component, component);
            let known = places.find_map(|it| before.get_mut(it)?.take_if(|it| is_it(it)));
            entries.push(match known {
                Some(entry) => entry,
                None => Entry {
                    told: told(context, path, component, locked)?.map(Arc::new),
                    component: component.clone(),
                },
            });
        }
        (self.then, self.entries) = (now, entries);
        let told = self.entries.iter().enumerate();
        Ok(placed(parsed, told.filter_map(|(at, it)| Some((at, Arc::clone(it.told.as_ref()?))))))
    }
}

/// Whether the same is told of two components: their places in the text do not count.
fn is_same(a: &Component, b: &Component) -> bool {
    // All fields by name, so that a new one is thought of here.
    let Component {
        ecosystem,
        name,
        version,
        requirement,
        source,
        alias,
        reach,
        scope,
        name_span: _,
        version_span: _,
        declared: _,
    } = a;
    *name == b.name
        && *version == b.version
        && *requirement == b.requirement
        && *ecosystem == b.ecosystem
        && *source == b.source
        && *alias == b.alias
        && *reach == b.reach
        && *scope == b.scope
}
