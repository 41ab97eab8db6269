//! Reads `pnpm-lock.yaml`, lockfile versions 5.0 to 9.0.
//!
//! Format: <https://github.com/pnpm/spec/tree/master/lockfile>. A package that is there once per set of peers is one component. What
//! the importers (the project and its workspace) name is direct, with its scope; the rest follows from who needs whom, except that
//! versions 5 and 6 say themselves what is only for development.
//!
//! What the file does not tell: which registry a package came from, unless it has a tarball of its own; that counts as the public one.

mod key;
mod remembered;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};
use foldhash::fast::RandomState;

use crate::excerpt::excerpt;
use crate::graph::tell_reaches;
use crate::npm_source::source_of_address;
use crate::registry::without_credentials;
use crate::tree::{Text, Value};
use crate::yaml;
use key::{Key, Style, without_peers};

pub(crate) use remembered::Remembered;

const GROUPS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Runtime),
    ("optionalDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
];

pub fn parse(text: &str) -> Parsed {
    let document = yaml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        match style(root) {
            Ok(style) => Reader::new(style, &mut parsed).read(root),
            Err(problem) => parsed.problems.push(problem),
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn style(root: Value<'_>) -> Result<Style, Problem> {
    let whole = |span, reason| Problem { span, reason, whole_file: true };
    let Some(version) = root.get("lockfileVersion") else {
        return Err(whole(root.span(), "lockfile without `lockfileVersion`".to_owned()));
    };
    let written = version.text().map(|it| it.raw).or_else(|| version.literal()).unwrap_or("");
    match written.split('.').next().unwrap_or("") {
        "5" => Ok(Style::Slashes),
        "6" | "9" => Ok(Style::At),
        _ => {
            let reason = format!("lockfile version `{}` is not known", excerpt(written));
            Err(whole(version.span(), reason))
        }
    }
}

struct Reader<'r, 'd> {
    style: Style,
    parsed: &'r mut Parsed,
    /// By key as written, and without peers.
    by_key: HashMap<&'d str, usize, RandomState>,
    /// By name and version, which peers do not change.
    by_package: HashMap<(String, Option<String>), usize, RandomState>,
    edges: Vec<Vec<usize>>,
}

impl<'r, 'd> Reader<'r, 'd> {
    fn new(style: Style, parsed: &'r mut Parsed) -> Self {
        let (by_key, by_package) = (HashMap::default(), HashMap::default());
        Self { style, parsed, by_key, by_package, edges: Vec::new() }
    }

    fn read(mut self, root: Value<'d>) {
        let packages = root.get("packages").into_iter().flat_map(Value::entries);
        let packages: Vec<_> = packages.collect();
        for (key, entry) in &packages {
            self.package(*key, *entry);
        }
        let snapshots = root.get("snapshots").into_iter().flat_map(Value::entries);
        for (key, entry) in packages.into_iter().chain(snapshots) {
            self.needs(key, entry);
        }
        let mut roots = Vec::new();
        match root.get("importers") {
            Some(importers) => importers.entries().for_each(|(_, it)| self.named(it, &mut roots)),
            None => self.named(root, &mut roots),
        }
        tell_reaches(&mut self.parsed.components, &roots, &self.edges);
    }

    fn package(&mut self, text: Text<'d>, entry: Value<'d>) {
        let Some(key) = Key::parse(self.style, text.raw) else {
            let reason = format!("`{}` is no package", excerpt(text.raw));
            return self.parsed.problems.push(Problem {
                span: text.span,
                reason,
                whole_file: false,
            });
        };
        let component = component(text, &key, entry);
        let package = (component.name.clone(), component.version.clone());
        let next = self.parsed.components.len();
        let index = *self.by_package.entry(package).or_insert(next);
        if index == next {
            self.parsed.components.push(component);
            self.edges.push(Vec::new());
        }
        self.by_key.insert(text.raw, index);
        self.by_key.entry(without_peers(self.style, text.raw)).or_insert(index);
    }

    /// Adds what the package of this key needs.
    fn needs(&mut self, key: Text<'d>, entry: Value<'d>) {
        let Some(from) = self.find(key.raw) else { return };
        for group in ["dependencies", "optionalDependencies"] {
            for (name, version) in entry.get(group).into_iter().flat_map(Value::entries) {
                let to = scalar(version).and_then(|version| self.resolve(name.raw, version));
                self.edges[from].extend(to);
            }
        }
    }

    /// Adds what an importer names, with its scopes.
    fn named(&self, importer: Value<'d>, roots: &mut Vec<(usize, Option<Scope>)>) {
        for (group, scope) in GROUPS {
            for (name, value) in importer.get(group).into_iter().flat_map(Value::entries) {
                let version = value.get("version").and_then(scalar).or_else(|| scalar(value));
                let found = version.and_then(|version| self.resolve(name.raw, version));
                roots.extend(found.map(|it| (it, Some(*scope))));
            }
        }
    }

    fn find(&self, key: &str) -> Option<usize> {
        let found = self.by_key.get(key);
        found.or_else(|| self.by_key.get(without_peers(self.style, key))).copied()
    }

    /// The package that `name: version` means: a version, a key of its own, or a link to a workspace member, which is none.
    fn resolve(&self, name: &str, version: &str) -> Option<usize> {
        let by_name = match self.style {
            Style::Slashes => self.find(&format!("/{name}/{version}")),
            Style::At => self
                .find(&format!("{name}@{version}"))
                .or_else(|| self.find(&format!("/{name}@{version}"))),
        };
        by_name.or_else(|| self.find(version))
    }
}

/// A text, or a number that YAML takes for one.
fn scalar(value: Value<'_>) -> Option<&str> {
    value.text().map(|it| it.raw).or_else(|| value.literal())
}

fn component(text: Text<'_>, key: &Key<'_>, entry: Value<'_>) -> Component {
    let at = |part: &str, offset: usize| {
        let start = text.span.start as usize + offset;
        Span::new(start, start + part.len())
    };
    // An entry that is no registry's package says itself what it is.
    let own_name = entry.get_text("name");
    let (name, name_span) = match own_name {
        Some(name) => (name.raw, name.span),
        None => (key.name, at(key.name, key.name_at)),
    };
    let mut component = Component::new(Ecosystem::NPM, name, name_span);
    let own_version = entry.get("version").filter(|_| key.version.is_none());
    if let Some((version, offset)) = key.version {
        component.version = Some(version.to_owned());
        component.version_span = Some(at(version, offset));
    } else if let Some((version, value)) = own_version.and_then(|it| Some((scalar(it)?, it))) {
        component.version = Some(version.to_owned());
        component.version_span = Some(value.span());
    }
    component.source = source(key, entry);
    let is_set = |flag| entry.get(flag).is_some_and(Value::is_true);
    component.scope = match (is_set("dev"), is_set("optional")) {
        (true, _) => Some(Scope::Dev),
        (false, true) => Some(Scope::Optional),
        // Only versions 5 and 6 say `dev: false`.
        (false, false) => entry.get("dev").map(|_| Scope::Runtime),
    };
    component
}

fn source(key: &Key<'_>, entry: Value<'_>) -> Source {
    let of_resolution = |name: &str| entry.get("resolution")?.get(name).and_then(scalar);
    if let Some(url) = of_resolution("repo") {
        return Source::Git { url: without_credentials(url) };
    }
    if let Some(folder) = of_resolution("directory") {
        return Source::Path { path: Some(folder.to_owned()) };
    }
    match (of_resolution("tarball"), key.host) {
        (Some(tarball), _) => source_of_address(tarball),
        (None, Some(host)) => source_of_address(&format!("https://{host}/-/")),
        (None, None) if key.version.is_none() => source_of_address(key.rest),
        (None, None) => Source::PublicRegistry,
    }
}
