//! Logical lines: joined at `\`, comments apart.

use fixloop_model::Span;

/// One requirement or option, which may span several lines of the file.
pub(super) struct LogicalLine<'a> {
    /// Where `code` starts in the text; it has the same offsets, since `\` and line breaks inside it became blanks.
    pub(super) start: usize,
    pub(super) code: String,
    /// Behind `#`.
    pub(super) comment: Option<&'a str>,
}

impl LogicalLine<'_> {
    /// The place in the text of a range of `code`.
    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.start + range.start, self.start + range.end)
    }
}

pub(super) fn for_each<'a>(text: &'a str, mut take: impl FnMut(LogicalLine<'a>)) {
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut code = String::new();
    let mut offset = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        offset += line.len();
        let comment_at = comment_start(content);
        match (comment_at, content.strip_suffix('\\')) {
            (None, Some(continued)) => {
                code.push_str(continued);
                code.extend(std::iter::repeat_n(' ', line.len() - continued.len()));
                continue;
            }
            (Some(at), _) => {
                code.push_str(&content[..at]);
                take(LogicalLine {
                    start,
                    code: std::mem::take(&mut code),
                    comment: Some(&content[at + 1..]),
                });
            }
            (None, None) => {
                code.push_str(content);
                take(LogicalLine { start, code: std::mem::take(&mut code), comment: None });
            }
        }
        start = offset;
    }
    if !code.is_empty() {
        take(LogicalLine { start, code, comment: None });
    }
}

/// A `#` starts a comment at the start of a line and behind a blank.
fn comment_start(line: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, it) in line.char_indices() {
        if it == '#' && before.is_whitespace() {
            return Some(at);
        }
        before = it;
    }
    None
}
