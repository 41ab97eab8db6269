//! Sources that project files name: `RestoreSources` and `RestoreAdditionalProjectSources`.
//!
//! Properties are taken from the same file; what another file defines is a source that cannot be told here.

use std::collections::HashMap;

use fixloop_manifest::syntax::xml::{Document, Element};
use fixloop_model::BuildCheck;

use super::{MANAGER, Merged, NUGET};
use crate::answer::MAX_FEEDS;
use crate::feed::Feed;
use crate::place::{File, reason};
use crate::tree::{Tree, folder};

const SOURCES: &str = "RestoreSources";
const ADDITIONAL: &str = "RestoreAdditionalProjectSources";

/// By a file name in lower case.
pub(super) fn is_project(file: &str) -> bool {
    ["csproj", "fsproj", "vbproj", "props", "targets"]
        .iter()
        .any(|it| file.strip_suffix(it).is_some_and(|stem| stem.ends_with('.')))
}

pub(super) fn assess(tree: &Tree<'_>, merged: &dyn Fn(&str) -> Option<Merged>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    for path in tree.named_like(is_project) {
        match tree.read(path) {
            Ok(Some(file)) => checks.extend(assess_file(tree, &file, merged)),
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    checks
}

fn assess_file(
    tree: &Tree<'_>,
    file: &File,
    merged: &dyn Fn(&str) -> Option<Merged>,
) -> Option<BuildCheck> {
    if !file.text.contains(SOURCES) && !file.text.contains(ADDITIONAL) {
        return None;
    }
    let document = Document::parse(&file.text);
    if let Some(problem) = document.problems.first() {
        let why = format!("`{}` cannot be read: {}", file.path, reason(problem));
        return Some(MANAGER.unknown(&file.at(problem.span), &why));
    }
    let mut properties: HashMap<String, String> = HashMap::new();
    let mut only: Option<Vec<Feed>> = None;
    let mut more = Vec::new();
    let groups = document.root()?.children_named("PropertyGroup");
    for property in groups.flat_map(Element::children) {
        let Some(text) = property.text() else { continue };
        let value = text.value();
        match property.name() {
            SOURCES => {
                // `$(RestoreSources)` keeps what was there.
                let keeps = value.contains("$(RestoreSources)");
                let before = only.take().filter(|_| keeps);
                let own = feeds(&value, &properties, text.span.start as usize, file);
                if keeps && before.is_none() {
                    more.extend(own);
                } else {
                    only = Some(before.into_iter().flatten().chain(own).collect());
                }
            }
            ADDITIONAL => more.extend(feeds(&value, &properties, text.span.start as usize, file)),
            name => drop(properties.insert(name.to_ascii_lowercase(), value.into_owned())),
        }
    }
    match only {
        Some(feeds) => {
            MANAGER.equal(&[feeds, more].concat(), "for `RestoreSources` names both", None)
        }
        None if more.is_empty() => None,
        None => merged(folder(&file.path))?.answer_with(tree, &file.path, &more),
    }
}

fn feeds(
    value: &str,
    properties: &HashMap<String, String>,
    start: usize,
    file: &File,
) -> Vec<Feed> {
    let mut feeds = Vec::new();
    let mut offset = start;
    for part in value.split(';').take(MAX_FEEDS) {
        let written = part.trim();
        let place = file.at_offset(offset + (part.len() - part.trim_start().len()));
        offset += part.len() + 1;
        let is_self =
            ["$(RestoreSources)", "$(RestoreAdditionalProjectSources)"].contains(&written);
        if written.is_empty() || is_self {
            continue;
        }
        let name = written.strip_prefix("$(").and_then(|it| it.strip_suffix(')'));
        let defined = name.and_then(|it| properties.get(&it.to_ascii_lowercase()));
        // Folders of the project, which MSBuild itself sets.
        let address = defined.map_or(written, |it| it);
        let address = ["$(MSBuildThisFileDirectory)", "$(MSBuildProjectDirectory)", "$(RepoRoot)"]
            .iter()
            .find_map(|it| address.strip_prefix(it))
            .map_or_else(|| address.to_owned(), |it| format!("./{it}"));
        feeds.push(Feed::new(NUGET, &address, place));
    }
    feeds
}
