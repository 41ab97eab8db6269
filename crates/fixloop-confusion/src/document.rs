//! Configuration files in TOML, JSON and YAML: what stands where, and what is wrong with them.

use std::borrow::Cow;

use fixloop_manifest::syntax::{Document, Value};
use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::place::{File, Place, reason};

/// A check if the document has problems that may hide what it says of sources: it then is no document to judge by.
pub(crate) fn broken(
    document: &Document<'_>,
    file: &File,
    manager: &Manager,
    markers: &[&str],
) -> Option<BuildCheck> {
    let problem = document.problems.first()?;
    if !markers.iter().any(|it| file.text.contains(it)) {
        return None;
    }
    let place = file.at(problem.span);
    Some(manager.unknown(&place, &format!("`{}` cannot be read: {}", file.path, reason(problem))))
}

/// The value under a path of keys.
pub(crate) fn at<'d>(value: Value<'d>, keys: &[&str]) -> Option<Value<'d>> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

pub(crate) fn string<'d>(value: Value<'d>, key: &str) -> Option<Cow<'d, str>> {
    value.get_text(key).map(fixloop_manifest::syntax::Text::value)
}

/// A string under a key, with its place.
pub(crate) fn placed(value: Value<'_>, key: &str, file: &File) -> Option<(String, Place)> {
    let text = value.get_text(key)?;
    Some((text.value().into_owned(), file.at(text.span)))
}

/// One string or an array of strings, with their places.
pub(crate) fn strings(value: Option<Value<'_>>, file: &File) -> Vec<(String, Place)> {
    let Some(value) = value else { return Vec::new() };
    let texts = value.text().into_iter().chain(value.items().filter_map(Value::text));
    texts
        .take(crate::answer::MAX_FEEDS)
        .map(|it| (it.value().into_owned(), file.at(it.span)))
        .collect()
}
