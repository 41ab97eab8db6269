//! INI: `[section]`, `key = value` or `key: value`, comments with `#` and `;`.
//!
//! No standard; read as Python's `configparser` and npm's `ini` both understand it. Lines that are indented deeper than their key go on
//! with its value, each as a value of its own, so that a list over several lines is several values of one name. A section that comes
//! again goes on. Keys and sections keep their case.

use std::borrow::Cow;
use std::collections::HashMap;

use fixloop_manifest::{Outline, OutlineKind, OutlineNode};
use fixloop_model::{Problem, Span};

struct Entry<'a> {
    name: &'a str,
    name_span: Span,
    values: Vec<Span>,
}

/// Sections are mappings below the top, keys before any section stand beside them.
pub(crate) fn read(text: &str) -> Outline<'_> {
    let mut problems = Vec::new();
    let sections = sections(text, &mut problems);
    let mut outline = Outline::default();
    outline.problems = problems;
    outline.add(OutlineNode::new(OutlineKind::Mapping, Span::new(0, text.len())));
    for (name, span, entries) in &sections {
        if let Some(name) = name {
            outline.add(OutlineNode {
                name: Some(Cow::Borrowed(name)),
                name_span: Some(*span),
                ..OutlineNode::new(OutlineKind::Mapping, *span)
            });
        }
        for entry in entries {
            add(&mut outline, text, entry);
        }
        if name.is_some() {
            outline.close();
        }
    }
    outline
}

fn add<'a>(outline: &mut Outline<'a>, text: &'a str, entry: &Entry<'a>) {
    for (index, span) in entry.values.iter().enumerate() {
        outline.add(OutlineNode {
            name: Some(Cow::Borrowed(entry.name)),
            // The line of a value that goes on is its own.
            name_span: Some(if index == 0 { entry.name_span } else { *span }),
            value: span.slice(text).map(Cow::Borrowed),
            ..OutlineNode::new(OutlineKind::Text, *span)
        });
    }
}

type Section<'a> = (Option<&'a str>, Span, Vec<Entry<'a>>);

fn sections<'a>(text: &'a str, problems: &mut Vec<Problem>) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = vec![(None, Span::default(), Vec::new())];
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut current = 0;
    let mut key_indent = 0;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let start = at;
        at += whole.len();
        let line = whole.trim_end().trim_start_matches('\u{feff}');
        let start = start + whole.find(line).unwrap_or(0);
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let place = start + indent;
        let last = sections[current].2.last_mut();
        if let Some(entry) = last.filter(|_| indent > key_indent) {
            entry.values.retain(|it| it.start < it.end);
            entry.values.push(Span::new(place, place + content.len()));
        } else if let Some(name) = content.strip_prefix('[') {
            let Some(end) = name.find(']') else {
                let span = Span::new(place, place + content.len());
                let reason = "a section that is never closed".to_owned();
                problems.push(Problem { span, reason, whole_file: false });
                continue;
            };
            let name = &name[..end];
            let span = Span::new(place + 1, place + 1 + end);
            current = *places.entry(name).or_insert_with(|| {
                sections.push((Some(name), span, Vec::new()));
                sections.len() - 1
            });
            // Whatever comes first in a section is a key, however far it is indented.
            key_indent = usize::MAX;
        } else {
            key_indent = indent;
            sections[current].2.push(entry(content, place));
        }
    }
    sections
}

/// `key = value`; a key without a value is there and empty.
fn entry(content: &str, place: usize) -> Entry<'_> {
    // npm's keys hold colons: `//host/:_authToken=…`, `@scope:registry=…`.
    let at = content.find('=').or_else(|| content.find(':'));
    let key = content[..at.unwrap_or(content.len())].trim_end();
    let raw = at.map_or("", |at| &content[at + 1..]);
    let value = raw.trim();
    let start = place + content.len() - raw.len() + (raw.len() - raw.trim_start().len());
    let start = if value.is_empty() { place + content.len() } else { start };
    // Quotes around the whole value are no part of it.
    let inner =
        ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let (start, length) = inner.map_or((start, value.len()), |it| (start + 1, it.len()));
    Entry {
        name: key,
        name_span: Span::new(place, place + key.len()),
        values: vec![Span::new(start, start + length)],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `section.key=value` of each value.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let outline = read(text);
        let mut found = Vec::new();
        for top in outline.children(0) {
            let node = &outline.nodes[top as usize];
            let name = node.name.as_deref().unwrap_or("");
            if node.kind == OutlineKind::Text {
                found.push(format!("{name}={}", node.value.as_deref().unwrap_or("")));
            }
            for child in outline.children(top) {
                let child = &outline.nodes[child as usize];
                let value = child.value.as_deref().unwrap_or("");
                found.push(format!("{name}.{}={value}", child.name.as_deref().unwrap_or("")));
            }
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn sections_keys_and_values_are_read() {
        check("a=1\n[s]\nb = two words \r\nc: 3\n# d=4\n", &["a=1", "s.b=two words", "s.c=3"]);
        check("@corp:registry=https://x.example/\n", &["@corp:registry=https://x.example/"]);
        check("[g]\nextra =\n  x\n  y\nz = \"q\"\n", &["g.extra=x", "g.extra=y", "g.z=q"]);
        check("[g]\nx = 1\n  2\n[h]\ny\n[g]\nz=3", &["g.x=1", "g.x=2", "g.z=3", "h.y="]);
        check("[g]\n  a = 1\n  b = 2\n", &["g.a=1", "g.b=2"]);
        check("\u{feff}a=1", &["a=1"]);
        assert_eq!(read("[g\nx=1").problems.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([ \\[\\]=:#a-cé\"']{0,8}\r?\n?){0,8}") {
            for node in &read(&text).nodes {
                prop_assert!(node.span.slice(&text).is_some());
                prop_assert!(node.name_span.is_none_or(|it| it.slice(&text).is_some()));
            }
        }
    }
}
