//! Reads version catalogs of Gradle: `libs.versions.toml` and other `*.versions.toml`.
//!
//! Format: <https://docs.gradle.org/current/userguide/version_catalogs.html>. A plug-in is the module that marks it, and for the build.
//! `strictly` fixes a version; `require`, `prefer` and a bare version are what Gradle takes unless another module asks for more.
//!
//! What the file does not tell: which of its libraries a project uses, so how they got in and for what; and the repository, which counts
//! as the public one.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};

use crate::toml;
use crate::tree::{Text, Value};

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        let tables = ["versions", "libraries", "plugins", "bundles", "metadata"];
        if !tables.iter().any(|it| root.get(it).is_some()) {
            let reason = "no version catalog: it has neither `libraries` nor `versions`".to_owned();
            parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
        let versions: HashMap<String, Value<'_>> = root
            .get("versions")
            .into_iter()
            .flat_map(Value::entries)
            .map(|(name, value)| (name.value().into_owned(), value))
            .collect();
        for (table, is_plugin) in [("libraries", false), ("plugins", true)] {
            for (key, value) in root.get(table).into_iter().flat_map(Value::entries) {
                match component(value, is_plugin, &versions) {
                    Some(component) => parsed.components.push(component),
                    None => parsed.problems.push(Problem {
                        span: key.span,
                        reason: format!("`{}` names no module", key.value()),
                        whole_file: false,
                    }),
                }
            }
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn component(
    value: Value<'_>,
    is_plugin: bool,
    versions: &HashMap<String, Value<'_>>,
) -> Option<Component> {
    let mut component = match (value.text(), is_plugin) {
        (Some(text), _) => return shorthand(text, is_plugin),
        (None, true) => {
            let id = value.get_text("id")?;
            plugin(&id.value(), id.span)
        }
        (None, false) => {
            if let Some(module) = value.get_text("module") {
                let (group, name) = module.raw.split_once(':')?;
                let start = module.span.range().start + group.len() + 1;
                let span = Span::new(start, start + name.len());
                Component::new(Ecosystem::MAVEN, module.value(), span)
            } else {
                let (group, name) = (value.get_text("group")?, value.get_text("name")?);
                let full_name = format!("{}:{}", group.value(), name.value());
                Component::new(Ecosystem::MAVEN, full_name, name.span)
            }
        }
    };
    component.source = Source::PublicRegistry;
    component.scope = is_plugin.then_some(Scope::Build);
    set_version(&mut component, value.get("version"), versions);
    Some(component)
}

fn plugin(id: &str, span: Span) -> Component {
    Component::new(Ecosystem::MAVEN, format!("{id}:{id}.gradle.plugin"), span)
}

/// `group:name:version`, or of a plug-in `id:version`.
fn shorthand(text: Text<'_>, is_plugin: bool) -> Option<Component> {
    let (module, version) = text.raw.rsplit_once(':')?;
    let start = text.span.range().start;
    let mut component = if is_plugin {
        plugin(module, Span::new(start, start + module.len()))
    } else {
        let (group, name) = module.split_once(':')?;
        let at = start + group.len() + 1;
        Component::new(Ecosystem::MAVEN, module, Span::new(at, at + name.len()))
    };
    let at = start + module.len() + 1;
    component.version = Some(version.to_owned());
    component.version_span = Some(Span::new(at, at + version.len()));
    component.source = Source::PublicRegistry;
    component.scope = is_plugin.then_some(Scope::Build);
    Some(component)
}

/// A text, a reference to `[versions]`, or a table of rich versions.
fn set_version(
    component: &mut Component,
    version: Option<Value<'_>>,
    versions: &HashMap<String, Value<'_>>,
) {
    let Some(version) = version else { return };
    if let Some(reference) = version.get_text("ref") {
        match versions.get(&*reference.value()) {
            Some(target) if target.get("ref").is_none() => {
                set_version(component, Some(*target), versions);
            }
            _ => {
                component.requirement = Some(reference.value().into_owned());
                component.version_span = Some(reference.span);
            }
        }
        return;
    }
    let rich = ["strictly", "require", "prefer"].iter().find_map(|it| version.get_text(it));
    let Some(text) = version.text().or(rich) else { return };
    let written = text.value().into_owned();
    component.version_span = Some(text.span);
    // `[1.0,2.0)`, `1.+`, `latest.release`.
    let is_range =
        written.contains(['[', ']', '(', ')', ',', '+', '!']) || written.starts_with("latest.");
    *(if is_range { &mut component.requirement } else { &mut component.version }) = Some(written);
}
