//! Reads `poetry.lock` of Poetry 1 and 2.
//!
//! Format: written by Poetry, <https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock>. Scopes come from `category`
//! (until 1.4) or `groups` (since 2.0); in between the file has neither.
//!
//! What the file does not tell: what the project itself names. Where a `pyproject.toml` lies beside it, that says so.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Parsed, Scope, Source};

use crate::beside::Beside;
use crate::pyproject::asked_beside;
use crate::python_packages::{Package, no_lockfile, normalized, read, tell};
use crate::registry::{source_of_registry_url, without_credentials};
use crate::toml;
use crate::tree::{Text, Value};

/// Reads one lockfile of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one lockfile with the `pyproject.toml` beside it.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        if root.get("package").is_none() && root.get("metadata").is_none() {
            let reason = "no poetry lockfile: neither `package` nor `metadata`";
            parsed.problems.push(no_lockfile(reason));
        }
        let package = |component, table: Value<'_>| Package {
            component: Component {
                source: source(table.get("source")),
                scope: scope(table),
                ..component
            },
            needs: needs(table),
        };
        let packages = read(root.get("package"), true, package, &mut parsed);
        tell(packages, &asked_beside(beside), &mut parsed);
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn needs(table: Value<'_>) -> Vec<(String, Option<String>)> {
    let needed = table.get("dependencies").into_iter().flat_map(Value::entries);
    needed.map(|(name, _)| (normalized(&name.value()), None)).collect()
}

fn scope(table: Value<'_>) -> Option<Scope> {
    let is_optional = table.get("optional").is_some_and(Value::is_true);
    let groups = table.get("groups").map(|groups| {
        let is_main = |it: Value<'_>| it.text().is_some_and(|it| it.raw == "main");
        groups.items().any(is_main)
    });
    let category = table.get_text("category").map(|it| it.raw == "main");
    match groups.or(category) {
        Some(true) if is_optional => Some(Scope::Optional),
        Some(true) => Some(Scope::Runtime),
        Some(false) => Some(Scope::Dev),
        None => None,
    }
}

fn source(table: Option<Value<'_>>) -> Source {
    let Some(table) = table else { return Source::PublicRegistry };
    let text = |key: &str| table.get_text(key).map(Text::value);
    let url = text("url").unwrap_or_default();
    match text("type").as_deref() {
        Some("git") => Source::Git { url: without_credentials(&url) },
        Some("url") => Source::Archive { url: without_credentials(&url) },
        Some("directory" | "file") => Source::Path { path: Some(url.into_owned()) },
        Some("legacy") => source_of_registry_url(&fixloop_model::Ecosystem::PYPI, &url),
        Some(_) | None => Source::Unknown,
    }
}
