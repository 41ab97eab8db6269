//! Reads `uv.lock`.
//!
//! Format: written by uv, <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>. Members of the workspace are packages
//! with an editable or virtual source; what they depend on is direct, with its scope. A package may be there in several versions,
//! and dependencies then say which one.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::python_packages::{Asked, Package, named, normalized, path, tell};
use crate::registry::{source_of_registry_url, without_credentials};
use crate::toml;
use crate::tree::Value;

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        if root.get("version").is_none() {
            let reason = "no uv lockfile: `version` is missing".to_owned();
            parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
        let mut packages = Vec::new();
        let mut direct = Vec::new();
        // Until 0.4 the tables were called `distribution`.
        let tables = root.get("package").or_else(|| root.get("distribution"));
        for table in tables.into_iter().flat_map(Value::items) {
            match named(table, false) {
                Ok(component) => {
                    let component = sourced(component, table);
                    if component.reach == Reach::Root {
                        asked(table, &mut direct);
                    }
                    let needs = needed(table.get("dependencies"));
                    packages.push(Package { component, needs });
                }
                Err(problem) => parsed.problems.push(problem),
            }
        }
        tell(packages, &direct, &mut parsed);
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn sourced(mut component: Component, table: Value<'_>) -> Component {
    let source = table.get("source");
    let of = |key: &str| source?.get_text(key);
    if of("editable").or_else(|| of("virtual")).is_some() {
        component.reach = Reach::Root;
        component.source = Source::Workspace;
    } else if let Some(url) = of("git") {
        component.source = Source::Git { url: without_credentials(&url.value()) };
    } else if let Some(url) = of("url") {
        component.source = Source::Archive { url: without_credentials(&url.value()) };
    } else if let Some(folder) = of("directory").or_else(|| of("path")) {
        component.source = path(folder);
    } else if let Some(registry) = of("registry") {
        component.source = source_of_registry_url(&Ecosystem::PYPI, &registry.value());
    }
    component
}

/// Names of a list of dependencies, with the version where there are several.
fn needed(list: Option<Value<'_>>) -> Vec<(String, Option<String>)> {
    let tables = list.into_iter().flat_map(Value::items);
    tables
        .filter_map(|it| {
            let version = it.get_text("version").map(|it| it.value().into_owned());
            Some((normalized(&it.get_text("name")?.value()), version))
        })
        .collect()
}

/// What a member asks for.
fn asked(table: Value<'_>, direct: &mut Vec<Asked>) {
    let mut add = |list: Option<Value<'_>>, scope: Scope| {
        let asked = |package| Asked { package, scope: Some(scope) };
        direct.extend(needed(list).into_iter().map(asked));
    };
    add(table.get("dependencies"), Scope::Runtime);
    let groups = |key: &str| table.get(key).into_iter().flat_map(Value::entries);
    groups("optional-dependencies").for_each(|(_, list)| add(Some(list), Scope::Optional));
    for key in ["dev-dependencies", "dependency-groups"] {
        groups(key).for_each(|(_, list)| add(Some(list), Scope::Dev));
    }
}
