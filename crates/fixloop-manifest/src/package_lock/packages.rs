//! Versions 2 and 3: one flat object, from the folder of a package to what lies there.

use std::borrow::Cow;

use fixloop_model::{Component, Ecosystem, Problem, Reach, Source, Span};

use super::folders::Folders;
use super::{
    is_address, is_set, scope, source_of_address, source_of_resolved, span_of_tail, version,
};
use crate::graph;
use crate::tree::{Text, Value};

const MODULES: &str = "node_modules/";

/// An entry, and the folder its dependencies are searched from.
struct Package<'d> {
    entry: Value<'d>,
    folder: u32,
}

pub(super) fn read(packages: Value<'_>, problems: &mut Vec<Problem>) -> Vec<Component> {
    let entries: Vec<(Text, Cow<str>, Value)> =
        packages.entries().map(|(key, entry)| (key, key.value(), entry)).collect();
    let mut folders = Folders::new();
    let mut components = Vec::with_capacity(entries.len());
    let mut read = Vec::with_capacity(entries.len());
    let mut links = Vec::new();
    let mut project = None;
    for (key, path, entry) in &entries {
        let folder = folders.add(path);
        let package = Package { entry: *entry, folder };
        if path.is_empty() {
            project = Some(package);
            continue;
        }
        if is_set(*entry, "link") {
            links.extend(entry.get_text("resolved").map(|target| (folder, target)));
            continue;
        }
        match component(*key, path, *entry) {
            Ok(component) => {
                folders.place(folder, components.len());
                components.push(component);
                read.push(package);
            }
            Err(problem) => problems.push(problem),
        }
    }
    for (folder, target) in links {
        folders.link(folder, &target.value());
    }
    set_reaches(&mut components, project.as_ref(), &read, &folders);
    components
}

/// The component of one entry, with [`Reach::Root`] for a workspace member and [`Reach::Unknown`] for any other.
pub(super) fn component(key: Text<'_>, path: &str, entry: Value<'_>) -> Result<Component, Problem> {
    let version = version(key, entry)?;
    let version_value = version.map(Text::value);
    let is_member = !path.starts_with(MODULES) && !path.contains("/node_modules/");
    let (name, alias, name_span) = name(key, path, entry, is_member);
    let address = version_value.as_deref().filter(|it| is_address(it));
    let source = match address {
        _ if is_member => Source::Workspace,
        Some(address) => source_of_address(address),
        None => source_of_resolved(entry),
    };
    let has_version = address.is_none();
    Ok(Component {
        version: version_value.as_deref().filter(|_| has_version).map(str::to_owned),
        source,
        alias,
        reach: if is_member { Reach::Root } else { Reach::Unknown },
        scope: (!is_member).then(|| scope(entry)),
        version_span: version.filter(|_| has_version).map(|it| it.span),
        ..Component::new(Ecosystem::NPM, name, name_span)
    })
}

/// Name, alias and the name's place: npm writes `name` where the folder is called otherwise.
fn name(
    key: Text<'_>,
    path: &str,
    entry: Value<'_>,
    is_member: bool,
) -> (String, Option<String>, Span) {
    let last = if is_member { path.rsplit('/').next() } else { path.rsplit(MODULES).next() };
    let folder = last.unwrap_or(path);
    let written = entry.get_text("name").map(|it| (it.value(), it.span));
    match written.filter(|(name, _)| name != folder) {
        Some((name, span)) => (name.into_owned(), (!is_member).then(|| folder.to_owned()), span),
        None => (folder.to_owned(), None, span_of_tail(key, folder.len())),
    }
}

/// Direct is what the project or a workspace member depends on; everything else was brought by one of those.
fn set_reaches(
    components: &mut [Component],
    project: Option<&Package<'_>>,
    packages: &[Package<'_>],
    folders: &Folders<'_>,
) {
    let is_member: Vec<bool> = components.iter().map(|it| it.reach == Reach::Root).collect();
    let members = packages.iter().zip(&is_member).filter(|(_, is_member)| **is_member);
    let mut is_direct = vec![false; components.len()];
    for package in project.into_iter().chain(members.map(|(package, _)| package)) {
        for direct in dependencies(package, folders, true).filter(|it| !is_member[*it]) {
            is_direct[direct] = true;
        }
    }
    let direct = (0..components.len()).filter(|it| is_direct[*it]);
    let via = graph::shortest_paths(components.len(), direct, |from, next| {
        next.extend(dependencies(&packages[from], folders, false));
    });
    for (index, (component, via)) in components.iter_mut().zip(via).enumerate() {
        component.reach = match component.reach {
            Reach::Root => Reach::Root,
            _ if is_direct[index] => Reach::Direct,
            _ => Reach::Transitive { via },
        };
    }
}

/// The components that the package's dependencies resolve to; those that are not installed have none.
fn dependencies(
    package: &Package<'_>,
    folders: &Folders<'_>,
    with_dev: bool,
) -> impl Iterator<Item = usize> {
    let needed = needed(package.entry, with_dev);
    needed.filter_map(|name| folders.resolve(package.folder, &name.value()))
}

/// The names of an entry's dependencies.
pub(super) fn needed(entry: Value<'_>, with_dev: bool) -> impl Iterator<Item = Text<'_>> {
    let groups = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];
    let n_groups = if with_dev { groups.len() } else { groups.len() - 1 };
    let groups = groups.into_iter().take(n_groups);
    groups.filter_map(move |it| entry.get(it)).flat_map(Value::entries).map(|(name, _)| name)
}
