//! What is shown of a place: the line as it stands in the file, bounded and without secrets.

use fixloop_manifest::redacted;
use fixloop_model::{LineIndex, Span};
use regex::Regex;

use crate::tree::Tree;

/// Longer evidence is cut.
const MAX_SHOWN: usize = 200;

/// Of a longer line only the place itself is shown: minified files are one line.
const MAX_LINE: usize = 2_000;

pub(crate) struct Shown {
    /// From 1.
    pub(crate) line: u32,
    pub(crate) text: String,
}

/// The line of a node; of a value over several lines the first one that one of `patterns` finds something in.
pub(crate) fn of_node(
    tree: &Tree<'_>,
    text: &str,
    lines: &LineIndex,
    index: u32,
    patterns: &[&Regex],
) -> Shown {
    let node = &tree.outline.nodes[index as usize];
    let is_component = (index as usize).checked_sub(1).is_some_and(|it| it < tree.components.len());
    let first = node.name_span.unwrap_or(node.span);
    if is_component {
        return of_component(text, lines, first, node.span);
    }
    let inside = (node.value.is_some() && node.first_child.is_none())
        .then(|| matched_line(text, node.span, patterns))
        .flatten();
    let place = inside.unwrap_or(Span { start: first.start, end: node.span.end.max(first.end) });
    Shown { line: lines.position(text, place.start).line, text: line_at(text, place) }
}

/// A lockfile says name and version on lines of their own.
fn of_component(text: &str, lines: &LineIndex, name: Span, version: Span) -> Shown {
    let line = lines.position(text, name.start).line;
    let named = line_at(text, name);
    let shown = if lines.position(text, version.start).line == line {
        named
    } else {
        bounded(&format!("{named} … {}", line_at(text, version)))
    };
    Shown { line, text: shown }
}

fn matched_line(text: &str, span: Span, patterns: &[&Regex]) -> Option<Span> {
    let value = span.slice(text).filter(|it| it.contains('\n'))?;
    let mut at = span.start as usize;
    for whole in value.split_inclusive('\n') {
        let line = whole.trim();
        if patterns.iter().any(|it| it.is_match(line)) {
            return Some(Span::new(at, at + whole.trim_end().len()));
        }
        at += whole.len();
    }
    None
}

/// The line around `place`, without blanks at its ends.
fn line_at(text: &str, place: Span) -> String {
    let start = (place.start as usize).min(text.len());
    let from = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let rest = text.get(from..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    if line.len() <= MAX_LINE {
        return bounded(&redacted(line.trim()));
    }
    let end = text[start..].find('\n').map_or(text.len(), |it| start + it);
    let end = end.min((place.end as usize).max(start)).min(start + MAX_LINE);
    let end = (start..=end).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(start);
    bounded(&redacted(text.get(start..end).unwrap_or("").trim()))
}

fn bounded(line: &str) -> String {
    match line.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
