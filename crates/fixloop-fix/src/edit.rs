//! Replacements of bytes.

use fixloop_model::Span;

/// One replacement of bytes in a file of the root.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TextEdit {
    /// Relative to the root, `/` between parts.
    pub path: String,
    pub span: Span,
    pub text: String,
}

/// `text` with the edits of this one file; their order does not matter, and an edit given twice is made once.
///
/// Edits that lie outside the text or across another one are left out: they were made for another text.
pub fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < end {
            continue;
        }
        let (Some(kept), Some(_)) = (text.get(end..range.start), text.get(range.clone())) else {
            continue;
        };
        out.push_str(kept);
        out.push_str(&edit.text);
        end = range.end;
    }
    out.push_str(&text[end..]);
    out
}
