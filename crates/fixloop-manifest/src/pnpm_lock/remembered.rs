//! Versions of a lockfile by their entries, for [`crate::Series`].

use std::collections::HashMap;
use std::fmt::Write as _;
use std::mem;
use std::sync::Arc;

use fixloop_model::Scope;
use foldhash::fast::RandomState;

use super::key::{Key, Style, without_peers};
use super::{GROUPS, component, scalar, style};
use crate::limits::MAX_VALUES;
use crate::series::{Assembly, Entry, Names, Needs, Occurrence, Previous};
use crate::tree::Value;
use crate::yaml;

/// A shape that pnpm does not write; the file has to be read as a whole.
const ODD: u32 = u32::MAX;

#[derive(Clone, Copy, Eq, PartialEq)]
enum Section {
    Packages,
    Snapshots,
}

#[derive(Default)]
pub(crate) struct Remembered {
    names: Names,
    /// By style, from a need to the names to try.
    tries: [HashMap<Box<str>, Box<[u32]>, RandomState>; 2],
    /// The need looked for.
    need: String,
    packages: HashMap<(String, Option<String>), u32, RandomState>,
    /// By section and style.
    entries: [HashMap<Box<str>, u32, RandomState>; 4],
    previous: [Previous<u32>; 4],
    /// Everything but the entries; `None` is odd.
    rests: HashMap<Box<str>, Option<Arc<Rest>>, RandomState>,
}

/// What stands outside of the entries.
struct Rest {
    style: Style,
    named: Vec<(Needs, Scope)>,
}

impl Remembered {
    pub(crate) fn read(&mut self, text: &str, assembly: &mut Assembly) -> Option<Vec<Occurrence>> {
        // Every value takes a byte or more.
        if text.len() > MAX_VALUES {
            return None;
        }
        let Split { rest, packages, snapshots } = split(text)?;
        let rest = if let Some(known) = self.rests.get(&*rest) {
            known.clone()
        } else {
            let read = self.read_rest(&rest).map(Arc::new);
            assembly.remember(rest.len());
            self.rests.insert(rest.into(), read.clone());
            read
        }?;
        let style = rest.style;
        let packages = self.numbers(packages.unwrap_or(""), Section::Packages, style, assembly)?;
        let snapshots =
            self.numbers(snapshots.unwrap_or(""), Section::Snapshots, style, assembly)?;
        let mut version = assembly.version();
        for number in &packages {
            version.add(*number)?;
        }
        for number in packages.into_iter().chain(snapshots) {
            version.add_needs(number);
        }
        Some(version.finish(rest.named.iter().map(|(needs, scope)| (needs, Some(*scope)))))
    }

    /// The entries of a section by number.
    fn numbers(
        &mut self,
        section: &str,
        kind: Section,
        style: Style,
        assembly: &mut Assembly,
    ) -> Option<Vec<u32>> {
        let at = usize::from(kind == Section::Snapshots) + 2 * usize::from(style == Style::At);
        let mut previous = mem::take(&mut self.previous[at]);
        let read = |_: Option<&_>, entry: &str| {
            let number = if let Some(known) = self.entries[at].get(entry) {
                *known
            } else {
                let read = self.read_entry(entry, kind, style, assembly);
                let number = read.map_or(ODD, |it| assembly.add(&it, entry.len()));
                self.entries[at].insert(entry.into(), number);
                number
            };
            (number != ODD).then_some(number)
        };
        let numbers = previous.parts(section, entry_end, read).map(Iterator::collect);
        self.previous[at] = previous;
        numbers
    }

    fn read_rest(&mut self, text: &str) -> Option<Rest> {
        // Brackets go on over any line.
        if text.replace("{}", "").replace("[]", "").contains(['{', '[']) {
            return None;
        }
        // A comment or a document's mark between entries; an empty section above one.
        if text.lines().any(|it| it.starts_with(['#', '%', '-', '.'])) {
            return None;
        }
        let document = yaml::parse(text);
        let root = document.root()?;
        let style = style(root).ok()?;
        if root.get("packages").is_some() || root.get("snapshots").is_some() {
            return None;
        }
        let mut named = Vec::new();
        match root.get("importers") {
            Some(importers) => {
                importers.entries().for_each(|(_, it)| self.named(style, it, &mut named));
            }
            None => self.named(style, root, &mut named),
        }
        document.problems.is_empty().then_some(Rest { style, named })
    }

    fn named(&mut self, style: Style, importer: Value<'_>, named: &mut Vec<(Needs, Scope)>) {
        for (group, scope) in GROUPS {
            for (name, value) in importer.get(group).into_iter().flat_map(Value::entries) {
                let version = value.get("version").and_then(scalar).or_else(|| scalar(value));
                let Some(version) = version else { continue };
                let mut needs = Needs::default();
                needs.push(self.tries(style, name.raw, version).iter().copied());
                named.push((needs, *scope));
            }
        }
    }

