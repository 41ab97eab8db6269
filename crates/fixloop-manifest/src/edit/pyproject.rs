//! uv's constraints: limits on packages that others bring in.
//!
//! Setting: <https://docs.astral.sh/uv/reference/settings/#constraint-dependencies>.

use super::{Insertion, appended, before_on_line, line_end};
use crate::toml;
use crate::tree::Kind;

/// Adds `requirement` to `tool.uv.constraint-dependencies`.
///
/// `None` if the text is no TOML or has `tool.uv` in a shape that is not a table of its own.
pub fn constrain(text: &str, requirement: &str) -> Option<Insertion> {
    let end = line_end(text);
    let document = toml::parse(text);
    let uv = document.root().and_then(|it| it.get("tool")).and_then(|it| it.get("uv"));
    let list = uv.and_then(|it| it.get("constraint-dependencies"));
    if let Some(list) = list {
        let items: Vec<_> = list.items().collect();
        let span = list.span().range();
        if list.node().kind != Kind::Array || !text[span.clone()].ends_with(']') {
            return None;
        }
        let Some(last) = items.last() else {
            return Some(Insertion { span: list.span(), text: format!("[\"{requirement}\"]") });
        };
        // Behind the closing quote.
        let behind = last.span().range().end + 1;
        let first = items.first().map_or(span.start, |it| it.span().range().start - 1);
        let indent = before_on_line(text, first);
        let has_comma = text[behind..span.end].trim_start().starts_with(',');
        let at = if has_comma { behind + text[behind..].find(',')? + 1 } else { behind };
        let separator = match (indent.trim().is_empty(), has_comma) {
            (true, true) => format!("{end}{indent}"),
            (true, false) => format!(",{end}{indent}"),
            (false, true) => " ".to_owned(),
            (false, false) => ", ".to_owned(),
        };
        let trailing = if has_comma { "," } else { "" };
        return Some(Insertion::at(at, format!("{separator}\"{requirement}\"{trailing}")));
    }
    let entry = format!("constraint-dependencies = [\"{requirement}\"]");
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        let code = line.split('#').next().unwrap_or("").trim_start_matches('\u{feff}').trim();
        if code == "[tool.uv]" {
            let (before, after) = if line.ends_with('\n') { ("", end) } else { (end, "") };
            return Some(Insertion::at(offset, format!("{before}{entry}{after}")));
        }
    }
    // `[tool.uv.sources]` alone leaves room for the table; `tool.uv = {…}` does not.
    let is_inline = uv.is_some() && !text.contains("[tool.uv.") && !text.contains("[[tool.uv.");
    let blank = if text.ends_with("\n\n") || text.is_empty() { "" } else { end };
    (!is_inline).then(|| appended(text, &format!("{blank}[tool.uv]{end}{entry}")))
}
