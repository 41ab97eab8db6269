//! Reads `package.json`.
//!
//! Format: <https://docs.npmjs.com/cli/configuring-npm/package-json>; `resolutions` are yarn's, `pnpm.overrides` and `catalog:` are
//! pnpm's. A catalog's requirement stands in the `pnpm-workspace.yaml` above and is declared there. Overrides fix versions of packages
//! that others need, so how those got in is not known. Peer dependencies are left out: whoever installs the package brings them, and
//! names them as dependencies.
//!
//! What the file does not tell: which version is used, unless the requirement names one, and which registry; that counts as public.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use fixloop_model::{
    Component, Declaration, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span,
};
use fixloop_version::Syntax;

use crate::beside::{Beside, Neighbor};
use crate::npm_source::source_of_address;
use crate::registry::without_credentials;
use crate::required::require;
use crate::tree::{Document, Text, Value};
use crate::{json, yaml};

const TABLES: &[(&str, Scope)] = &[
    ("dependencies", Scope::Runtime),
    ("devDependencies", Scope::Dev),
    ("optionalDependencies", Scope::Optional),
];

/// Overrides nest as deep as dependencies do; nobody writes more levels than these.
const MAX_NESTING: usize = 16;

/// Reads one manifest of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one manifest with the catalogs of the workspace it may belong to.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = json::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        // Most manifests have no catalog, and the workspace file is read only for those that do.
        let workspace =
            text.contains("\"catalog:").then(|| beside.upwards("pnpm-workspace.yaml").next());
        let catalogs = workspace.flatten().map(Catalogs::new);
        let catalogs = catalogs.as_ref().map(Catalogs::read);
        let mut reader = Reader { catalogs, parsed: &mut parsed };
        for (table, scope) in TABLES {
            for (name, value) in root.get(table).into_iter().flat_map(Value::entries) {
                reader.dependency(name, value, *scope);
            }
        }
        let of_pnpm = root.get("pnpm").and_then(|it| it.get("overrides"));
        for table in [root.get("overrides"), root.get("resolutions"), of_pnpm].into_iter().flatten()
        {
            reader.overrides(table);
        }
    } else {
        let reason = "no JSON object".to_owned();
        parsed.problems.push(Problem { span: Span::new(0, 0), reason, whole_file: true });
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// The workspace file with its catalogs.
struct Catalogs(Neighbor);

struct ReadCatalogs<'a> {
    path: &'a str,
    document: Document<'a>,
}

impl Catalogs {
    fn new(neighbor: Neighbor) -> Self {
        Self(neighbor)
    }

    fn read(&self) -> ReadCatalogs<'_> {
        ReadCatalogs { path: &self.0.path, document: yaml::parse(&self.0.text) }
    }
}

impl ReadCatalogs<'_> {
    /// What the catalog of this name (the default one if empty) requires of a package.
    fn requirement(&self, catalog: &str, package: &str) -> Option<(Cow<'_, str>, Span)> {
        let root = self.document.root()?;
        let of_name = |name: &str| root.get("catalogs").and_then(|it| it.get(name));
        let table = match catalog {
            "" | "default" => root.get("catalog").or_else(|| of_name("default")),
            name => of_name(name),
        };
        let value = table?.get(package)?;
        let text = value.text().map(Text::value).or_else(|| value.literal().map(Cow::Borrowed));
        Some((text?, value.span()))
    }
}

struct Reader<'r> {
    catalogs: Option<ReadCatalogs<'r>>,
    parsed: &'r mut Parsed,
}