    /// The keys that `name: version` may mean, in the order of `Reader::resolve`.
    fn tries(&mut self, style: Style, name: &str, version: &str) -> &[u32] {
        // The same needs are told again and again.
        self.need.clear();
        // A string takes whatever is written.
        let _ = write!(self.need, "{} {name}{version}", name.len());
        let known = &mut self.tries[usize::from(style == Style::At)];
        if !known.contains_key(&*self.need) {
            let mut keys = match style {
                Style::Slashes => vec![format!("/{name}/{version}")],
                Style::At => vec![format!("{name}@{version}"), format!("/{name}@{version}")],
            };
            keys.push(version.to_owned());
            let with_bare = keys.iter().flat_map(|it| [it.as_str(), without_peers(style, it)]);
            let numbers = with_bare.map(|it| self.names.number(it)).collect();
            known.insert(self.need.as_str().into(), numbers);
        }
        known.get(&*self.need).map_or(&[], |it| it)
    }

    fn read_entry(
        &mut self,
        entry: &str,
        kind: Section,
        style: Style,
        assembly: &mut Assembly,
    ) -> Option<Entry> {
        // Something else begins in it.
        if entry.lines().any(|it| !it.is_empty() && !it.starts_with(' ')) {
            return None;
        }
        let text = format!("entry:\n{entry}");
        let document = yaml::parse(&text);
        let mut entries = document.root()?.get("entry")?.entries();
        let ((key, value), None) = (entries.next()?, entries.next()) else { return None };
        let mut needs = Needs::default();
        for group in ["dependencies", "optionalDependencies"] {
            for (name, version) in value.get(group).into_iter().flat_map(Value::entries) {
                if let Some(version) = scalar(version) {
                    needs.push(self.tries(style, name.raw, version).iter().copied());
                }
            }
        }
        let own_name = self.names.number(key.raw);
        let bare_name = self.names.number(without_peers(style, key.raw));
        let mut read = Entry { of: vec![own_name, bare_name], needs, ..Entry::default() };
        if kind == Section::Packages {
            let component = component(key, &Key::parse(style, key.raw)?, value);
            let next = u32::try_from(self.packages.len()).ok()?;
            let package = (component.name.clone(), component.version.clone());
            let package = *self.packages.entry(package).or_insert(next);
            read = Entry {
                component: Some(assembly.add_component(component)),
                package: Some(package),
                own_name: Some(own_name),
                names: vec![bare_name],
                ..read
            };
        }
        document.problems.is_empty().then_some(read)
    }
}

/// A lockfile in parts.
struct Split<'t> {
    /// All sections but the two.
    rest: String,
    packages: Option<&'t str>,
    snapshots: Option<&'t str>,
}

/// `None` if a section is there twice. What reaches across the borders of sections shows in an entry, or in the rest.
fn split(text: &str) -> Option<Split<'_>> {
    let mut split = Split { rest: String::new(), packages: None, snapshots: None };
    let mut remaining = text;
    while let Some((start, header)) = section_start(remaining) {
        let (before, section) = remaining.split_at(start);
        split.rest.push_str(before);
        let (section, after) = section.split_at(section_end(section));
        remaining = after;
        let entries = section[header.len()..].trim_start_matches('\n');
        let known = if header == PACKAGES { &mut split.packages } else { &mut split.snapshots };
        if known.replace(entries).is_some() {
            return None;
        }
    }
    split.rest.push_str(remaining);
    Some(split)
}

const PACKAGES: &str = "packages:\n";
const SNAPSHOTS: &str = "snapshots:\n";

/// Where the next section with entries begins, and its header.
fn section_start(text: &str) -> Option<(usize, &'static str)> {
    let find = |header: &'static str, line: &str| {
        let start = if text.starts_with(header) {
            Some(0)
        } else {
            memchr::memmem::find(text.as_bytes(), line.as_bytes()).map(|it| it + 1)
        };
        start.map(|it| (it, header))
    };
    let packages = find(PACKAGES, "\npackages:\n");
    packages.into_iter().chain(find(SNAPSHOTS, "\nsnapshots:\n")).min_by_key(|it| it.0)
}

/// Where the next line begins that is not indented, behind a blank one as pnpm writes them; any other is found inside an entry.
fn section_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = memchr::memmem::find_iter(bytes, b"\n\n").map(|it| it + 2);
    let is_end = |at: &usize| bytes.get(*at).is_some_and(|it| !matches!(it, b' ' | b'\n'));
    ends.into_iter().find(is_end).unwrap_or(text.len())
}

/// Where the entry ends that begins here, two blanks in; `None` if none does.
fn entry_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_entry = |at: usize| match bytes.get(at..at + 3) {
        Some([b' ', b' ', third]) => !matches!(third, b' ' | b'\n' | b'\r'),
        _ => false,
    };
    // A comment does not end the entry above it.
    if !is_entry(0) || bytes.get(2) == Some(&b'#') {
        return None;
    }
    let is_explicit = text.starts_with("  ? ");
    let ends = memchr::memchr_iter(b'\n', bytes).map(|it| it + 1);
    let mut ends = ends.filter(|it| is_entry(*it));
    let end = ends.next();
    // The value of an explicit key has a line of its own.
    let end = match end {
        Some(at) if is_explicit && bytes.get(at + 2) == Some(&b':') => ends.next(),
        _ => end,
    };
    Some(end.unwrap_or(text.len()))
}
