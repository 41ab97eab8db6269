//! Reads `composer.lock`.
//!
//! Format: written by Composer, <https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control>.
//! `packages-dev` is for development. A package's repository or archive address says nothing about its registry, since Packagist holds
//! addresses only; the address that Composer notifies does.
//!
//! What the file does not tell: what the project itself names. Where a `composer.json` lies beside it, that says so.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};

use crate::beside::Beside;
use crate::graph::tell_reaches;
use crate::json;
use crate::registry::{source_of_registry_url, without_credentials};
use crate::tree::{Text, Value};

/// Reads one lockfile of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one lockfile with the `composer.json` beside it.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = json::parse(text);
    let mut parsed = Parsed::default();
    match document.root() {
        Some(root) if root.get("packages").is_some() || root.get("packages-dev").is_some() => {
            read(root, beside, &mut parsed);
        }
        Some(root) => {
            let reason = "lockfile without `packages`".to_owned();
            parsed.problems.push(Problem { span: root.span(), reason, whole_file: true });
        }
        None => {
            let reason = "no JSON object".to_owned();
            parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn read(root: Value<'_>, beside: Beside<'_>, parsed: &mut Parsed) {
    let mut entries = Vec::new();
    for (table, scope) in [("packages", Scope::Runtime), ("packages-dev", Scope::Dev)] {
        for entry in root.get(table).into_iter().flat_map(Value::items) {
            match (entry.get_text("name"), entry.get_text("version")) {
                (Some(name), Some(version)) => {
                    parsed.components.push(component(name, version, scope, entry));
                    entries.push(entry);
                }
                (name, _) => {
                    let missing = if name.is_none() { "name" } else { "version" };
                    let start = entry.span().range().start;
                    let span = name.map_or(Span::new(start, start), |it| it.span);
                    let reason = format!("package without `{missing}`");
                    parsed.problems.push(Problem { span, reason, whole_file: false });
                }
            }
        }
    }
    let by_name: HashMap<String, usize> = parsed
        .components
        .iter()
        .enumerate()
        .map(|(index, it)| (it.name.to_lowercase(), index))
        .collect();
    let find = |name: &str| by_name.get(&name.to_lowercase()).copied();
    let needs = |entry: &Value<'_>| {
        let required = entry.get("require").into_iter().flat_map(Value::entries);
        required.filter_map(|(name, _)| find(&name.value())).collect()
    };
    let edges: Vec<Vec<usize>> = entries.iter().map(needs).collect();
    let mut roots = Vec::new();
    if let Some(manifest) = beside.neighbor("composer.json") {
        let document = json::parse(&manifest.text);
        let tables =
            ["require", "require-dev"].into_iter().filter_map(|it| document.root()?.get(it));
        let names = tables.flat_map(Value::entries);
        roots.extend(names.filter_map(|(name, _)| Some((find(&name.value())?, None))));
    }
    tell_reaches(&mut parsed.components, &roots, &edges);
}

fn component(name: Text<'_>, version: Text<'_>, scope: Scope, entry: Value<'_>) -> Component {
    Component {
        version: Some(version.value().into_owned()),
        version_span: Some(version.span),
        source: source(entry),
        scope: Some(scope),
        ..Component::new(Ecosystem::PACKAGIST, name.value(), name.span)
    }
}

fn source(entry: Value<'_>) -> Source {
    let of = |table: &str, key: &str| Some(entry.get(table)?.get_text(key)?.value());
    if of("dist", "type").is_some_and(|it| it == "path") {
        return Source::Path { path: of("dist", "url").map(std::borrow::Cow::into_owned) };
    }
    if let Some(notified) = entry.get_text("notification-url") {
        return source_of_registry_url(&Ecosystem::PACKAGIST, &notified.value());
    }
    // Without one it came from a repository that composer.json names.
    match (of("source", "url"), of("dist", "url")) {
        (Some(url), _) => Source::Git { url: without_credentials(&url) },
        (None, Some(url)) => Source::Archive { url: without_credentials(&url) },
        (None, None) => Source::Unknown,
    }
}
