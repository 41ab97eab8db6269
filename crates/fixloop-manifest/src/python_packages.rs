//! What the lockfiles of Python's tools share: a list of packages, who needs whom by name, and what the project asks for.

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span, normalize_name};

use crate::graph::tell_reaches;
use crate::registry::source_of_registry_url;
use crate::tree::{Text, Value};

/// Versions of one package in one lockfile, for different environments. Real ones have five at most.
const MAX_VERSIONS: usize = 64;

/// One package of a lockfile with the names that it needs.
pub(crate) struct Package {
    pub(crate) component: Component,
    /// Normalized, with the version where the file names one of several.
    pub(crate) needs: Vec<(String, Option<String>)>,
}

/// What the project itself names.
pub(crate) struct Asked {
    /// As in [`Package::needs`].
    pub(crate) package: (String, Option<String>),
    pub(crate) scope: Option<Scope>,
}

impl Asked {
    pub(crate) fn new(name: &str, scope: Option<Scope>) -> Self {
        Self { package: (normalized(name), None), scope }
    }
}

pub(crate) fn normalized(name: &str) -> String {
    normalize_name(Ecosystem::PYPI.as_str(), name).into_owned()
}

/// Name and version of a package's table, or what is missing of them.
fn named(table: Value<'_>, needs_version: bool) -> Result<Component, Problem> {
    let problem =
        |span: Span, reason: &str| Problem { span, reason: reason.to_owned(), whole_file: false };
    let start = table.span().range().start;
    let name = table
        .get_text("name")
        .filter(|it| !it.raw.is_empty())
        .ok_or_else(|| problem(Span::new(start, start), "package without `name`"))?;
    let version = table.get_text("version");
    if version.is_none() && needs_version {
        return Err(problem(name.span, "package without `version`"));
    }
    Ok(Component {
        version: version.map(|it| it.value().into_owned()),
        version_span: version.map(|it| it.span),
        ..Component::new(Ecosystem::PYPI, name.value(), name.span)
    })
}

/// Reads every table of a list into a package; one without a name, or without a version where it needs one, is a problem.
pub(crate) fn read(
    list: Option<Value<'_>>,
    needs_version: bool,
    mut package: impl FnMut(Component, Value<'_>) -> Package,
    parsed: &mut Parsed,
) -> Vec<Package> {
    let mut packages = Vec::new();
    for table in list.into_iter().flat_map(Value::items) {
        match named(table, needs_version) {
            Ok(component) => packages.push(package(component, table)),
            Err(problem) => parsed.problems.push(problem),
        }
    }
    packages
}

/// Adds the packages to `parsed`, one per name, version and source, and tells each how it got there.
///
pub(crate) fn tell(packages: Vec<Package>, direct: &[Asked], parsed: &mut Parsed) {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(packages.len());
    let mut by_version: HashMap<(String, Option<String>), Vec<usize>> = HashMap::new();
    let mut same: HashMap<(String, Option<String>, Source), usize> = HashMap::new();
    let mut edges_by_name = Vec::with_capacity(packages.len());
    let mut components: Vec<Component> = Vec::with_capacity(packages.len());
    for Package { component, needs } in packages {
        let (name, version) = (normalized(&component.name), component.version.clone());
        let next = components.len();
        // The same package once per extra.
        let identity = (name.clone(), version.clone(), component.source.clone());
        let index = *same.entry(identity).or_insert(next);
        if index == next {
            by_name.entry(name.clone()).or_default().push(index);
            by_version.entry((name, version)).or_default().push(index);
            components.push(component);
            edges_by_name.push(needs);
        } else {
            edges_by_name[index].extend(needs);
        }
    }
    let find = |package: &(String, Option<String>)| -> Vec<usize> {
        let found = match &package.1 {
            Some(_) => by_version.get(package),
            None => by_name.get(&package.0),
        };
        let found = found.map_or(&[][..], Vec::as_slice);
        // Between so many nobody can tell which is meant.
        if found.len() > MAX_VERSIONS { Vec::new() } else { found.to_vec() }
    };
    let edges: Vec<Vec<usize>> =
        edges_by_name.iter().map(|needs| needs.iter().flat_map(find).collect()).collect();
    let mut roots: Vec<(usize, Option<Scope>)> = Vec::new();
    for it in direct {
        roots.extend(find(&it.package).into_iter().map(|index| (index, it.scope)));
    }
    tell_reaches(&mut components, &roots, &edges);
    parsed.components.append(&mut components);
}

/// Names of a list of tables, with the version where there are several.
pub(crate) fn names_in(list: Option<Value<'_>>) -> Vec<(String, Option<String>)> {
    let tables = list.into_iter().flat_map(Value::items);
    tables
        .filter_map(|it| {
            let version = it.get_text("version").map(|it| it.value().into_owned());
            Some((normalized(&it.get_text("name")?.value()), version))
        })
        .collect()
}

/// The whole text is no such lockfile.
pub(crate) fn no_lockfile(reason: &str) -> Problem {
    Problem { span: Span::default(), reason: reason.to_owned(), whole_file: true }
}

/// The name at the start of a dependency specifier, normalized.
pub(crate) fn name_of_specifier(text: Text<'_>) -> Option<String> {
    let value = text.value();
    let dependency = fixloop_version::pep508::parse(&value).ok()?;
    Some(normalized(&value[dependency.name]))
}

/// A path as the source.
pub(crate) fn path(text: Text<'_>) -> Source {
    Source::Path { path: Some(text.value().into_owned()) }
}

/// The indexes that a file names, for packages that name one of them.
pub(crate) struct Registries(Vec<(String, Source)>);

impl Registries {
    /// Tables with `name` and `url`; one without an address is the public index.
    pub(crate) fn of(tables: Option<Value<'_>>) -> Self {
        let named = |it: Value<'_>| {
            let source = match it.get_text("url") {
                Some(url) => source_of_registry_url(&Ecosystem::PYPI, &url.value()),
                None => Source::PublicRegistry,
            };
            Some((it.get_text("name")?.value().into_owned(), source))
        };
        Self(tables.into_iter().flat_map(Value::items).filter_map(named).collect())
    }

    pub(crate) fn named(&self, name: &str) -> Source {
        let found = self.0.iter().find(|(it, _)| it == name);
        found.map_or(Source::Unknown, |(_, source)| source.clone())
    }

    /// Without a name the first index serves the package, and without any index the public one.
    pub(crate) fn of_index(&self, name: Option<Text<'_>>) -> Source {
        match name {
            Some(name) => self.named(&name.value()),
            None => self.0.first().map_or(Source::PublicRegistry, |(_, source)| source.clone()),
        }
    }
}
