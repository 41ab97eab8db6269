//! Versions of a lockfile by their `[[package]]` tables, for [`crate::Series`].

use std::collections::HashMap;
use std::mem;

use foldhash::fast::RandomState;

use super::{Package, component, read};
use crate::limits::MAX_LINES;
use crate::series::{Assembly, Entry, Names, Needs, Occurrence, Previous};

/// A shape that Cargo does not write; the file has to be read as a whole.
const ODD: u32 = u32::MAX;

/// A table without components.
const EMPTY: u32 = u32::MAX - 1;

#[derive(Default)]
pub(crate) struct Remembered {
    names: Names,
    /// Tables, and what stands before the first.
    parts: HashMap<Box<str>, u32, RandomState>,
    previous: Previous<u32>,
}

impl Remembered {
    pub(crate) fn read(&mut self, text: &str, assembly: &mut Assembly) -> Option<Vec<Occurrence>> {
        if text.len() > MAX_LINES && text.lines().count() > MAX_LINES {
            return None;
        }
        let mut previous = mem::take(&mut self.previous);
        let read = |_: Option<&_>, part: &str| {
            let number = match self.parts.get(part) {
                Some(known) => *known,
                // Of an old lockfile half is a table of checksums, and each version has another.
                None if is_checksums(part) => EMPTY,
                None => {
                    let number = self.part(part, assembly);
                    self.parts.insert(part.into(), number);
                    number
                }
            };
            (number != ODD).then_some(number)
        };
        let parts = previous.parts(text, |it| Some(part_end(it)), read);
        let numbers: Option<Vec<u32>> = parts.map(|it| it.filter(|it| *it != EMPTY).collect());
        self.previous = previous;
        let numbers = numbers?;
        let mut version = assembly.version();
        for number in numbers {
            version.add(number)?;
        }
        Some(version.finish([]))
    }

    fn part(&mut self, text: &str, assembly: &mut Assembly) -> u32 {
        let mut reader = read(text);
        if !reader.problems.is_empty() || reader.packages.len() > 1 {
            return ODD;
        }
        let Some(package) = reader.packages.pop() else { return EMPTY };
        let entry = self.entry(package, assembly);
        entry.map_or(ODD, |it| assembly.add(&it, text.len()))
    }

    fn entry(&mut self, package: Package<'_>, assembly: &mut Assembly) -> Option<Entry> {
        let (name, version) = (package.name?, package.version?);
        let is_odd = |need: &&str| {
            need.splitn(3, ' ').nth(2).is_some_and(|it| !it.starts_with('(') || !it.ends_with(')'))
        };
        if name.0.contains(' ')
            || version.0.contains(' ')
            || package.dependencies.iter().any(is_odd)
        {
            return None;
        }
        let mut names = vec![name.0.to_owned(), format!("{} {}", name.0, version.0)];
        if let Some(source) = package.source {
            // The commit of a repository is not repeated where it is needed.
            for it in [source, source.split('#').next().unwrap_or(source)] {
                names.push(format!("{} {} ({it})", name.0, version.0));
            }
        }
        let mut needs = Needs::default();
        for need in &package.dependencies {
            needs.push([self.names.number(need)]);
        }
        let is_root = package.source.is_none();
        let names = names.iter().map(|it| self.names.number(it)).collect();
        let component = assembly.add_component(component(&(name, version, package)));
        Some(Entry { component: Some(component), names, needs, is_root, ..Entry::default() })
    }
}

/// `[metadata]` with nothing but quoted keys.
fn is_checksums(part: &str) -> bool {
    let Some(lines) = part.strip_prefix("[metadata]") else { return false };
    let bytes = lines.as_bytes();
    let mut starts = memchr::memchr_iter(b'\n', bytes).map(|it| it + 1);
    lines.starts_with('\n') && starts.all(|it| matches!(bytes.get(it), Some(b'"' | b'\n') | None))
}

/// Where the next table begins.
fn part_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut starts = memchr::memmem::find_iter(bytes, "\n[").map(|it| it + 1);
    starts.next().unwrap_or(text.len())
}
