//! Gradle: `repositories` blocks of settings and build scripts.
//!
//! Repositories are asked in their order, and the first that has the module answers; for a dynamic version all are asked. An
//! `exclusiveContent` lets only one repository answer for what its filter names; a `content` filter limits what its own repository is
//! asked for, and others may still answer for that
//! (<https://docs.gradle.org/current/userguide/filtering_repository_content.html>). So a private repository with a filter is safe where the public ones have
//! filters of their own. What `pluginManagement`, `buildscript`, `dependencyResolutionManagement` and projects declare is each a list
//! of its own; `allprojects` and `subprojects` of folders above add to a project's. Scripts are programs: read are literal calls, conditions
//! are taken to hold, and an address that is computed is one that no file tells. `mavenLocal`, `flatDir` and what publishing names
//! are left out. `gradle/verification-metadata.xml` pins
//! (<https://docs.gradle.org/current/userguide/dependency_verification.html>).

mod repositories;
mod script;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::feed::{Feed, Kind};
use crate::tree::{Tree, file_name, folder, join, upwards};
use repositories::{Repository, Scope};

const MANAGER: Manager = Manager {
    name: "gradle",
    fix: "declare the private repository in `exclusiveContent` with a filter for your groups, or ask one private repository for everything",
    url: "https://docs.gradle.org/current/userguide/filtering_repository_content.html",
};

pub(crate) fn names(path: &str) -> bool {
    let file = file_name(path);
    is_script(&file.to_ascii_lowercase()) || file == "verification-metadata.xml"
}

/// By a file name in lower case.
fn is_script(file: &str) -> bool {
    file.ends_with(".gradle") || file.ends_with(".gradle.kts")
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut read: BTreeMap<&str, Vec<Repository>> = BTreeMap::new();
    for path in tree.named_like(is_script) {
        match tree.read(path) {
            Ok(Some(file)) => match repositories::read(&file) {
                Ok(repositories) => drop(read.insert(path, repositories)),
                Err(check) => checks.push(*check),
            },
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    // What build scripts declare for projects below them.
    let mut below: BTreeMap<&str, Vec<&Repository>> = BTreeMap::new();
    for (path, repositories) in &read {
        let shared = repositories.iter().filter(|it| it.scope == Scope::Below);
        below.entry(folder(path)).or_default().extend(shared);
    }
    for (path, repositories) in &read {
        let pinned = pinned(tree, path);
        for scope in [Scope::Plugins, Scope::BuildScript, Scope::Settings] {
            let own: Vec<&Repository> =
                repositories.iter().filter(|it| it.scope == scope).collect();
            checks.extend(answer(&own, pinned.as_ref()));
        }
        let own =
            repositories.iter().filter(|it| matches!(it.scope, Scope::Project | Scope::Below));
        let mut own: Vec<&Repository> = own.collect();
        if own.is_empty() {
            continue;
        }
        let above = upwards(folder(path)).skip(1).filter_map(|it| below.get(it)).flatten();
        own.extend(above.copied());
        checks.extend(answer(&own, pinned.as_ref()));
    }
    checks
}

fn pinned(tree: &Tree<'_>, path: &str) -> Option<Pinned> {
    const FILE: &str = "verification-metadata.xml";
    upwards(folder(path)).find_map(|it| {
        let found = tree.in_folder(&join(it, "gradle"), FILE)?;
        let text = tree.read(found).ok()??.text;
        text.contains("<sha").then(|| Pinned::by_hashes(found))
    })
}

fn answer(repositories: &[&Repository], pinned: Option<&Pinned>) -> Option<BuildCheck> {
    let is_open = |it: &&&Repository| !it.is_exclusive;
    let public = repositories.iter().find(|it| it.feed.is_public());
    // Filtered public repositories answer only for what they were declared for.
    let all_filtered =
        repositories.iter().filter(|it| it.feed.is_public()).all(|it| it.is_filtered);
    let private: Vec<&&Repository> =
        repositories.iter().filter(|it| it.feed.is_private()).collect();
    let first = private.first();
    let open: Vec<Feed> = repositories.iter().filter(is_open).map(|it| it.feed.clone()).collect();
    if let Some(public) = public
        && let Some(first) = first
        && !open.iter().any(|it| it.kind == Kind::Unresolved)
    {
        if private.iter().all(|it| it.is_exclusive) {
            let why = format!(
                "only `{}` answers for what its `exclusiveContent` names",
                first.feed.shown
            );
            return Some(MANAGER.safe(&first.feed.place, &why));
        }
        if all_filtered && private.iter().all(|it| it.is_exclusive || it.is_filtered) {
            let why = format!(
                "`{}` and `{}` answer only for what their filters name",
                first.feed.shown, public.feed.shown
            );
            return Some(MANAGER.safe(&first.feed.place, &why));
        }
    }
    let how = if private.iter().any(|it| it.is_filtered) {
        "because the filter of one keeps the other from nothing"
    } else {
        "and whichever has it first, or for dynamic versions the highest, wins"
    };
    MANAGER.equal(&open, how, pinned).or_else(|| {
        let first = first?;
        let why =
            format!("only `{}` answers for what its `exclusiveContent` names", first.feed.shown);
        Some(MANAGER.safe(&first.feed.place, &why))
    })
}