impl Reader<'_> {
    fn dependency(&mut self, name: Text<'_>, value: Value<'_>, scope: Scope) {
        let Some(written) = value.text() else {
            let reason = format!("the requirement of `{}` is no text", name.value());
            let span = name.span;
            return self.parsed.problems.push(Problem { span, reason, whole_file: false });
        };
        let component = Component::new(Ecosystem::NPM, name.value(), name.span);
        let component = Component { reach: Reach::Direct, scope: Some(scope), ..component };
        let component = self.required(component, written);
        self.parsed.components.push(component);
    }

    /// Overrides by package, below the packages that they hold for.
    fn overrides(&mut self, table: Value<'_>) {
        let mut pending: Vec<(Value<'_>, usize)> = vec![(table, 0)];
        while let Some((table, depth)) = pending.pop() {
            for (key, value) in table.entries() {
                if value.is_object() && depth < MAX_NESTING {
                    pending.push((value, depth + 1));
                } else if let (Some(written), Some((name, span))) = (value.text(), overridden(key))
                {
                    // `$name` is the requirement that the project itself has.
                    if !written.raw.starts_with('$') {
                        let component = Component::new(Ecosystem::NPM, name, span);
                        let component = self.required(component, written);
                        self.parsed.components.push(component);
                    }
                }
            }
        }
    }

    /// The component with what `written` says of it: a requirement, or where it comes from.
    fn required(&self, mut component: Component, written: Text<'_>) -> Component {
        let value = written.value();
        let (protocol, rest) = value.split_once(':').unwrap_or(("", &value));
        let path = || Source::Path { path: Some(rest.to_owned()) };
        let source = match protocol {
            "workspace" => Source::Workspace,
            "file" | "link" | "portal" => path(),
            "npm" => return aliased(component, written, rest),
            "catalog" => return self.catalogued(component, written, rest),
            "github" | "gitlab" | "bitbucket" | "gist" => Source::Git { url: value.into_owned() },
            "http" | "https" | "git" | "ssh" => source_of_address(&value),
            other if other.starts_with("git") || other.contains('@') => {
                Source::Git { url: without_credentials(&value) }
            }
            _ if is_repository(&value) => Source::Git { url: format!("github:{value}") },
            _ => {
                component.source = Source::PublicRegistry;
                require(&mut component, Syntax::Npm, &value, written.span);
                return component;
            }
        };
        component.source = source;
        component.requirement = Some(written.value().into_owned());
        component.version_span = Some(written.span);
        component
    }

    fn catalogued(&self, mut component: Component, written: Text<'_>, name: &str) -> Component {
        component.source = Source::PublicRegistry;
        component.version_span = Some(written.span);
        let catalogs = self.catalogs.as_ref();
        let found = catalogs.and_then(|it| it.requirement(name, &component.name));
        match (found, catalogs) {
            (Some((requirement, span)), Some(catalogs)) => {
                require(&mut component, Syntax::Npm, &requirement, span);
                let span = component.version_span.unwrap_or(span);
                component.version_span = Some(written.span);
                component.declared = Some(Declaration { path: catalogs.path.to_owned(), span });
            }
            _ => component.requirement = Some(written.value().into_owned()),
        }
        component
    }
}

/// `npm:other@^1.0.0`: another package under this name.
fn aliased(mut component: Component, written: Text<'_>, target: &str) -> Component {
    let at = target.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at);
    let name = &target[..at.unwrap_or(target.len())];
    let is_as_written = written.span.range().len() == "npm:".len() + target.len();
    let start = written.span.start as usize + "npm:".len();
    let alias = std::mem::replace(&mut component.name, name.to_owned());
    component.alias = Some(alias);
    component.source = Source::PublicRegistry;
    component.name_span =
        if is_as_written { Span::new(start, start + name.len()) } else { written.span };
    if let Some(at) = at {
        let requirement = &target[at + 1..];
        let from = start + at + 1;
        let span = Span::new(from, from + requirement.len());
        require(
            &mut component,
            Syntax::Npm,
            requirement,
            if is_as_written { span } else { written.span },
        );
    }
    component
}

/// `owner/name`, with a branch behind `#`: GitHub's.
fn is_repository(value: &str) -> bool {
    let repository = value.split('#').next().unwrap_or("");
    let is_part = |it: &str| {
        !it.is_empty()
            && it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
    };
    repository.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name))
}

/// The package that an override is about: `a`, `a@^1`, `parent/a`, `**/a`, `parent>a`; `None` for what is no name.
fn overridden(key: Text<'_>) -> Option<(&str, Span)> {
    let raw = key.raw;
    let last = raw.rfind('>').map_or(0, |at| at + 1);
    let tail = &raw[last..];
    // The last part of a path, with its scope.
    let mut slashes = tail.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
    let mut start = slashes.pop().map_or(0, |at| at + 1);
    let before = slashes.pop().map_or(0, |at| at + 1);
    if start > 0 && tail[before..].starts_with('@') {
        start = before;
    }
    let name = &tail[start..];
    let end =
        name.char_indices().skip(1).find(|(_, it)| *it == '@').map_or(name.len(), |(at, _)| at);
    let name = &name[..end];
    let from = key.span.start as usize + last + start;
    (!name.is_empty() && name != ".").then_some((name, Span::new(from, from + name.len())))
}
