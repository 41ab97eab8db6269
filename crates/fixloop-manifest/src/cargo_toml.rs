//! Reads `Cargo.toml`.
//!
//! Format: <https://doc.rust-lang.org/cargo/reference/manifest.html>. Read are the dependency tables, also per target. A dependency
//! inherited with `workspace = true` has its requirement from the workspace's root, which is looked for in the folders above (or at
//! `package.workspace`); it is declared there. Where that root
//! is not found it is a component without a requirement. `[workspace.dependencies]`, `[patch]` and `[replace]` install nothing by themselves.
//!
//! What the file does not tell: which version is used (`Cargo.lock` does, unless the requirement is `=1.2.3`), and the host of a
//! registry given by name, which stands in cargo's own configuration.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Declaration, Ecosystem, Parsed, Problem, Reach, Scope, Source};
use fixloop_version::Syntax;

use crate::beside::{Beside, Neighbor};
use crate::registry::{source_of_registry_url, without_credentials};
use crate::required::require;
use crate::toml;
use crate::tree::{Document, Text, Value};

/// Table, its older spelling, and scope.
const TABLES: &[(&str, &str, Scope)] = &[
    ("dependencies", "dependencies", Scope::Runtime),
    ("dev-dependencies", "dev_dependencies", Scope::Dev),
    ("build-dependencies", "build_dependencies", Scope::Build),
];

/// Reads one manifest of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one manifest with the workspace it may belong to.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        let is_manifest =
            ["package", "project", "workspace"].iter().any(|it| root.get(it).is_some());
        if !is_manifest {
            let reason = "no Cargo manifest: neither `package` nor `workspace`".to_owned();
            parsed.problems.push(Problem { span: root.span(), reason, whole_file: true });
        }
        let workspace = Workspace::of(root, beside);
        let workspace = workspace.as_ref().map(Workspace::read);
        let inherited = workspace.iter().flat_map(ReadWorkspace::dependencies).collect();
        let mut reader = Reader { workspace: workspace.as_ref(), inherited, parsed: &mut parsed };
        reader.tables(root);
        let targets = root.get("target").into_iter().flat_map(Value::entries);
        targets.for_each(|(_, target)| reader.tables(target));
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// What `[workspace.dependencies]` says for the members. It installs nothing by itself.
pub fn declarations(text: &str) -> Vec<Component> {
    let document = toml::parse(text);
    let workspace = document.root().and_then(|it| it.get("workspace"));
    let table = workspace.and_then(|it| it.get("dependencies"));
    let entries = table.into_iter().flat_map(Value::entries);
    entries.filter_map(|(key, value)| dependency(key, value)).collect()
}

/// The manifest with the workspace's table: this one or one above.
enum Workspace<'a> {
    Here(Value<'a>),
    Elsewhere(Neighbor),
}

/// The same, parsed.
enum ReadWorkspace<'a> {
    Here(Value<'a>),
    Elsewhere { path: &'a str, document: Document<'a> },
}

impl<'a> Workspace<'a> {
    fn of(root: Value<'a>, beside: Beside<'_>) -> Option<Self> {
        if let Some(workspace) = root.get("workspace") {
            return Some(Self::Here(workspace));
        }
        let named = root.get("package").and_then(|it| it.get_text("workspace"));
        let found = match named {
            Some(folder) => beside.neighbor(&format!("{}/Cargo.toml", folder.value())),
            None => beside.upwards("Cargo.toml").filter(|it| it.path != beside.path()).find(|it| {
                toml::parse(&it.text).root().is_some_and(|it| it.get("workspace").is_some())
            }),
        };
        found.map(Self::Elsewhere)
    }

    fn read(&'a self) -> ReadWorkspace<'a> {
        match self {
            Self::Here(workspace) => ReadWorkspace::Here(*workspace),
            Self::Elsewhere(neighbor) => ReadWorkspace::Elsewhere {
                path: &neighbor.path,
                document: toml::parse(&neighbor.text),
            },
        }
    }
}

impl ReadWorkspace<'_> {
    fn dependencies(&self) -> impl Iterator<Item = (String, (Text<'_>, Value<'_>))> {
        let workspace = match self {
            Self::Here(workspace) => Some(*workspace),
            Self::Elsewhere { document, .. } => document.root().and_then(|it| it.get("workspace")),
        };
        let table = workspace.and_then(|it| it.get("dependencies"));
        let entries = table.into_iter().flat_map(Value::entries);
        entries.map(|(key, value)| (key.value().into_owned(), (key, value)))
    }
}

