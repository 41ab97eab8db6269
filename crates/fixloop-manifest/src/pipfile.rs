//! Reads `Pipfile`.
//!
//! Format: <https://pipenv.pypa.io/en/latest/pipfile.html>. `dev-packages` is for development, every other table of packages is used at
//! run time.
//!
//! What the file does not tell: which version is used, unless the requirement names one.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source};
use fixloop_version::Syntax;

use crate::python_packages::{Registries, path};
use crate::registry::without_credentials;
use crate::required::require;
use crate::toml;
use crate::tree::{Text, Value};

/// Tables that hold no packages.
const OTHER: &[&str] = &["source", "requires", "scripts", "pipenv", "build-system", "pipfile"];

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        let registries = Registries::of(root.get("source"));
        let tables =
            root.entries().filter(|(name, it)| it.is_object() && !OTHER.contains(&name.raw));
        for (table, packages) in tables {
            let scope = if table.raw == "dev-packages" { Scope::Dev } else { Scope::Runtime };
            for (name, value) in packages.entries() {
                match component(name, value, &registries) {
                    Some(component) => {
                        parsed.components.push(Component { scope: Some(scope), ..component });
                    }
                    None => parsed.problems.push(Problem {
                        span: name.span,
                        reason: format!(
                            "`{}` is neither a requirement nor a table of one",
                            name.value()
                        ),
                        whole_file: false,
                    }),
                }
            }
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn component(name: Text<'_>, value: Value<'_>, registries: &Registries) -> Option<Component> {
    let mut component = Component::new(Ecosystem::PYPI, name.value(), name.span);
    component.reach = Reach::Direct;
    component.source = source(value, registries);
    let version = value.text().or_else(|| value.get_text("version"));
    match version {
        Some(version) if version.raw == "*" => {
            component.requirement = Some("*".to_owned());
            component.version_span = Some(version.span);
        }
        Some(version) => require(&mut component, Syntax::Pep440, &version.value(), version.span),
        None if value.is_object() => {}
        None => return None,
    }
    Some(component)
}

fn source(value: Value<'_>, registries: &Registries) -> Source {
    if let Some(url) = value.get_text("git") {
        return Source::Git { url: without_credentials(&url.value()) };
    }
    if let Some(file) = value.get_text("file") {
        return Source::Archive { url: without_credentials(&file.value()) };
    }
    if let Some(folder) = value.get_text("path") {
        return path(folder);
    }
    registries.of_index(value.get_text("index"))
}
