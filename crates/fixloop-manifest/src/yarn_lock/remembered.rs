//! Versions of a lockfile by their entries, for [`crate::Series`].

use std::collections::HashMap;
use std::mem;

use fixloop_model::Reach;
use foldhash::fast::RandomState;

use super::{component, direct_scopes, lines};
use crate::beside::Beside;
use crate::limits::MAX_LINES;
use crate::series::{Assembly, Entry, Names, Needs, Occurrence, Previous};

/// A part of the file.
#[derive(Clone, Copy)]
enum Part {
    Entry(u32),
    /// A comment or `__metadata`, and whether it says that yarn wrote the file.
    Other {
        is_yarn: bool,
    },
}

#[derive(Default)]
pub(crate) struct Remembered {
    names: Names,
    /// `None` is a shape that yarn does not write: the file has to be read as a whole.
    parts: HashMap<Box<str>, Option<Part>, RandomState>,
    previous: Previous<Part>,
}

impl Remembered {
    pub(crate) fn read(
        &mut self,
        text: &str,
        beside: Beside<'_>,
        assembly: &mut Assembly,
    ) -> Option<Vec<Occurrence>> {
        if text.len() > MAX_LINES && text.lines().count() > MAX_LINES {
            return None;
        }
        let mut previous = mem::take(&mut self.previous);
        let read = |_: Option<&_>, part: &str| {
            if let Some(known) = self.parts.get(part) {
                return *known;
            }
            let read = self.part(part, assembly);
            self.parts.insert(part.into(), read);
            read
        };
        let parts = previous.parts(text, |it| Some(part_end(it)), read);
        let parts: Option<Vec<Part>> = parts.map(Iterator::collect);
        self.previous = previous;
        let parts = parts?;
        let is_yarn = parts.iter().any(|it| matches!(it, Part::Other { is_yarn: true }));
        if !is_yarn {
            return None;
        }
        let scopes = direct_scopes(beside);
        let named = scopes.iter().map(|((name, range), scope)| {
            let mut needs = Needs::default();
            needs.push(self.tries(name, range));
            (needs, Some(*scope))
        });
        let named: Vec<_> = named.collect();
        let mut version = assembly.version();
        for part in parts {
            if let Part::Entry(number) = part {
                version.add(number)?;
            }
        }
        Some(version.finish(named.iter().map(|(needs, scope)| (needs, *scope))))
    }

    /// The descriptors that `name: range` may mean. Berry leaves the protocol out where it is the usual one.
    fn tries(&mut self, name: &str, range: &str) -> [u32; 2] {
        [format!("{name}@{range}"), format!("{name}@npm:{range}")].map(|it| self.names.number(&it))
    }

    fn part(&mut self, text: &str, assembly: &mut Assembly) -> Option<Part> {
        let read = lines::read(text);
        let mut entries = read.entries.into_iter();
        let (entry, more) = (entries.next(), entries.next());
        if !read.problems.is_empty() || more.is_some() {
            return None;
        }
        let Some(entry) = entry else {
            // Comments do not end the entry above them.
            let is_comment = text.starts_with(['#', '\n']) && !text.contains("\n ");
            return if is_comment || text.starts_with("__metadata:") {
                Some(Part::Other { is_yarn: read.is_yarn })
            } else {
                None
            };
        };
        let component = component(&entry).ok()?;
        let mut needs = Needs::default();
        for (name, range) in &entry.dependencies {
            needs.push(self.tries(name, range));
        }
        let entry = Entry {
            is_root: component.reach == Reach::Root,
            component: Some(assembly.add_component(component)),
            names: entry.descriptors().map(|it| self.names.number(it)).collect(),
            needs,
            ..Entry::default()
        };
        Some(Part::Entry(assembly.add(&entry, text.len())))
    }
}

/// Where the next line begins that is not indented; the value of an explicit key belongs to it.
fn part_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_explicit = text.starts_with("? ");
    let ends = memchr::memchr_iter(b'\n', bytes).map(|it| it + 1);
    let mut ends = ends.filter(|it| match bytes.get(*it) {
        Some(b' ' | b'\n' | b'\r') | None => false,
        Some(b':') => !is_explicit,
        Some(_) => true,
    });
    ends.next().unwrap_or(text.len())
}
