//! Reads `yarn.lock` of yarn 1 and of yarn 2 and later ("berry").
//!
//! Format: <https://classic.yarnpkg.com/lang/en/docs/yarn-lock/> and, for berry, YAML that yarn writes with two blanks per level; both
//! are read by lines. The version of an entry is the one resolved; of a patched package it is the package's own.
//!
//! What a yarn 1 file does not tell: what the project itself names. Where a `package.json` lies beside it, that says so, and scopes
//! follow from it; a workspace's members have theirs elsewhere. Berry has the workspaces as entries, with all their dependencies but
//! without the groups of these, so scopes come from a `package.json` there, too.

mod lines;
mod remembered;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::beside::Beside;
use crate::graph::tell_reaches;
use crate::json;
use crate::npm_source::source_of_address;
use crate::registry::without_credentials;
use crate::tree::Value;
use lines::{Entry, Lines};

pub(crate) use remembered::Remembered;

/// Reads one lockfile of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one lockfile with the `package.json` beside it.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let Lines { entries, mut problems, is_yarn } = lines::read(text);
    if !is_yarn {
        let reason = "no yarn lockfile: neither its first comment nor `__metadata`".to_owned();
        problems.push(Problem { span: Span::default(), reason, whole_file: entries.is_empty() });
    }
    let mut components = Vec::with_capacity(entries.len());
    let mut read = Vec::with_capacity(entries.len());
    for entry in entries {
        match component(&entry) {
            Ok(component) => {
                components.push(component);
                read.push(entry);
            }
            Err(reason) => {
                problems.push(Problem { span: entry.header_span, reason, whole_file: false });
            }
        }
    }
    tell(&mut components, &read, beside);
    Parsed { components, problems }
}

/// `name@range`; the `@` of a scope does not separate. The first lockfiles left an empty range out.
fn split_descriptor(descriptor: &str) -> Option<(&str, &str)> {
    if descriptor.is_empty() {
        return None;
    }
    let at = descriptor.char_indices().skip(1).find(|(_, it)| *it == '@');
    let at = at.map_or(descriptor.len(), |(at, _)| at);
    Some((&descriptor[..at], descriptor.get(at + 1..).unwrap_or("")))
}

fn component(entry: &Entry<'_>) -> Result<Component, String> {
    let first = entry.descriptors().next().unwrap_or("");
    let (name, range) = split_descriptor(first)
        .ok_or_else(|| format!("`{}` is not `name@range`", crate::excerpt::excerpt(first)))?;
    let (version, version_span) =
        entry.version.ok_or_else(|| format!("the entry of `{name}` has no version"))?;
    let start = entry.header_span.start as usize;
    // The first name of the header, behind its quote.
    let name_span = Span::new(start, start + name.len());
    let (real, source) = match entry.resolution {
        Some(resolution) => of_resolution(resolution),
        None => (aliased(range), of_resolved(entry.resolved, range)),
    };
    let mut component = Component::new(Ecosystem::NPM, real.unwrap_or(name), name_span);
    component.alias = (component.name != name).then(|| name.to_owned());
    if source == Source::Workspace {
        component.reach = Reach::Root;
    }
    component.source = source;
    component.version = Some(version.to_owned());
    component.version_span = Some(version_span);
    Ok(component)
}

/// The real name of `npm:other@^1`.
fn aliased(range: &str) -> Option<&str> {
    let alias = range.strip_prefix("npm:")?;
    // `npm:^1.0.0` has no name, and so no second `@`.
    split_descriptor(alias).map(|(name, _)| name).filter(|name| name.len() < alias.len())
}

/// Where a yarn 1 entry comes from.
fn of_resolved(resolved: Option<&str>, range: &str) -> Source {
    match resolved {
        // A mirror on disk keeps only the file's name.
        Some(resolved) if resolved.contains(':') => {
            source_of_address(resolved.split('#').next().unwrap_or(resolved))
        }
        _ if ["file:", "link:"].iter().any(|it| range.starts_with(it)) => {
            let path = range.split_once(':').map(|(_, path)| path.to_owned());
            Source::Path { path }
        }
        _ => Source::PublicRegistry,
    }
}

/// Real name and source of a berry resolution, `name@protocol:reference`.
fn of_resolution(resolution: &str) -> (Option<&str>, Source) {
    let Some((name, reference)) = split_descriptor(resolution) else {
        return (None, Source::Unknown);
    };
    let (protocol, rest) = reference.split_once(':').unwrap_or(("", reference));
    let path = || Source::Path { path: rest.split("::").next().map(ToOwned::to_owned) };
    let source = match protocol {
        "npm" => match rest.split_once("::__archiveUrl=") {
            Some((_, url)) => source_of_address(&crate::purl::decode(url)),
            None => Source::PublicRegistry,
        },
        "workspace" => Source::Workspace,
        // What is patched: `patch:name@npm%3A1.2.3#…`.
        "patch" if rest.contains("@npm%3A") => Source::PublicRegistry,
        "file" | "portal" | "link" => path(),
        _ if reference.contains("#commit=") => {
            let url = reference.split('#').next().unwrap_or(reference);
            Source::Git { url: without_credentials(url) }
        }
        "http" | "https" | "git" | "ssh" => source_of_address(reference),
        _ => Source::Unknown,
    };
    (Some(name), source)
}

/// Who needs whom, and what the project itself names.
fn tell(components: &mut [Component], entries: &[Entry<'_>], beside: Beside<'_>) {
    let mut by_descriptor: HashMap<&str, usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for descriptor in entry.descriptors() {
            by_descriptor.entry(descriptor).or_insert(index);
        }
    }
    let mut key = String::new();
    let mut find = |name: &str, range: &str| {
        let mut look = |protocol: &str| {
            key.clear();
            key.extend([name, "@", protocol, range]);
            by_descriptor.get(&*key).copied()
        };
        // Berry leaves the protocol out where it is the usual one.
        look("").or_else(|| look("npm:"))
    };
    let edges: Vec<Vec<usize>> = entries
        .iter()
        .map(|entry| {
            entry.dependencies.iter().filter_map(|(name, range)| find(name, range)).collect()
        })
        .collect();
    let scopes = direct_scopes(beside);
    let mut roots: Vec<(usize, Option<Scope>)> = Vec::new();
    for ((name, range), scope) in &scopes {
        roots.extend(find(name, range).map(|index| (index, Some(*scope))));
    }
    for (index, component) in components.iter().enumerate() {
        if component.reach == Reach::Root {
            roots.extend(edges[index].iter().map(|it| (*it, None)));
        }
    }
    tell_reaches(components, &roots, &edges);
}

/// What the `package.json` beside names, with the scope of each.
fn direct_scopes(beside: Beside<'_>) -> HashMap<(String, String), Scope> {
    const TABLES: &[(&str, Scope)] = &[
        ("devDependencies", Scope::Dev),
        ("optionalDependencies", Scope::Optional),
        ("dependencies", Scope::Runtime),
    ];
    let mut found = HashMap::new();
    let Some(manifest) = beside.neighbor("package.json") else { return found };
    let document = json::parse(&manifest.text);
    let Some(root) = document.root() else { return found };
    for (table, scope) in TABLES {
        for (name, range) in root.get(table).into_iter().flat_map(Value::entries) {
            if let Some(range) = range.text() {
                found.insert((name.value().into_owned(), range.value().into_owned()), *scope);
            }
        }
    }
    found
}
