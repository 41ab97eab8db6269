//! Requirements that are intervals in brackets, one version, or Go's lowest version.

use std::ops::Range;

use super::clause::{line, next_end};
use super::{Target, bounds_of};
use crate::requirement::bounds::Bounds;
use crate::requirement::clauses::numbers;

/// Where the intervals of `[1,2),[3,4)` stand.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(opened) = text[start..].find(['[', '(']).map(|at| start + at) {
        let Some(closed) = text[opened..].find([']', ')']).map(|at| opened + at + 1) else { break };
        parts.push(opened..closed);
        start = closed;
    }
    parts
}

/// One interval, from the target on.
pub(super) fn raised(text: &str, target: &Target<'_>) -> Option<String> {
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let Some((_, upper)) = inner.split_once(',') else {
        return Some(format!("[{}]", target.text));
    };
    let closing = &text[text.len() - 1..];
    let raised = format!("[{},{upper}{closing}", target.text);
    let holds =
        |text: &str| bounds_of(target.syntax, text).is_some_and(|it| it.contains(target.version));
    if holds(&raised) {
        return Some(raised);
    }
    let bare = upper.trim();
    let (parts, tail) = numbers(bare);
    let end = match closing {
        ")" => format!("{}{tail}", next_end(&parts, &target.text)?),
        _ => target.text.clone(),
    };
    let moved = format!("[{},{}{closing}", target.text, upper.replace(bare, &end));
    holds(&moved).then_some(moved)
}

/// NuGet's bare version is a lower bound; a floating one takes the highest of its line.
pub(super) fn bare(text: &str, target: &Target<'_>) -> Option<String> {
    let written = text.trim();
    let Some(before) = written.strip_suffix('*') else {
        return Some(text.replace(written, &target.text));
    };
    let (parts, tail) = numbers(before);
    let is_floating_release = tail == "." || tail.is_empty() && before.is_empty();
    if !is_floating_release {
        return None;
    }
    if parts.is_empty() {
        return Some(format!("[{},)", target.text));
    }
    let line = line(&target.text, parts.len());
    let (of_line, _) = numbers(&line);
    let end = crate::requirement::clauses::raised(&of_line, parts.len())?;
    Some(format!("[{},{end}.0)", target.text))
}

/// The same module at a later version; another major version is another module.
pub(super) fn go(text: &str, bounds: &[Bounds], target: &Target<'_>) -> Option<String> {
    let [bounds] = bounds else { return None };
    if !bounds.contains(target.version) {
        return None;
    }
    let written = text.trim();
    let marker = "+incompatible";
    let is_marked = written.ends_with(marker) && !target.text.ends_with(marker);
    let is_first = target.text.starts_with("0.") || target.text.starts_with("1.");
    let marker = if is_marked && !is_first { marker } else { "" };
    Some(text.replace(written, &format!("v{}{marker}", target.text)))
}