struct Reader<'r> {
    workspace: Option<&'r ReadWorkspace<'r>>,
    /// The workspace's dependencies by name.
    inherited: HashMap<String, (Text<'r>, Value<'r>)>,
    parsed: &'r mut Parsed,
}

impl Reader<'_> {
    fn tables(&mut self, of: Value<'_>) {
        for (name, older, scope) in TABLES {
            let table = of.get(name).or_else(|| of.get(older));
            for (key, value) in table.into_iter().flat_map(Value::entries) {
                match self.component(key, value, *scope) {
                    Ok(component) => self.parsed.components.push(component),
                    Err(reason) => {
                        let problem = Problem { span: key.span, reason, whole_file: false };
                        self.parsed.problems.push(problem);
                    }
                }
            }
        }
    }

    fn component(
        &self,
        key: Text<'_>,
        value: Value<'_>,
        scope: Scope,
    ) -> Result<Component, String> {
        let is_inherited = value.get("workspace").is_some_and(Value::is_true);
        let mut component = if is_inherited {
            self.inherited(key)?
        } else {
            dependency(key, value).ok_or_else(|| {
                format!("`{}` is neither a requirement nor a table of one", key.value())
            })?
        };
        let is_optional = value.get("optional").is_some_and(Value::is_true);
        let is_brought = scope == Scope::Runtime && is_optional;
        component.scope = Some(if is_brought { Scope::Optional } else { scope });
        Ok(component)
    }

    /// A dependency as the workspace's root has it, under the name that stands here.
    fn inherited(&self, key: Text<'_>) -> Result<Component, String> {
        let name = key.value();
        let Some(workspace) = self.workspace else {
            let unread = Component::new(Ecosystem::CRATES_IO, name, key.span);
            return Ok(Component { reach: Reach::Direct, ..unread });
        };
        let inherited =
            self.inherited.get(&*name).and_then(|(key, value)| dependency(*key, *value));
        let Some(mut component) = inherited else {
            return Err(format!(
                "`{name}` is not in the `workspace.dependencies` it is inherited from"
            ));
        };
        if let ReadWorkspace::Elsewhere { path, .. } = workspace {
            let span = component.version_span.unwrap_or(component.name_span);
            component.declared = Some(Declaration { path: (*path).to_owned(), span });
            component.alias = (component.name != *name).then(|| name.into_owned());
            component.name_span = key.span;
            component.version_span = None;
        }
        Ok(component)
    }
}

/// `key = "1.2"` or `key = { version = "1.2", … }`; `None` if it is neither.
fn dependency(key: Text<'_>, value: Value<'_>) -> Option<Component> {
    let package = value.get_text("package");
    let name = package.unwrap_or(key);
    let mut component = Component::new(Ecosystem::CRATES_IO, name.value(), name.span);
    component.reach = Reach::Direct;
    component.alias = package.filter(|it| it.value() != key.value()).map(|_| key.value().into());
    component.source = source(value);
    let version = value.text().or_else(|| value.get_text("version"));
    match version {
        Some(version) => require(&mut component, Syntax::Cargo, &version.value(), version.span),
        None if value.is_object() => {}
        None => return None,
    }
    Some(component)
}

fn source(value: Value<'_>) -> Source {
    let text = |key: &str| value.get_text(key).map(Text::value);
    if let Some(path) = text("path") {
        return Source::Path { path: Some(path.into_owned()) };
    }
    if let Some(url) = text("git") {
        return Source::Git { url: without_credentials(&url) };
    }
    if let Some(url) = text("registry-index") {
        let url = url.strip_prefix("sparse+").unwrap_or(&url);
        return source_of_registry_url(&Ecosystem::CRATES_IO, url);
    }
    match text("registry") {
        Some(name) if name != "crates-io" => Source::Unknown,
        _ => Source::PublicRegistry,
    }
}
