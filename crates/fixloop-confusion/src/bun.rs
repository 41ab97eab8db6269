//! Bun: `[install]` of `bunfig.toml`.
//!
//! `install.registry` is the registry of every name, `install.scopes` has those of scopes, each as an address or as a table with `url`
//! (<https://bun.com/docs/runtime/bunfig#package-manager>). Only the file of the project's own folder counts, and below it `.npmrc`.
//! Of `bun.lock` and `bun.lockb` only the names matter: whether there is one.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::document::{at, broken, placed};
use crate::feed::Feed;
use crate::place::File;
use crate::scopes::{NPM, Projects, Registries, by_configuration};
use crate::tree::{Tree, file_name, folder};

const MANAGER: Manager = Manager {
    name: "bun",
    fix: "publish private packages in a scope of your own and map it in `[install.scopes]`, or ask one private registry for every name",
    url: "https://bun.com/docs/runtime/bunfig#package-manager",
};

pub(crate) fn names(path: &str) -> bool {
    ["bunfig.toml", "package.json"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let paths: Vec<&str> = tree.named("bunfig.toml").collect();
    let folders: BTreeSet<String> = paths.iter().map(|it| folder(it).to_owned()).collect();
    let projects = by_configuration(tree, &folders, &[]);
    // What is wrong with one of these is said for npm.
    let (npm, _) = crate::npm::read_all(tree);
    let none = Projects::default();
    let mut checks = Vec::new();
    for path in paths {
        let file = match tree.read(path) {
            Ok(Some(file)) => file,
            Ok(None) => continue,
            Err(why) => {
                checks.push(MANAGER.unreadable(path, &why));
                continue;
            }
        };
        let document = syntax::toml(&file.text);
        if let Some(check) = broken(&document, &file, &MANAGER, &["registry", "scopes"]) {
            checks.push(check);
            continue;
        }
        let Some(install) = document.root().and_then(|it| it.get("install")) else { continue };
        let mut registries = registries(install, &file);
        if let Some(npm) = npm.get(folder(path)) {
            registries.complete(npm);
        }
        let projects = projects.get(folder(path)).unwrap_or(&none);
        checks.extend(registries.answer(&MANAGER, tree, projects));
    }
    checks
}

fn registries(install: Value<'_>, file: &File) -> Registries {
    let mut registries =
        Registries { default: feed(install, "registry", file), ..Registries::default() };
    let Some(scopes) = at(install, &["scopes"]) else { return registries };
    for (key, _) in scopes.entries() {
        let name = key.value();
        if let Some(feed) = feed(scopes, &name, file) {
            registries.scopes.insert(format!("@{}", name.trim_start_matches('@')), feed);
        }
    }
    registries
}

fn feed(table: Value<'_>, key: &str, file: &File) -> Option<Feed> {
    let inner = || table.get(key).and_then(|it| placed(it, "url", file));
    let (url, place) = placed(table, key, file).or_else(inner)?;
    Some(Feed::new(NPM, &url, place))
}
