//! Reads `pom.xml`.
//!
//! Format: <https://maven.apache.org/pom.html>. Read are dependencies, also of profiles and of plug-ins, and the plug-ins themselves,
//! which run when the project is built. Properties, parents (by `relativePath`) and bills of materials are followed inside the same
//! root; a version that stands in another file is declared there. A bare version is what Maven takes unless something nearer asks
//! for another one. `dependencyManagement` installs nothing, and a parent has no code.
//!
//! What the file does not tell: versions from parents or bills of materials elsewhere, what dependencies bring along, and the
//! repository a dependency comes from, which counts as the public one. A property of a profile counts only if nothing else defines it.

mod model;
#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::{Requirement, Syntax};

use crate::beside::Beside;
use crate::interpolate::{Origin, Placed};
use crate::xml::{Document, Element, Text};
use model::Model;

/// Reads one manifest of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one manifest with its parents and bills of materials.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = Document::parse(text);
    let mut parsed = Parsed::default();
    match document.root() {
        Some(root) if root.name() == "project" => {
            let model = Model::of(root, beside);
            let mut reader = Reader { model: &model, parsed: &mut parsed };
            reader.project(root);
            let profiles = root.child("profiles").into_iter().flat_map(Element::children);
            profiles.for_each(|profile| reader.project(profile));
        }
        Some(root) => {
            let reason = format!("no pom.xml: its element is `{}` and not `project`", root.name());
            parsed.problems.push(Problem { span: root.span(), reason, whole_file: true });
        }
        None => {}
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// What `dependencyManagement` says for this project and those below. It installs nothing by itself.
pub fn declarations(text: &str, beside: Beside<'_>) -> Vec<Component> {
    let document = Document::parse(text);
    let Some(root) = document.root().filter(|it| it.name() == "project") else {
        return Vec::new();
    };
    let model = Model::of(root, beside);
    let mut parsed = Parsed::default();
    let mut reader = Reader { model: &model, parsed: &mut parsed };
    let managed = root.child("dependencyManagement").and_then(|it| it.child("dependencies"));
    for dependency in managed.into_iter().flat_map(|it| it.children_named("dependency")) {
        reader.component(dependency, None);
    }
    parsed.components
}

struct Reader<'r> {
    model: &'r Model,
    parsed: &'r mut Parsed,
}

impl Reader<'_> {
    fn project(&mut self, project: Element<'_>) {
        self.dependencies(project, None);
        let plugins = project.child("build").and_then(|it| it.child("plugins"));
        for plugin in plugins.into_iter().flat_map(|it| it.children_named("plugin")) {
            self.component(plugin, Some(Scope::Build));
            self.dependencies(plugin, Some(Scope::Build));
        }
    }

    fn dependencies(&mut self, of: Element<'_>, scope: Option<Scope>) {
        let all = of.child("dependencies").into_iter().flat_map(Element::children);
        for dependency in all.filter(|it| it.name() == "dependency") {
            self.component(dependency, scope);
        }
    }

    fn component(&mut self, element: Element<'_>, scope: Option<Scope>) {
        let is_plugin = element.name() == "plugin";
        let Some(artifact) = element.child_text("artifactId") else {
            let start = element.span().range().start;
            let reason = format!("`{}` without `artifactId`", element.name());
            let span = Span::new(start, start);
            return self.parsed.problems.push(Problem { span, reason, whole_file: false });
        };
        let group = element.child_text("groupId").map(|it| it.value().into_owned());
        let group = group.or_else(|| is_plugin.then(|| "org.apache.maven.plugins".to_owned()));
        let (Some(group), Some(name)) =
            (group.and_then(|it| self.model.text(&it)), self.model.text(&artifact.value()))
        else {
            let reason = format!("`{}` has a group or name that is not known", artifact.value());
            let problem = Problem { span: artifact.span, reason, whole_file: false };
            return self.parsed.problems.push(problem);
        };
        let full_name = format!("{group}:{name}");
        let mut component = Component::new(Ecosystem::MAVEN, full_name, artifact.span);
        component.reach = Reach::Direct;
        component.scope = Some(scope.unwrap_or_else(|| scope_of(element)));
        component.source = source_of(element);
        self.version(&mut component, element.child_text("version"));
        self.parsed.components.push(component);
    }

    fn version(&self, component: &mut Component, written: Option<Text<'_>>) {
        let own = written.map(|it| Placed {
            value: it.value().into_owned(),
            origin: Origin { file: None, span: it.span },
        });
        let found = match &own {
            Some(own) => self.model.properties.resolve(own),
            None => self.model.managed.get(&component.name).cloned(),
        };
        component.version_span = written.map(|it| it.span);
        let Some(found) = found else {
            component.requirement = own.map(|it| it.value);
            return;
        };
        let requirement = Requirement::parse(Syntax::Maven, &found.value).ok();
        let fixed = requirement.as_ref().and_then(|it| it.exact().or_else(|| it.selected()));
        found.put_into(component, fixed);
    }
}

fn scope_of(dependency: Element<'_>) -> Scope {
    if dependency.child_text("optional").is_some_and(|it| it.raw == "true") {
        return Scope::Optional;
    }
    match dependency.child_text("scope").map(|it| it.raw) {
        Some("test") => Scope::Dev,
        // What is provided runs with the project, too.
        _ => Scope::Runtime,
    }
}

fn source_of(dependency: Element<'_>) -> Source {
    match dependency.child_text("scope").map(|it| it.raw) {
        Some("system") => {
            let path = dependency.child_text("systemPath").map(|it| it.value().into_owned());
            Source::Path { path }
        }
        _ => Source::PublicRegistry,
    }
}
