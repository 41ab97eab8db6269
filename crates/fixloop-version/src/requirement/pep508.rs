//! Dependency specifiers of Python: <https://packaging.python.org/en/latest/specifications/dependency-specifiers/> (PEP 508).
//!
//! Splits a line into its parts and says where they stand; markers are not evaluated, since that would need the machine they are
//! for.

use std::ops::Range;

use thiserror::Error;

/// Byte ranges of the parts of one specifier.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Dependency {
    pub name: Range<usize>,
    /// Each extra.
    pub extras: Vec<Range<usize>>,
    /// The version specifier without parentheses, `None` if there is none; to be read with [`super::Syntax::Pep440`].
    pub specifier: Option<Range<usize>>,
    /// The address behind `@`.
    pub url: Option<Range<usize>>,
    /// The environment marker behind `;`.
    pub marker: Option<Range<usize>>,
}

/// What is wrong, and at which byte.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidDependency {
    #[error("expected a name")]
    Name { at: usize },
    #[error("expected `]`")]
    Extras { at: usize },
    #[error("expected `)`")]
    Parenthesis { at: usize },
    #[error("expected a version specifier, `@` or `;`")]
    Rest { at: usize },
}

/// Splits one specifier. Linear; blanks around any part are allowed.
///
/// # Errors
/// If a part is missing or something else stands in its place.
pub fn parse(text: &str) -> Result<Dependency, InvalidDependency> {
    let mut dependency = Dependency::default();
    let mut at = skip_blanks(text, 0);
    let name_end = at + text[at..].find(|it: char| !is_name(it)).unwrap_or(text.len() - at);
    let name = &text[at..name_end];
    let is_bounded = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    if !is_bounded(name.chars().next()) || !is_bounded(name.chars().next_back()) {
        return Err(InvalidDependency::Name { at });
    }
    dependency.name = at..name_end;
    at = skip_blanks(text, name_end);

    if text[at..].starts_with('[') {
        let close = text[at..].find(']').ok_or(InvalidDependency::Extras { at })? + at;
        dependency.extras = parts(text, at + 1..close);
        let is_extra = |range: &Range<usize>| text[range.clone()].chars().all(is_name);
        if !dependency.extras.iter().all(is_extra) {
            return Err(InvalidDependency::Extras { at });
        }
        at = skip_blanks(text, close + 1);
    }
    if text[at..].starts_with('@') {
        let start = skip_blanks(text, at + 1);
        // A marker stands behind a blank, since `;` may be part of an address.
        let end = text[start..].find(" ;").map_or(text.len(), |it| start + it);
        dependency.url = Some(trimmed(text, start..end));
        dependency.marker = marker(text, end);
        return Ok(dependency);
    }
    let end = text[at..].find(';').map_or(text.len(), |it| at + it);
    let mut specifier = trimmed(text, at..end);
    if text[specifier.clone()].starts_with('(') {
        if !text[specifier.clone()].ends_with(')') {
            return Err(InvalidDependency::Parenthesis { at: specifier.end });
        }
        specifier = trimmed(text, specifier.start + 1..specifier.end - 1);
    }
    if !specifier.is_empty() {
        if !text[specifier.clone()].starts_with(['<', '>', '=', '!', '~']) {
            return Err(InvalidDependency::Rest { at: specifier.start });
        }
        dependency.specifier = Some(specifier);
    }
    dependency.marker = marker(text, end);
    Ok(dependency)
}

/// What stands behind the `;` at or after `at`.
fn marker(text: &str, at: usize) -> Option<Range<usize>> {
    let start = skip_blanks(text, at);
    let marker = trimmed(text, start.checked_add(1)?.min(text.len())..text.len());
    (text[start..].starts_with(';') && !marker.is_empty()).then_some(marker)
}

fn parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut start = range.start;
    let mut parts = Vec::new();
    for part in text[range].split(',') {
        parts.push(trimmed(text, start..start + part.len()));
        start += part.len() + 1;
    }
    parts.retain(|it| !it.is_empty());
    parts
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

fn is_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.')
}
