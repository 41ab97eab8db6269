//! Yarn: `.yarnrc` of version 1, `.yarnrc.yml` of later ones.
//!
//! Version 1 reads `registry "…"` and `"@scope:registry" "…"` of `.yarnrc` in the folder and above, and below that `.npmrc`
//! (<https://classic.yarnpkg.com/en/docs/yarnrc>). Later ones read `npmRegistryServer` and `npmScopes` of `.yarnrc.yml` in the folder and above,
//! the nearest first, and no `.npmrc` (<https://yarnpkg.com/configuration/yarnrc#npmScopes>); a scope without a server of its own uses the
//! general one.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use fixloop_manifest::Format;
use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::document::{broken, placed};
use crate::env::Script;
use crate::feed::Feed;
use crate::place::File;
use crate::scopes::{NPM, Projects, Registries, by_configuration};
use crate::tree::{Tree, file_name, folder, upwards};

const MANAGER: Manager = Manager {
    name: "yarn",
    fix: "publish private packages in a scope of your own and map it in `npmScopes`, or ask one private registry for every name",
    url: "https://yarnpkg.com/configuration/yarnrc#npmScopes",
};

pub(crate) fn names(path: &str) -> bool {
    [".yarnrc", ".yarnrc.yml", "yarn.lock", "package.json"].contains(&file_name(path))
}

type ByFolder = BTreeMap<String, Registries>;

pub(crate) fn assess(tree: &Tree<'_>, scripts: &[Script]) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let classic = read_all(tree, ".yarnrc", &classic, &mut checks);
    let modern = read_all(tree, ".yarnrc.yml", &modern, &mut checks);
    // What is wrong with one of these is said for npm.
    let (npm, _) = crate::npm::read_all(tree);
    // A folder with only `.npmrc` is answered for npm, unless yarn 1 wrote its lockfile.
    let is_yarn_1 = |it: &&String| {
        tree.in_folder(it, "yarn.lock").is_some()
            && upwards(it).all(|above| !modern.contains_key(above))
    };
    let mut folders: BTreeSet<String> = classic.keys().cloned().collect();
    folders.extend(npm.keys().filter(is_yarn_1).cloned());
    checks.extend(answers(tree, &folders, &[&classic, &npm]));
    let folders: BTreeSet<String> = modern.keys().cloned().collect();
    checks.extend(answers(tree, &folders, &[&modern]));
    let name = "YARN_NPM_REGISTRY_SERVER";
    checks.extend(scripts.iter().flat_map(|it| crate::npm::variable(&MANAGER, it, name)));
    checks
}

/// What is read first stands above what is read later.
fn answers(tree: &Tree<'_>, folders: &BTreeSet<String>, read: &[&ByFolder]) -> Vec<BuildCheck> {
    let projects = by_configuration(tree, folders, &[Format::YarnLock]);
    let none = Projects::default();
    let mut checks = Vec::new();
    for place in folders {
        let mut merged = Registries::default();
        for files in read {
            upwards(place).filter_map(|it| files.get(it)).for_each(|it| merged.complete(it));
        }
        checks.extend(merged.answer(&MANAGER, tree, projects.get(place).unwrap_or(&none)));
    }
    checks
}

type Read<'f> = &'f dyn Fn(&File) -> Result<Registries, Box<BuildCheck>>;

fn read_all(tree: &Tree<'_>, name: &str, read: Read<'_>, checks: &mut Vec<BuildCheck>) -> ByFolder {
    let mut by_folder = ByFolder::new();
    for path in tree.named(name) {
        match tree.read(path) {
            Ok(Some(file)) => match read(&file) {
                Ok(registries) => drop(by_folder.insert(folder(path).to_owned(), registries)),
                Err(check) => checks.push(*check),
            },
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    by_folder
}

fn classic(file: &File) -> Result<Registries, Box<BuildCheck>> {
    let mut registries = Registries::default();
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        // `"@scope:registry" "https://…"`, with `:` behind the key in newer files.
        let words = crate::env::words(line);
        let [key, value, ..] = &words[..] else { continue };
        let key = key.trim_end_matches(':');
        let feed = || Feed::new(NPM, value, file.at_offset(start));
        let before = match key.strip_suffix(":registry") {
            Some(scope) => registries.scopes.insert(scope.to_owned(), feed()),
            None if key == "registry" => registries.default.replace(feed()),
            None => continue,
        };
        if before.is_some_and(|it| !it.is_same(&feed())) {
            let why = format!("`{key}` is given twice with different addresses");
            return Err(Box::new(MANAGER.unknown(&feed().place, &why)));
        }
    }
    Ok(registries)
}

fn modern(file: &File) -> Result<Registries, Box<BuildCheck>> {
    const SERVER: &str = "npmRegistryServer";
    let document = syntax::yaml(&file.text);
    if let Some(check) = broken(&document, file, &MANAGER, &[SERVER]) {
        return Err(Box::new(check));
    }
    let mut registries = Registries::default();
    let Some(root) = document.root() else { return Ok(registries) };
    let feed = |(url, place): (String, _)| Feed::new(NPM, &url, place);
    registries.default = placed(root, SERVER, file).map(feed);
    for (scope, settings) in root.get("npmScopes").into_iter().flat_map(Value::entries) {
        if let Some(server) = placed(settings, SERVER, file) {
            registries.scopes.insert(format!("@{}", scope.value()), feed(server));
        }
    }
    Ok(registries)
}
