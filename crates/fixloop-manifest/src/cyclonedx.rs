//! Reads CycloneDX bills of materials in JSON, versions 1.2 to 1.7.
//!
//! Format: <https://cyclonedx.org/specification/overview/>. A component is what its package URL says; a library without one is a
//! problem, since no advisory can be looked up for it. Of a distribution's package the name is the source package's (`upstream`),
//! which is what advisories name, and the installed one is its alias. `scope` is read as `required` runtime, `optional`, and
//! `excluded` (present only for building or testing) dev.
//!
//! What the file does not tell: scope where it is left out, and reach where `dependencies` do not lead from the described product
//! to the component.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use fixloop_model::{Component, Parsed, Problem, Reach, Scope, Span};

use crate::graph;
use crate::json;
use crate::purl::Purl;
use crate::tree::{Text, Value};

const VERSIONS: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// Whether the text is a CycloneDX document, by its opening.
pub fn is_cyclonedx(text: &str) -> bool {
    const OPENING: usize = 4096;
    let end = text.char_indices().nth(OPENING).map_or(text.len(), |(at, _)| at);
    let opening = &text[..end];
    opening.trim_start_matches('\u{feff}').trim_start().starts_with('{')
        && opening.contains("\"bomFormat\"")
        && opening.contains("\"CycloneDX\"")
}

pub fn parse(text: &str) -> Parsed {
    let document = json::parse(text);
    let mut reader = Reader::default();
    match document.root() {
        Some(root) => reader.document(root),
        None => reader.whole(Span::new(0, 0), "no JSON object".to_owned()),
    }
    let mut problems = reader.problems;
    let components = reader.components;
    problems.extend(document.into_problems());
    Parsed { components, problems }
}

#[derive(Default)]
struct Reader<'d> {
    components: Vec<Component>,
    problems: Vec<Problem>,
    /// Of each `bom-ref`, its node in the dependency graph.
    nodes: HashMap<Cow<'d, str>, usize>,
    /// Of each node, the component it stands for.
    component_of_node: Vec<Option<usize>>,
}

impl<'d> Reader<'d> {
    fn document(&mut self, root: Value<'d>) {
        let is_named = root.get_text("bomFormat").is_some_and(|it| it.value() == "CycloneDX");
        if !is_named {
            return self
                .whole(root.span(), "no CycloneDX document: `bomFormat` is missing".to_owned());
        }
        let version = root.get_text("specVersion");
        match version {
            Some(version) if VERSIONS.contains(&version.raw) => {}
            Some(version) => {
                let reason = format!("CycloneDX version `{}` is not known", version.value());
                return self.whole(version.span, reason);
            }
            None => self.problem(root.span(), "`specVersion` is missing".to_owned()),
        }
        let described = root.get("metadata").and_then(|it| it.get("component"));
        if let Some(described) = described {
            self.add_all(vec![described], true);
        }
        if let Some(components) = root.get("components") {
            let mut components: Vec<_> = components.items().collect();
            components.reverse();
            self.add_all(components, false);
        }
        let described = described.and_then(|it| it.get_text("bom-ref"));
        if let (Some(described), Some(dependencies)) = (described, root.get("dependencies")) {
            self.trace(described, dependencies);
        }
    }

    /// Adds components and those nested in them; `pending` is a stack.
    fn add_all(&mut self, mut pending: Vec<Value<'d>>, mut is_root: bool) {
        while let Some(value) = pending.pop() {
            let index = self.add(value, is_root);
            is_root = false;
            if let Some(reference) = value.get_text("bom-ref") {
                let node = self.node(reference.value());
                self.component_of_node[node] = self.component_of_node[node].or(index);
            }
            if let Some(nested) = value.get("components") {
                let at = pending.len();
                pending.extend(nested.items());
                pending[at..].reverse();
            }
        }
    }

    fn node(&mut self, reference: Cow<'d, str>) -> usize {
        let next = self.component_of_node.len();
        let node = *self.nodes.entry(reference).or_insert(next);
        if node == next {
            self.component_of_node.push(None);
        }
        node
    }

