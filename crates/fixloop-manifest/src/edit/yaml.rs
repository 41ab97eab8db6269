//! An entry of a top-level mapping in YAML.

use super::{Insertion, appended, before_on_line, line_end};
use crate::tree::Kind;
use crate::yaml;

/// Sets `key` of the top-level mapping `table` to `value`; the mapping is made if it is missing.
///
/// `None` if the mapping is written in braces, or is something else.
pub fn set_entry(text: &str, table: &str, key: &str, value: &str) -> Option<Insertion> {
    let end = line_end(text);
    let document = yaml::parse(text);
    let root = document.root();
    let mapping = root.and_then(|it| it.get(table));
    let Some(mapping) = mapping else {
        let has_other_shape = root.is_none() && text.lines().any(is_content);
        let made = format!("{table}:{end}  {}: {}", quoted(key), quoted(value));
        return (!has_other_shape).then(|| appended(text, &made));
    };
    if let Some(present) = mapping.get(key) {
        let is_quoted = present.span().range().start > 0
            && text[..present.span().range().start].ends_with(['"', '\'']);
        let text = if is_quoted { value.to_owned() } else { quoted(value) };
        return Some(Insertion { span: present.span(), text });
    }
    let (first, _) = mapping.entries().next()?;
    let (_, last) = mapping.entries().last()?;
    if !mapping.is_object() || matches!(last.node().kind, Kind::Object | Kind::Array) {
        return None;
    }
    let key_start = first.span.range().start;
    let quotes = usize::from(text[..key_start].ends_with(['"', '\'']));
    let indent = before_on_line(text, key_start - quotes);
    if indent.is_empty() || !indent.trim().is_empty() {
        return None;
    }
    let behind = last.span().range().end;
    let line = text[behind..].find('\n').map_or(text.len(), |at| behind + at);
    let at = line - usize::from(text[..line].ends_with('\r'));
    Some(Insertion::at(at, format!("{end}{indent}{}: {}", quoted(key), quoted(value))))
}

fn is_content(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    !(line.is_empty() || line.starts_with('#') || line == "---")
}

/// A plain scalar may not begin with an indicator, nor be a number.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '^')
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "-_./^@<>=".contains(it));
    if is_plain { text.to_owned() } else { format!("'{text}'") }
}
