//! Byte offsets to lines and columns, computed once per file that has something to show.

/// One-based line and column; the column counts Unicode scalar values, as compilers print them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Start offsets of all lines of one text.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let after_breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n');
        Self { starts: std::iter::once(0).chain(after_breaks.map(|(_, next)| next)).collect() }
    }

    /// The place of byte `offset` in `text`, which must be the text the index was made from.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start as usize..offset as usize).unwrap_or("");
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX - 1) + 1;
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }
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
}
