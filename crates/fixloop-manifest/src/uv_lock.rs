//! Reads `uv.lock`.
//!
//! Format: written by uv, <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>. Members of the workspace are packages
//! with an editable or virtual source; what they depend on is direct, with its scope. A package may be there in several versions,
//! and dependencies then say which one.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Reach, Scope, Source};

use crate::python_packages::{Asked, Package, names_in, no_lockfile, path, read, tell};
use crate::registry::{source_of_registry_url, without_credentials};
use crate::toml;
use crate::tree::Value;

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        if root.get("version").is_none() {
            parsed.problems.push(no_lockfile("no uv lockfile: `version` is missing"));
        }
        let mut direct = Vec::new();
        // Until 0.4 the tables were called `distribution`.
        let tables = root.get("package").or_else(|| root.get("distribution"));
        let package = |component, table: Value<'_>| {
            let component = sourced(component, table);
            if component.reach == Reach::Root {
                asked(table, &mut direct);
            }
            Package { component, needs: names_in(table.get("dependencies")) }
        };
        let packages = read(tables, false, package, &mut parsed);
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

/// What a member asks for.
fn asked(table: Value<'_>, direct: &mut Vec<Asked>) {
    let mut add = |list: Option<Value<'_>>, scope: Scope| {
        let asked = |package| Asked { package, scope: Some(scope) };
        direct.extend(names_in(list).into_iter().map(asked));
    };
    add(table.get("dependencies"), Scope::Runtime);
    let groups = |key: &str| table.get(key).into_iter().flat_map(Value::entries);
    groups("optional-dependencies").for_each(|(_, list)| add(Some(list), Scope::Optional));
    for key in ["dev-dependencies", "dependency-groups"] {
        groups(key).for_each(|(_, list)| add(Some(list), Scope::Dev));
    }
}
