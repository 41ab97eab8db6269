//! Versions of a lockfile by their entries, for [`crate::Series`].

use std::collections::HashMap;

use fixloop_model::Reach;
use foldhash::fast::RandomState;

use super::{component, direct_scopes, lines};
use crate::beside::Beside;
use crate::limits::MAX_LINES;
use crate::series::{Assembly, Entry, Names, Needs, Occurrence};

/// A part of the file that is no entry.
#[derive(Clone, Copy)]
enum Part {
    Entry(u32),
    /// A comment or `__metadata`, and whether it says that yarn wrote the file.
    Other { is_yarn: bool },
    /// A shape that yarn does not write; the file has to be read as a whole.
    Odd,
}

#[derive(Default)]
pub(crate) struct Remembered {
    names: Names,
    parts: HashMap<Box<str>, Part, RandomState>,
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
        let mut entries = Vec::new();
        let mut is_yarn = false;
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(part_end(rest));
            rest = after;
            let known = match self.parts.get(part) {
                Some(known) => *known,
                None => {
                    let read = self.part(part, assembly);
                    self.parts.insert(part.into(), read);
                    read
                }
            };
            match known {
                Part::Entry(number) => entries.push(number),
                Part::Other { is_yarn: says_so } => is_yarn |= says_so,
                Part::Odd => return None,
            }
        }
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
        for number in entries {
            version.add(number)?;
        }
        Some(version.finish(named.iter().map(|(needs, scope)| (needs, *scope))))
    }

    /// The descriptors that `name: range` may mean. Berry leaves the protocol out where it is the usual one.
    fn tries(&mut self, name: &str, range: &str) -> [u32; 2] {
        [format!("{name}@{range}"), format!("{name}@npm:{range}")].map(|it| self.names.number(&it))
    }

    fn part(&mut self, text: &str, assembly: &mut Assembly) -> Part {
        let read = lines::read(text);
        let mut entries = read.entries.into_iter();
        let (entry, more) = (entries.next(), entries.next());
        if !read.problems.is_empty() || more.is_some() {
            return Part::Odd;
        }
        let Some(entry) = entry else {
            // Comments do not end the entry above them.
            let is_comment = text.starts_with(['#', '\n']) && !text.contains("\n ");
            return if is_comment || text.starts_with("__metadata:") { Part::Other { is_yarn: read.is_yarn } } else { Part::Odd };
        };
        let Ok(component) = component(&entry) else { return Part::Odd };
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
        Part::Entry(assembly.add(entry, text.len()))
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
