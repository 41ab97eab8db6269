//! A text as the client has it.

use fixloop_manifest::Format;
use fixloop_model::Span;

use crate::position::{Encoding, Lines};
use crate::protocol::{Position, Range, TextDocumentContentChangeEvent, Uri};
use crate::workspace::Place;

/// Bytes of a text that is still judged. Real manifests stay below 100 KB, lockfiles below 10 MB.
pub(crate) const MAX_BYTES: usize = 16 << 20;

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    /// `None` for a text that is in no file yet.
    pub(crate) place: Option<Place>,
    /// Nothing for what no reader of packages knows; a rule may.
    pub(crate) format: Option<Format>,
    pub(crate) version: i32,
    pub(crate) text: String,
    pub(crate) lines: Lines,
    /// The client said something about it that could not be understood, so what is shown would be about another text.
    pub(crate) is_lost: bool,
}

impl Document {
    pub(crate) fn new(uri: Uri, place: Option<Place>, version: i32, text: String) -> Self {
        let format = Format::of_path(place.as_ref().map_or(uri.path(), |it| &it.path));
        let lines = Lines::new(&text);
        Self { uri, place, format, version, text, lines, is_lost: false }
    }

    /// The path that messages and exceptions know it by.
    pub(crate) fn path(&self) -> &str {
        self.place.as_ref().map_or("", |it| &it.path)
    }

    /// Applies what changed, in order. Ranges outside of the text are clamped to it, and a reversed one is turned. Gives where the new
    /// text stands, if one place was changed.
    pub(crate) fn change(
        &mut self,
        encoding: Encoding,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Option<Span> {
        self.version = version;
        let n_changes = changes.len();
        let mut changed = None;
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(it) => {
                    changed = Some(self.replace(encoding, it.range, &it.text));
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(it) => {
                    self.text = it.text;
                    self.is_lost = false;
                }
            }
            self.lines = Lines::new(&self.text);
        }
        changed.filter(|_| n_changes == 1)
    }

    fn replace(&mut self, encoding: Encoding, range: Range, text: &str) -> Span {
        let offset = |it: Position| self.lines.offset(&self.text, encoding, it);
        let (one, other) = (offset(range.start), offset(range.end));
        let start = one.min(other);
        self.text.replace_range(start..one.max(other), text);
        Span::new(start, start + text.len())
    }
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument};

    use super::*;

    fn part(from: (u32, u32), to: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let position = |(line, character)| Position { line, character };
        let range = Range { start: position(from), end: position(to) };
        let part =
            TextDocumentContentChangePartial { range, text: text.to_owned(), ..Default::default() };
        TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part)
    }

    #[track_caller]
    fn check(text: &str, changes: Vec<TextDocumentContentChangeEvent>, expected: &str) {
        let uri = Uri::parse("file:///w/package.json").unwrap();
        let mut document = Document::new(uri, None, 1, text.to_owned());
        document.change(Encoding::Utf16, 2, changes);
        assert_eq!(document.text, expected);
        assert_eq!(document.version, 2);
    }

    #[test]
    fn changes_are_applied_in_order() {
        check("ab\ncd", vec![part((0, 1), (1, 1), "X"), part((0, 3), (0, 3), "\nY")], "aXd\nY");
        check("é𝄞x", vec![part((0, 1), (0, 3), "")], "éx");
        let whole = TextDocumentContentChangeWholeDocument { text: "new".to_owned() };
        let whole = TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole);
        check("old", vec![whole, part((0, 0), (0, 1), "N")], "New");
    }

    #[test]
    fn ranges_outside_of_the_text_are_clamped() {
        check("ab", vec![part((5, 5), (9, 9), "c")], "abc");
        check("ab", vec![part((0, 2), (0, 1), "c")], "ac");
        check("ab", vec![part((0, 1), (0, u32::MAX), "c")], "ac");
        check("", vec![part((0, 0), (7, 0), "c")], "c");
    }
}
