//! Byte offsets to lines and columns, computed once per file that has something to show.

/// One-based line and column; the column counts Unicode scalar values, as compilers print them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Start offsets of all lines of one text, and how many characters stand before each of its blocks, so that a place on a line of
/// megabytes (minified JSON) costs no more than on a short one.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    chars_before_block: Vec<u32>,
}

const BLOCK: usize = 4096;

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let after_breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n');
        let starts = std::iter::once(0).chain(after_breaks.map(|(_, next)| next)).collect();
        let mut n_chars = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            n_chars += count_chars(block);
            n_chars
        });
        let chars_before_block = std::iter::once(0).chain(blocks).collect();
        Self { starts, chars_before_block }
    }

    /// The place of byte `offset` in `text`, which must be the text the index was made from.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.chars_before(text, offset) - self.chars_before(text, start);
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: before.saturating_add(1) }
    }

    fn chars_before(&self, text: &str, offset: u32) -> u32 {
        let offset = (offset as usize).min(text.len());
        let block = offset / BLOCK;
        let rest = text.as_bytes().get(block * BLOCK..offset).unwrap_or(&[]);
        self.chars_before_block.get(block).copied().unwrap_or(0) + count_chars(rest)
    }
}

/// Characters that start in `bytes`, which are UTF-8.
fn count_chars(bytes: &[u8]) -> u32 {
    let starts = bytes.iter().filter(|byte| **byte & 0xc0 != 0x80);
    u32::try_from(starts.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, offset: u32, line: u32, column: u32) {
        assert_eq!(LineIndex::new(text).position(text, offset), Position { line, column });
    }

    #[test]
    fn positions_are_one_based_and_count_characters() {
        check("", 0, 1, 1);
        check("ab\ncd", 1, 1, 2);
        check("ab\ncd", 2, 1, 3);
        check("ab\ncd", 3, 2, 1);
        check("é\r\nx", 4, 2, 1);
        check("éa", 2, 1, 2);
    }

    #[test]
    fn long_lines_are_counted_by_blocks() {
        let line = "é".repeat(3 * BLOCK);
        let text = format!("x\n{line}y\nz");
        let end = u32::try_from(2 + line.len()).unwrap();
        check(&text, 2 + 2 * 5000, 2, 5001);
        check(&text, end, 2, u32::try_from(3 * BLOCK).unwrap() + 1);
        check(&text, end + 2, 3, 1);
        check(&text, u32::MAX, 3, 2);
    }
}
