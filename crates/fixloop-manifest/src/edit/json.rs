//! A member of a JSON object.

use super::{Insertion, before_on_line, indentation, line_end};
use crate::json;
use crate::tree::{Kind, Value};

/// Sets the text `key` of the object at `path` to `value`; objects on the way that are missing are made.
///
/// `None` if the text is no JSON object, or something else than an object or a text is in the way.
pub fn set_member(text: &str, path: &[&str], key: &str, value: &str) -> Option<Insertion> {
    let document = json::parse(text);
    let mut object = document.root()?;
    let mut missing = path;
    while let Some((first, rest)) = missing.split_first() {
        let Some(child) = object.get(first) else { break };
        if !child.is_object() {
            return None;
        }
        (object, missing) = (child, rest);
    }
    if let Some(present) = object.get(key).filter(|_| missing.is_empty()) {
        let written = present.text()?;
        return Some(Insertion { span: written.span, text: value.to_owned() });
    }
    let unit = unit(text, document.root()?);
    Some(member(text, object, unit, &|indent| {
        let entry = format!("\"{key}\": \"{value}\"");
        missing.iter().enumerate().rev().fold(entry, |inner, (depth, table)| match indent {
            Some(indent) => {
                let end = line_end(text);
                let outer = format!("{indent}{}", unit.repeat(depth));
                format!("\"{table}\": {{{end}{outer}{unit}{inner}{end}{outer}}}")
            }
            None => format!("\"{table}\": {{ {inner} }}"),
        })
    }))
}

/// How much deeper each level is indented.
fn unit<'t>(text: &'t str, root: Value<'_>) -> &'t str {
    let first = root.entries().next().map(|(key, _)| key.span.range().start);
    let blanks = first.map_or("", |at| indentation(text, at - 1));
    if blanks.is_empty() { "  " } else { blanks }
}

/// Behind the last member of `object`; `write` gets the indentation of its members, or `None` if they stand on one line.
fn member(
    text: &str,
    object: Value<'_>,
    unit: &str,
    write: &dyn Fn(Option<&str>) -> String,
) -> Insertion {
    let end = line_end(text);
    let mut members = object.entries();
    let Some((first, first_value)) = members.next() else {
        let braces = object.span().range();
        let outer = indentation(text, braces.start);
        let inner = format!("{outer}{unit}");
        let written = format!("{{{end}{inner}{}{end}{outer}}}", write(Some(&inner)));
        return Insertion { span: object.span(), text: written };
    };
    let last = members.last().map_or(first_value, |(_, value)| value);
    let quote = usize::from(matches!(last.node().kind, Kind::String(_)));
    let behind = last.span().range().end + quote;
    // A comma at the end, as some tools allow.
    let rest = &text[behind..];
    let has_comma = rest.trim_start().starts_with(',');
    let at = if has_comma { behind + rest.find(',').unwrap_or(0) + 1 } else { behind };
    let comma = if has_comma { "" } else { "," };
    let before = before_on_line(text, first.span.range().start.saturating_sub(1));
    if before.trim().is_empty() {
        Insertion::at(at, format!("{comma}{end}{before}{}", write(Some(before))))
    } else {
        Insertion::at(at, format!("{comma} {}", write(None)))
    }
}