    /// Adds one component and gives its place.
    fn add(&mut self, value: Value<'d>, is_root: bool) -> Option<usize> {
        let Some(text) = value.get_text("purl") else {
            let kind = value.get_text("type").map(Text::value);
            // Files, systems and the like are not in any registry.
            let is_package = matches!(kind.as_deref(), None | Some("library" | "framework"));
            if is_package && !is_root {
                let (span, name) = match value.get_text("name") {
                    Some(name) => (name.span, name.value()),
                    None => (value.span(), Cow::Borrowed("")),
                };
                self.problem(span, format!("the component `{name}` has no package URL"));
            }
            return None;
        };
        let written = text.value();
        let Some(purl) = Purl::parse(&written) else {
            self.problem(text.span, format!("`{written}` is no package URL"));
            return None;
        };
        let place = |range: std::ops::Range<usize>| place(text, range);
        let scope = value.get_text("scope").and_then(|it| match &*it.value() {
            "required" => Some(Scope::Runtime),
            "optional" => Some(Scope::Optional),
            "excluded" => Some(Scope::Dev),
            _ => None,
        });
        let (package, source) = purl.package();
        let (version, version_span) = match (package.version, package.version_range) {
            (Some(version), Some(range)) => (Some(version), Some(place(range))),
            _ => match value.get_text("version").filter(|it| !it.raw.is_empty()) {
                Some(version) => (Some(version.value().into_owned()), Some(version.span)),
                None => (None, None),
            },
        };
        self.components.push(Component {
            version,
            source,
            alias: package.alias,
            reach: if is_root { Reach::Root } else { Reach::Unknown },
            scope,
            version_span,
            ..Component::new(package.ecosystem, package.name, place(package.name_range))
        });
        Some(self.components.len() - 1)
    }

    /// Finds out who brought each component, from the described product's dependencies.
    fn trace(&mut self, described: Text<'d>, dependencies: Value<'d>) {
        let root = self.node(described.value());
        let mut edges: Vec<Vec<usize>> = Vec::new();
        for entry in dependencies.items() {
            let Some(reference) = entry.get_text("ref") else { continue };
            let from = self.node(reference.value());
            let needed =
                entry.get("dependsOn").into_iter().flat_map(Value::items).filter_map(Value::text);
            let needed: Vec<usize> = needed.map(|it| self.node(it.value())).collect();
            edges.resize(self.component_of_node.len(), Vec::new());
            edges[from].extend(needed);
        }
        let n_nodes = self.component_of_node.len();
        edges.resize(n_nodes, Vec::new());
        let via = graph::shortest_paths(n_nodes, [root], |from, out| out.extend(&edges[from]));
        let bringers = self.nearest_components(root, &via);
        for (node, bringer) in bringers.into_iter().enumerate() {
            let (Some(component), Some(bringer)) = (self.component_of_node[node], bringer) else {
                continue;
            };
            if self.components[component].reach == Reach::Unknown {
                self.components[component].reach = match bringer {
                    Bringer::Product => Reach::Direct,
                    Bringer::Component(via) => Reach::Transitive { via: u32::try_from(via).ok() },
                };
            }
        }
    }

    /// The closest component before each node on its path; nodes that are no components (a lockfile, say) are passed through.
    fn nearest_components(&self, root: usize, via: &[Option<u32>]) -> Vec<Option<Bringer>> {
        let mut bringers: Vec<Option<Bringer>> = vec![None; via.len()];
        let mut path = Vec::new();
        for start in 0..via.len() {
            let mut at = start;
            let found = loop {
                if bringers[at].is_some() {
                    break bringers[at];
                }
                let Some(before) = via[at] else { break None };
                path.push(at);
                at = before as usize;
                match self.component_of_node[at] {
                    _ if at == root => break Some(Bringer::Product),
                    Some(component) => break Some(Bringer::Component(component)),
                    None => {}
                }
            };
            for node in path.drain(..) {
                bringers[node] = found;
            }
        }
        bringers
    }

    fn problem(&mut self, span: Span, reason: String) {
        self.problems.push(Problem { span, reason, whole_file: false });
    }

    fn whole(&mut self, span: Span, reason: String) {
        self.problems.push(Problem { span, reason, whole_file: true });
    }
}

#[derive(Clone, Copy, Debug)]
enum Bringer {
    Product,
    Component(usize),
}

/// A range of the package URL in the file; the whole URL where an escape before its end keeps the two apart.
fn place(text: Text<'_>, range: std::ops::Range<usize>) -> Span {
    let before_end = text.raw.as_bytes().iter().take(range.end);
    if before_end.clone().any(|byte| *byte == b'\\') {
        return text.span;
    }
    let start = text.span.start as usize;
    Span::new(start + range.start, start + range.end)
}
