//! Versions of a lockfile by their entries, for [`crate::Series`].
//!
//! A file is its head, up to where the entries begin, and parts: an entry, or a line that opens, closes or stands between sections.
//! Each part is seen to end where it seems to: the reader of JSON finds one member in it and no problem.

mod folders;
mod nested;
mod packages;
mod shape;

use std::collections::HashMap;
use std::mem;

use foldhash::fast::RandomState;

use crate::json;
use crate::limits::MAX_VALUES;
use crate::series::{Assembly, Occurrence, Previous};
use crate::tree::{Text, Value};

use nested::Nested;
use packages::Packages;
use shape::{Head, Layout, Shape};

#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Entry(u32),
    /// A member of a section that is not read, as npm 6's repeat of all packages.
    Other,
    Closing,
    /// A member of the document on one line.
    Member {
        is_requires: bool,
    },
    Opening,
    End,
}

/// A part, and whether a comma follows.
type Told = (Part, bool);

#[derive(Default)]
pub(crate) struct Remembered {
    /// `None` is a shape that npm does not write: the file has to be read as a whole. So it is for the parts.
    heads: HashMap<Box<str>, Option<Head>, RandomState>,
    nested: Layer,
    packages: Layer,
    nested_entries: Nested,
    package_entries: Packages,
}

/// The parts of one layout.
#[derive(Default)]
struct Layer {
    indent: String,
    previous: Previous<Told>,
    entries: HashMap<Box<str>, Option<Told>, RandomState>,
    others: HashMap<Box<str>, Option<Told>, RandomState>,
}

impl Remembered {
    pub(crate) fn read(&mut self, text: &str, assembly: &mut Assembly) -> Option<Vec<Occurrence>> {
        // Every value takes a byte or more.
        if text.len() > MAX_VALUES {
            return None;
        }
        let shape = Shape::of(text)?;
        let head = if let Some(known) = self.heads.get(shape.head) {
            *known
        } else {
            let read = Head::read(shape.head);
            assembly.remember(shape.head.len());
            self.heads.insert(shape.head.into(), read);
            read
        }?;
        let Self { nested, packages, nested_entries, package_entries, .. } = self;
        match head.layout {
            Layout::Nested => {
                let found = nested
                    .parts(&shape, assembly, |it, assembly| nested_entries.add(it, assembly))?;
                nested_entries.occurrences(&found.entries, head.has_requires || found.has_requires)
            }
            Layout::Packages => {
                let found = packages
                    .parts(&shape, assembly, |it, assembly| package_entries.add(it, assembly))?;
                package_entries.occurrences(&found.entries)
            }
        }
    }
}

/// What stands below the head.
#[derive(Default)]
struct Found {
    entries: Vec<u32>,
    has_requires: bool,
}

impl Layer {
    /// `read_entry` reads a text with one entry.
    fn parts(
        &mut self,
        shape: &Shape<'_>,
        assembly: &mut Assembly,
        mut read_entry: impl FnMut(&str, &mut Assembly) -> Option<u32>,
    ) -> Option<Found> {
        // Where a part of the version before ends was told by its indentation.
        let mut previous = mem::take(&mut self.previous);
        if self.indent != shape.indent {
            previous = Previous::default();
            shape.indent.clone_into(&mut self.indent);
        }
        let Self { entries, others, .. } = self;
        let read = |before: Option<&Told>, text: &str| {
            let goes_on = text.ends_with(",\n");
            if !shape.is_member(text) {
                return Some((line(text)?, goes_on));
            }
            match before.map(|it| it.0) {
                None | Some(Part::Entry(_)) => {
                    if let Some(known) = entries.get(text) {
                        return *known;
                    }
                    let told = read_entry(text, assembly).map(|it| (Part::Entry(it), goes_on));
                    assembly.remember(text.len());
                    entries.insert(text.into(), told);
                    told
                }
                Some(Part::Opening | Part::Other) => {
                    if let Some(known) = others.get(text) {
                        return *known;
                    }
                    let told = with_member(text, |_| Some((Part::Other, goes_on)));
                    assembly.remember(text.len());
                    others.insert(text.into(), told);
                    told
                }
                Some(_) => None,
            }
        };
        let found = found(previous.parts(shape.body, |it| shape.end(it), read)?)?;
        // Only of a file that is in order: the kind of a part comes from what stands before it.
        self.previous = previous;
        Some(found)
    }
}

/// Sorts parts, if each stands where it may.
fn found(parts: impl Iterator<Item = Told>) -> Option<Found> {
    #[derive(Clone, Copy, Eq, PartialEq)]
    enum At {
        Entries,
        OtherSection,
        Document,
        End,
    }
    let mut found = Found::default();
    let (mut at, mut may_go_on) = (At::Entries, true);
    for (part, goes_on) in parts {
        at = match (part, at) {
            (Part::Closing, At::Entries | At::OtherSection) => At::Document,
            (Part::End, At::Document) => At::End,
            _ if !may_go_on => return None,
            (Part::Entry(entry), At::Entries) => {
                found.entries.push(entry);
                at
            }
            (Part::Other, At::OtherSection) => at,
            (Part::Member { is_requires }, At::Document) => {
                found.has_requires |= is_requires;
                at
            }
            (Part::Opening, At::Document) => At::OtherSection,
            _ => return None,
        };
        may_go_on = goes_on || part == Part::Opening;
    }
    (at == At::End).then_some(found)
}

/// A part that is one line at the indentation of the document's members, or none.
fn line(text: &str) -> Option<Part> {
    match text.trim_start_matches([' ', '\t']) {
        "}" | "}\n" if text.starts_with('}') => Some(Part::End),
        "}\n" | "},\n" if !text.starts_with('}') => Some(Part::Closing),
        _ if text.ends_with("{\n") => {
            let document = format!("{{{text}}}}}");
            let is_empty = |_: Text<'_>, it: Value<'_>| it.is_object() && it.entries().count() == 0;
            with_only_member(&document, is_empty)?.then_some(Part::Opening)
        }
        _ => {
            let document = format!("{{{text}}}");
            let is_requires = with_only_member(&document, |key, _| key.value() == "requires")?;
            Some(Part::Member { is_requires })
        }
    }
}

/// What `read` says of the member that is all of `document`.
fn with_only_member<R>(document: &str, read: impl FnOnce(Text<'_>, Value<'_>) -> R) -> Option<R> {
    let document = json::parse(document);
    let (key, value) = only_member(document.root()?)?;
    document.problems.is_empty().then(|| read(key, value))
}

/// What `read` says of a section with nothing but the member `text`.
fn with_member<R>(text: &str, read: impl FnOnce(Value<'_>) -> Option<R>) -> Option<R> {
    // As deep as it stands in a file.
    let document = format!("{{\"\":{{{text}}}}}");
    with_only_member(&document, |_, section| {
        only_member(section)?;
        read(section)
    })?
}

fn only_member(object: Value<'_>) -> Option<(Text<'_>, Value<'_>)> {
    let mut members = object.entries();
    let (first, second) = (members.next()?, members.next());
    second.is_none().then_some(first)
}
