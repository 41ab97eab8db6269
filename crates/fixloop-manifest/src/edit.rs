//! Insertions that keep a file as it was written: indentation, quotes, line ends, comments.
//!
//! Each function gives the place and the text to put there, or `None` where the file has no such shape. Whoever applies them reads the
//! result again; nothing here is a proof.

mod go_mod;
mod json;
mod pom_xml;
mod pyproject;
#[cfg(test)]
mod tests;
mod yaml;

use fixloop_model::Span;

pub use go_mod::require_indirect;
pub use json::set_member;
pub use pom_xml::{central_version, manage_dependency};
pub use pyproject::constrain;
pub use yaml::set_entry;

/// A text, and the bytes it takes the place of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Insertion {
    pub span: Span,
    pub text: String,
}

impl Insertion {
    fn at(offset: usize, text: String) -> Self {
        Self { span: Span::new(offset, offset), text }
    }
}

/// The line end that a text uses.
fn line_end(text: &str) -> &'static str {
    let first = text.find('\n');
    if first.is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// What stands before `offset` on its line.
fn before_on_line(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..offset];
    line.strip_prefix('\u{feff}').unwrap_or(line)
}

/// The blanks that the line of `offset` begins with.
fn indentation(text: &str, offset: usize) -> &str {
    let before = before_on_line(text, offset);
    &before[..before.len() - before.trim_start().len()]
}

/// At the end of a text, on a line of its own.
fn appended(text: &str, lines: &str) -> Insertion {
    let end_of_line = line_end(text);
    let is_open = !text.is_empty() && !text.ends_with('\n');
    // A file without a final line end keeps having none.
    let (before, after) = if is_open { (end_of_line, "") } else { ("", end_of_line) };
    Insertion::at(text.len(), format!("{before}{lines}{after}"))
}
