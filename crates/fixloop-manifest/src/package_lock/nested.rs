//! Version 1: entries inside each other, as their folders are.

use std::borrow::Cow;

use fixloop_model::{Component, Ecosystem, Problem, Reach, Span};

use super::folders::Folders;
use super::{
    is_address, problem, scope, source_of_address, source_of_resolved, span_of_tail, version,
};
use crate::graph;
use crate::tree::{Text, Value};

/// One member of a `dependencies` object.
pub(super) struct Entry<'d> {
    key: Text<'d>,
    pub(super) name: Cow<'d, str>,
    pub(super) value: Value<'d>,
    /// The entry it lies in, by its place in the list of all.
    pub(super) parent: Option<usize>,
}

pub(super) fn read(
    root: Value<'_>,
    dependencies: Value<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Component> {
    let entries = entries(dependencies);
    let mut folders = Folders::new();
    let mut folder_of: Vec<u32> = Vec::with_capacity(entries.len());
    let mut components = Vec::with_capacity(entries.len());
    let mut read = Vec::with_capacity(entries.len());
    for entry in &entries {
        let parent = entry.parent.map_or(Folders::ROOT, |it| folder_of[it]);
        let folder = folders.add_installed(parent, &entry.name);
        folder_of.push(folder);
        match component(entry) {
            Ok(component) => {
                folders.place(folder, components.len());
                components.push(component);
                read.push((entry, folder));
            }
            Err(problem) => problems.push(problem),
        }
    }
    // The first npm 5 wrote no `requires` at all, and then a missing one says nothing.
    let tells_requires = root.get("requires").is_some()
        || entries.iter().any(|it| it.value.get("requires").is_some());
    set_reaches(&mut components, &read, &folders, tells_requires);
    components
}

/// All entries in the order of the text.
pub(super) fn entries(dependencies: Value<'_>) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = vec![(None, dependencies.entries())];
    while let Some((parent, members)) = open.last_mut() {
        let Some((key, value)) = members.next() else {
            open.pop();
            continue;
        };
        entries.push(Entry { key, name: key.value(), value, parent: *parent });
        if let Some(below) = value.get("dependencies") {
            open.push((Some(entries.len() - 1), below.entries()));
        }
    }
    entries
}

pub(super) fn component(entry: &Entry<'_>) -> Result<Component, Problem> {
    let mut component = Component {
        source: source_of_resolved(entry.value),
        reach: if entry.parent.is_some() {
            Reach::Transitive { via: None }
        } else {
            Reach::Unknown
        },
        scope: Some(scope(entry.value)),
        ..Component::new(Ecosystem::NPM, entry.name.clone(), entry.key.span)
    };
    let Some(written) = version(entry.key, entry.value)? else { return Ok(component) };
    let value = written.value();
    if let Some(target) = value.strip_prefix("npm:") {
        let Some((name, version)) = target.rsplit_once('@').filter(|(name, _)| !name.is_empty())
        else {
            return Err(problem(written.span, "expected `npm:name@version`"));
        };
        let name_start = span_of_tail(written, target.len()).start as usize;
        let version_span = span_of_tail(written, version.len());
        let is_plain = version_span != written.span;
        let name_span = Span::new(name_start, name_start + name.len());
        component.alias = Some(std::mem::replace(&mut component.name, name.to_owned()));
        component.name_span = if is_plain { name_span } else { written.span };
        component.version = Some(version.to_owned());
        component.version_span = Some(version_span);
    } else if is_address(&value) {
        component.source = source_of_address(&value);
    } else {
        component.version = Some(value.into_owned());
        component.version_span = Some(written.span);
    }
    Ok(component)
}

/// Direct is a top-level entry that no entry requires; a required one may be direct too, which this version does not tell.
fn set_reaches(
    components: &mut [Component],
    entries: &[(&Entry<'_>, u32)],
    folders: &Folders<'_>,
    tells_requires: bool,
) {
    if !tells_requires {
        return;
    }
    let requires = |index: usize| {
        let (entry, folder) = &entries[index];
        let required = entry.value.get("requires").into_iter().flat_map(Value::entries);
        required.filter_map(|(name, _)| folders.resolve(*folder, &name.value()))
    };
    let mut is_required = vec![false; components.len()];
    for index in 0..entries.len() {
        for required in requires(index) {
            is_required[required] = true;
        }
    }
    let is_direct = |index: &usize| entries[*index].0.parent.is_none() && !is_required[*index];
    let direct = (0..components.len()).filter(is_direct);
    let via =
        graph::shortest_paths(components.len(), direct, |from, next| next.extend(requires(from)));
    for (index, (component, via)) in components.iter_mut().zip(via).enumerate() {
        component.reach = match component.reach {
            Reach::Transitive { .. } => Reach::Transitive { via },
            _ if is_direct(&index) => Reach::Direct,
            other => other,
        };
    }
}
