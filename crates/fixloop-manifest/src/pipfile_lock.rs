//! Reads `Pipfile.lock`.
//!
//! Format: written by Pipenv, <https://pipenv.pypa.io/en/latest/pipfile.html#pipfile-lock>. `develop` is for development, every other
//! category is used at run time. The version is what stands behind `==`.
//!
//! What the file does not tell: who needs whom, and what the project itself names. Where a `Pipfile` lies beside it, that says so.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};
use fixloop_version::Syntax;

use crate::beside::Beside;
use crate::python_packages::{Asked, Package, Registries, path, tell};
use crate::registry::without_credentials;
use crate::required::require;
use crate::tree::{Text, Value};
use crate::{json, pipfile};

/// Reads one lockfile of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one lockfile with the `Pipfile` beside it.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = json::parse(text);
    let mut parsed = Parsed::default();
    match document.root() {
        Some(root) if root.get("_meta").is_some() || root.get("default").is_some() => {
            let mut packages = Vec::new();
            let registries = Registries::of(root.get("_meta").and_then(|it| it.get("sources")));
            for (category, table) in root.entries().filter(|(name, _)| name.raw != "_meta") {
                let scope = if category.raw == "develop" { Scope::Dev } else { Scope::Runtime };
                for (name, entry) in table.entries() {
                    if entry.is_object() {
                        let component = component(name, entry, scope, &registries);
                        packages.push(Package { component, needs: Vec::new() });
                    } else {
                        let reason = format!("expected an object for `{}`", name.value());
                        let problem = Problem { span: name.span, reason, whole_file: false };
                        parsed.problems.push(problem);
                    }
                }
            }
            tell(packages, &asked(beside), &mut parsed);
        }
        Some(root) => {
            let reason = "no Pipfile.lock: neither `_meta` nor `default`".to_owned();
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

fn asked(beside: Beside<'_>) -> Vec<Asked> {
    let Some(manifest) = beside.neighbor("Pipfile") else { return Vec::new() };
    let components = pipfile::parse(&manifest.text).components;
    components.iter().map(|it| Asked::new(&it.name, it.scope)).collect()
}

fn component(name: Text<'_>, entry: Value<'_>, scope: Scope, registries: &Registries) -> Component {
    let mut component = Component::new(Ecosystem::PYPI, name.value(), name.span);
    component.scope = Some(scope);
    component.source = source(entry, registries);
    if let Some(version) = entry.get_text("version") {
        require(&mut component, Syntax::Pep440, &version.value(), version.span);
    }
    component
}

fn source(entry: Value<'_>, registries: &Registries) -> Source {
    if let Some(url) = entry.get_text("git") {
        return Source::Git { url: without_credentials(&url.value()) };
    }
    if let Some(file) = entry.get_text("file") {
        let file = file.value();
        return if file.contains("://") {
            Source::Archive { url: without_credentials(&file) }
        } else {
            Source::Path { path: Some(file.into_owned()) }
        };
    }
    if let Some(folder) = entry.get_text("path") {
        return path(folder);
    }
    registries.of_index(entry.get_text("index"))
}
