//! Reads `pdm.lock`.
//!
//! Format: written by PDM, <https://pdm-project.org/en/latest/usage/lockfile/>. A package is there once per set of extras. What belongs
//! to the group `default` is used at run time; whether another group is optional or for development the file does not tell.
//!
//! What it does not tell either: what the project itself names. Where a `pyproject.toml` lies beside it, that says so.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Parsed, Scope, Source};

use crate::beside::Beside;
use crate::pyproject::asked_beside;
use crate::python_packages::{Package, name_of_specifier, no_lockfile, path, read, tell};
use crate::registry::without_credentials;
use crate::toml;
use crate::tree::Value;

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
            parsed.problems.push(no_lockfile("no PDM lockfile: neither `package` nor `metadata`"));
        }
        let package = |component, table: Value<'_>| Package {
            component: Component { source: source(table), scope: scope(table), ..component },
            needs: needs(table),
        };
        let packages = read(root.get("package"), true, package, &mut parsed);
        tell(packages, &asked_beside(beside), &mut parsed);
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn needs(table: Value<'_>) -> Vec<(String, Option<String>)> {
    let specifiers = table.get("dependencies").into_iter().flat_map(Value::items);
    let names = specifiers.filter_map(|it| name_of_specifier(it.text()?));
    names.map(|it| (it, None)).collect()
}

fn scope(table: Value<'_>) -> Option<Scope> {
    let is_default = |it: Value<'_>| it.text().is_some_and(|it| it.raw == "default");
    table.get("groups")?.items().any(is_default).then_some(Scope::Runtime)
}

fn source(table: Value<'_>) -> Source {
    if let Some(url) = table.get_text("git") {
        return Source::Git { url: without_credentials(&url.value()) };
    }
    if let Some(url) = table.get_text("url") {
        return Source::Archive { url: without_credentials(&url.value()) };
    }
    // PDM keeps no index in the file.
    table.get_text("path").map_or(Source::PublicRegistry, path)
}
