//! Where something stands, and its line as people may see it.

use std::sync::Arc;

use fixloop_manifest::redacted;
use fixloop_model::{LineIndex, Problem, Span};

/// Lines are shown up to here: a minified file has only one.
const MAX_SHOWN_CHARS: usize = 160;

/// A place with its line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) path: String,
    /// From 1; nothing where no line says it.
    pub(crate) line: Option<u32>,
    /// The line without secrets, or nothing.
    pub(crate) shown: String,
}

impl Place {
    /// A file as a whole.
    pub(crate) fn file(path: &str) -> Self {
        Self { path: path.to_owned(), line: None, shown: String::new() }
    }
}

/// A file's text with its lines.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: Arc<str>,
    lines: LineIndex,
}

impl File {
    pub(crate) fn new(path: &str, text: Arc<str>) -> Self {
        let lines = LineIndex::new(&text);
        Self { path: path.to_owned(), text, lines }
    }

    pub(crate) fn at(&self, span: Span) -> Place {
        self.at_offset(span.start as usize)
    }

    pub(crate) fn at_offset(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let before = self.text[..offset].rfind('\n').map_or(0, |it| it + 1);
        let after = self.text[offset..].find('\n').map_or(self.text.len(), |it| offset + it);
        let line = self.lines.position(&self.text, Span::new(offset, offset).start).line;
        let shown = shown(&self.text[before..after], offset - before);
        Place { path: self.path.clone(), line: Some(line), shown }
    }
}

/// A line without secrets and without more than people read at once; of a long one, what stands around `offset`.
fn shown(line: &str, offset: usize) -> String {
    let mut around = line;
    // Taken out before anything is looked at, so that a line of megabytes costs no more than a short one.
    if 8 * MAX_SHOWN_CHARS < line.len() {
        let start = line.floor_char_boundary(offset.saturating_sub(MAX_SHOWN_CHARS / 2));
        let end = line.floor_char_boundary(start + 2 * MAX_SHOWN_CHARS);
        around = whole_words(&line[start..end], 0 < start, end < line.len());
    }
    let clean = redacted(around.trim());
    let cut = clean.char_indices().nth(MAX_SHOWN_CHARS).map(|(at, _)| at);
    match cut {
        Some(end) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// Without the word that is cut at the start and that at the end: half an address may be the half that holds a password.
fn whole_words(text: &str, is_cut_before: bool, is_cut_behind: bool) -> &str {
    let is_between = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | ',' | ';');
    let mut text = text;
    if is_cut_before {
        text = text.find(is_between).map_or("", |it| &text[it..]);
    }
    if is_cut_behind {
        text = text.rfind(is_between).map_or("", |it| &text[..it]);
    }
    text
}

/// What a reader found wrong, without the part of the text that it quotes if that could be half an address.
pub(crate) fn reason(problem: &Problem) -> &str {
    let may_tell = problem.reason.contains("//") || redacted(&problem.reason) != problem.reason;
    if may_tell { "a part of it is not understood" } else { &problem.reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let line = format!("{} https://u:p@x.example/a {}", "a".repeat(10_000), "b".repeat(10_000));
        assert_eq!(shown(&line, 10_001), "https://x.example/a");
        let line = format!("https://{}:p@x.example/a", "u".repeat(10_000));
        assert_eq!(shown(&line, 9_990), "");
        let line = "a ".repeat(10_000);
        let shown = shown(&line, 10_000);
        assert!(!shown.is_empty() && shown.chars().count() <= MAX_SHOWN_CHARS + 1);
    }
}
