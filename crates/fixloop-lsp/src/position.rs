//! Positions of the protocol and bytes of a text.
//!
//! Specification: <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#position>. A line ends at
//! `\n`, `\r\n` or `\r`; a character beyond the end of its line is that end; a line beyond the text is the end of the text.

use crate::protocol::{Position, Range};
use fixloop_model::Span;

/// What a character offset counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

/// The starts of the lines of one text, as byte offsets.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        Self { starts: std::iter::once(0).chain(ends.map(|at| at + 1)).collect() }
    }

    /// The byte offset of a position; clamped, so that it is always a boundary of `text`.
    pub(crate) fn offset(&self, text: &str, encoding: Encoding, position: Position) -> usize {
        let number = position.line as usize;
        let Some(start) = self.starts.get(number) else { return text.len() };
        let line = self.line(text, number);
        let wanted = position.character as usize;
        start + within(line, encoding, wanted)
    }

    pub(crate) fn position(&self, text: &str, encoding: Encoding, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let number = self.starts.partition_point(|it| *it <= offset).saturating_sub(1);
        let before = text.get(self.starts[number]..offset).unwrap_or("");
        let character = match encoding {
            Encoding::Utf8 => before.len(),
            _ if before.is_ascii() => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        let clamped = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        Position { line: clamped(number), character: clamped(character) }
    }

    pub(crate) fn range(&self, text: &str, encoding: Encoding, span: Span) -> Range {
        let at = |offset: u32| self.position(text, encoding, offset as usize);
        Range { start: at(span.start), end: at(span.end) }
    }

    /// A line from its first to its last character that is not blank, by its number from 0; an empty place on a line of blanks.
    pub(crate) fn span(&self, text: &str, number: usize) -> Option<Span> {
        let start = *self.starts.get(number)?;
        let line = self.line(text, number);
        let from = start + line.len() - line.trim_start().len();
        Some(Span::new(from, from + line.trim().len()))
    }

    /// A line without what ends it.
    fn line<'t>(&self, text: &'t str, number: usize) -> &'t str {
        let end = self.starts.get(number + 1).copied().unwrap_or(text.len());
        text[self.starts[number]..end].trim_end_matches(['\n', '\r'])
    }
}

/// The byte offset of a character of a line. Inside a character it is that character's start.
fn within(line: &str, encoding: Encoding, wanted: usize) -> usize {
    if encoding == Encoding::Utf8 || line.is_ascii() {
        let at = wanted.min(line.len());
        return (0..=at).rev().find(|it| line.is_char_boundary(*it)).unwrap_or(0);
    }
    let mut units = 0;
    for (at, character) in line.char_indices() {
        units += if encoding == Encoding::Utf16 { character.len_utf16() } else { 1 };
        if units > wanted {
            return at;
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `(line, character)` in UTF-8, 16 and 32 is the byte.
    #[track_caller]
    fn check(text: &str, positions: [(u32, u32); 3], byte: usize) {
        let lines = Lines::new(text);
        for (encoding, (line, character)) in
            [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32].into_iter().zip(positions)
        {
            let position = Position { line, character };
            assert_eq!(lines.offset(text, encoding, position), byte, "{encoding:?}");
        }
    }

    #[test]
    fn characters_count_in_the_units_of_the_encoding() {
        let text = "ab\né𝄞x\r\n\r€";
        check(text, [(0, 1); 3], 1);
        check(text, [(1, 2), (1, 1), (1, 1)], 5);
        check(text, [(1, 6), (1, 3), (1, 2)], 9);
        check(text, [(3, 3), (3, 1), (3, 1)], text.len());
    }

    #[test]
    fn what_lies_outside_is_the_nearest_end() {
        let text = "ab\né𝄞x\r\ny";
        check(text, [(0, 99); 3], 2);
        check(text, [(1, 99); 3], 10);
        check(text, [(9, 0); 3], text.len());
        check(text, [(u32::MAX, u32::MAX); 3], text.len());
        // Within a character.
        check(text, [(1, 3), (1, 2), (1, 1)], 5);
        check("", [(0, 5); 3], 0);
    }

    proptest! {
        #[test]
        fn every_boundary_comes_back(text in "[abé€𝄞\r\n]{0,40}") {
            let lines = Lines::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                for (at, _) in text.char_indices() {
                    let position = lines.position(&text, encoding, at);
                    let back = lines.offset(&text, encoding, position);
                    // What ends a line has no position of its own.
                    prop_assert!(back == at || text[back..at].trim_matches(['\r', '\n']).is_empty());
                }
            }
        }

        #[test]
        fn any_position_is_a_boundary(text in "[abé€𝄞\r\n]{0,20}", line in 0_u32..8, character in 0_u32..30) {
            let lines = Lines::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let offset = lines.offset(&text, encoding, Position { line, character });
                prop_assert!(text.is_char_boundary(offset));
            }
        }
    }
}
