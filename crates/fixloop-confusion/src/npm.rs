//! npm and pnpm: `.npmrc`, `registries` of `pnpm-workspace.yaml`, `NPM_CONFIG_REGISTRY`.
//!
//! `@scope:registry` names the registry of a scope, `registry` that of everything else
//! (<https://docs.npmjs.com/cli/v11/using-npm/scope#associating-a-scope-with-a-registry>). npm reads the file beside `package.json`, pnpm
//! and yarn also those above, the nearest first; where npm's own lockfile stands in the folder, those above are left out.
//! pnpm has the same in `pnpm-workspace.yaml`, by scope or by address (<https://pnpm.io/registries>). An address of the public registry in
//! npm's lockfile means the default registry, whichever that is (<https://docs.npmjs.com/cli/v11/using-npm/config#replace-registry-host>), so
//! it says something only of a mapped scope. Variables are given from outside.

#[cfg(test)]
mod tests;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};

use fixloop_manifest::Format;
use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::env::Script;
use crate::feed::Feed;
use crate::ini::{self, Indented};
use crate::place::File;
use crate::scopes::{NPM, Projects, Registries, by_configuration};
use crate::tree::{Tree, file_name, folder, upwards};

pub(crate) const MANAGER: Manager = Manager {
    name: "npm",
    fix: "publish private packages in a scope of your own and map it with `@scope:registry`, or ask one private registry for every name",
    url: "https://docs.npmjs.com/cli/v11/using-npm/scope#associating-a-scope-with-a-registry",
};

const CONFIG: &str = ".npmrc";

pub(crate) fn names(path: &str) -> bool {
    let files = [CONFIG, "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"];
    files.contains(&file_name(path)) || is_own_lockfile(file_name(path))
}

fn is_own_lockfile(file: &str) -> bool {
    ["package-lock.json", "npm-shrinkwrap.json"].contains(&file)
}

pub(crate) fn assess(tree: &Tree<'_>, scripts: &[Script]) -> Vec<BuildCheck> {
    let (mut read, mut checks) = read_all(tree);
    workspace::add(tree, &mut read, &mut checks);
    let folders: BTreeSet<String> = read.keys().cloned().collect();
    let formats = [Format::PackageLock, Format::PnpmLock];
    let projects = by_configuration(tree, &folders, &formats);
    let none = Projects::default();
    for place in &folders {
        let registries = merged(tree, &read, place);
        let projects = projects.get(place).unwrap_or(&none);
        checks.extend(registries.answer(&MANAGER, tree, projects));
    }
    checks.extend(scripts.iter().flat_map(|it| variable(&MANAGER, it, "NPM_CONFIG_REGISTRY")));
    checks
}

/// Every `.npmrc` by its folder, and what is wrong with the others.
pub(crate) fn read_all(tree: &Tree<'_>) -> (BTreeMap<String, Registries>, Vec<BuildCheck>) {
    let mut read = BTreeMap::new();
    let mut checks = Vec::new();
    for path in tree.named(CONFIG) {
        match tree.read(path) {
            Ok(Some(file)) => match registries(&file) {
                Ok(registries) => drop(read.insert(folder(path).to_owned(), registries)),
                Err(check) => checks.push(*check),
            },
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    (read, checks)
}

/// What holds in a folder.
fn merged(tree: &Tree<'_>, read: &BTreeMap<String, Registries>, place: &str) -> Registries {
    let has = |name| tree.in_folder(place, name).is_some();
    let is_npm = has("package-lock.json") || has("npm-shrinkwrap.json");
    let depth = if is_npm { 1 } else { usize::MAX };
    let mut merged = Registries::default();
    for registries in upwards(place).take(depth).filter_map(|it| read.get(it)) {
        merged.complete(registries);
    }
    merged
}

fn registries(file: &File) -> Result<Registries, Box<BuildCheck>> {
    let mut registries = Registries::default();
    for entry in ini::parse(&file.text, Indented::Same).entries {
        let scope = entry.key.strip_suffix(":registry");
        if entry.key != "registry" && scope.is_none() {
            continue;
        }
        let feed = Feed::new(NPM, entry.value, file.at_offset(entry.offset));
        let before = match scope {
            Some(scope) => registries.scopes.insert(scope.to_owned(), feed.clone()),
            None => registries.default.replace(feed.clone()),
        };
        if before.is_some_and(|it| !it.is_same(&feed)) {
            let why = format!("`{}` is given twice with different addresses", entry.key);
            return Err(Box::new(MANAGER.unknown(&feed.place, &why)));
        }
    }
    Ok(registries)
}

/// A variable of a build file that names the registry of every name.
pub(crate) fn variable(manager: &Manager, script: &Script, name: &str) -> Vec<BuildCheck> {
    let answer = |setting: &crate::env::Setting| {
        let Some(value) = &setting.value else {
            let why = format!("`{name}` is given from outside, and no file says what it is");
            return Some(manager.unknown(&setting.place, &why));
        };
        manager.in_order(&[Feed::new(NPM, value, setting.place.clone())], None)
    };
    script.values(name).filter_map(answer).collect()
}
