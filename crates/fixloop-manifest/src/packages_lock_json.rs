//! Reads `packages.lock.json` of NuGet.
//!
//! Format: written by NuGet, <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files#locking-dependencies>.
//! A package that is there for several frameworks at one version is one component, and direct if it is that for any of them. Projects
//! of the same solution are roots.
//!
//! What the file does not tell: scopes, and the source of a package, which counts as the public one.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::graph::tell_reaches;
use crate::json;
use crate::tree::{Text, Value};

pub fn parse(text: &str) -> Parsed {
    let document = json::parse(text);
    let mut parsed = Parsed::default();
    match document.root().and_then(|it| it.get("dependencies")) {
        Some(frameworks) if frameworks.is_object() => read(frameworks, &mut parsed),
        Some(other) => {
            let reason = "expected an object for `dependencies`".to_owned();
            parsed.problems.push(Problem { span: other.span(), reason, whole_file: true });
        }
        None => {
            let reason = "lockfile without `dependencies`".to_owned();
            parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn read(frameworks: Value<'_>, parsed: &mut Parsed) {
    let mut by_package: HashMap<(String, Option<String>), usize> = HashMap::new();
    let mut edges: Vec<Vec<usize>> = Vec::new();
    let mut roots: Vec<(usize, Option<Scope>)> = Vec::new();
    for (_, framework) in frameworks.entries() {
        let mut by_name: HashMap<String, usize> = HashMap::new();
        let mut entries = Vec::new();
        for (name, entry) in framework.entries() {
            let component = match component(name, entry) {
                Ok(component) => component,
                Err(reason) => {
                    parsed.problems.push(Problem { span: name.span, reason, whole_file: false });
                    continue;
                }
            };
            let key = (component.name.to_lowercase(), component.version.clone());
            let next = parsed.components.len();
            let index = *by_package.entry(key).or_insert(next);
            if index == next {
                parsed.components.push(component);
                edges.push(Vec::new());
            }
            if entry.get_text("type").is_some_and(|it| it.raw == "Direct") {
                roots.push((index, None));
            }
            by_name.insert(name.value().to_lowercase(), index);
            entries.push((index, entry));
        }
        for (index, entry) in entries {
            let needed = entry.get("dependencies").into_iter().flat_map(Value::entries);
            let needed: Vec<usize> = needed
                .filter_map(|(name, _)| by_name.get(&name.value().to_lowercase()).copied())
                .collect();
            if parsed.components[index].reach == Reach::Root {
                // What a project of the solution needs comes with it.
                roots.extend(needed.iter().map(|it| (*it, None)));
            }
            edges[index].extend(needed);
        }
    }
    tell_reaches(&mut parsed.components, &roots, &edges);
}

fn component(name: Text<'_>, entry: Value<'_>) -> Result<Component, String> {
    let component = Component::new(Ecosystem::NUGET, name.value(), name.span);
    if entry.get_text("type").is_some_and(|it| it.raw == "Project") {
        return Ok(Component { reach: Reach::Root, source: Source::Workspace, ..component });
    }
    let Some(version) = entry.get_text("resolved") else {
        return Err(format!("package `{}` without `resolved`", name.value()));
    };
    Ok(Component {
        version: Some(version.value().into_owned()),
        version_span: Some(version.span),
        source: Source::PublicRegistry,
        ..component
    })
}
