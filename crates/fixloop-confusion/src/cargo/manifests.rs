//! Which registry each dependency of each `Cargo.toml` names.

use std::collections::HashMap;

use fixloop_manifest::syntax::{self, Text, Value};
use fixloop_model::BuildCheck;

use super::{CRATES_IO, Configurations, MANAGER, tables};
use crate::answer::Pinned;
use crate::document::{broken, placed, string};
use crate::feed::{Feed, Kind};
use crate::place::{File, Place};
use crate::tree::{Tree, folder, upwards};

/// Who asks for one name, over the whole tree.
#[derive(Default)]
struct Asked {
    /// The first that names a private registry.
    private: Option<(String, Place)>,
    /// The first that names none, and so asks the public one.
    public: Option<Place>,
}

pub(super) fn assess(tree: &Tree<'_>, configurations: &Configurations) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut names: HashMap<String, Asked> = HashMap::new();
    for path in tree.named("cargo.toml") {
        match tree.read(path) {
            Ok(Some(file)) => checks.extend(read(&file, configurations, &mut names)),
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    for (name, asked) in names {
        let Asked { private: Some((registry, _)), public: Some(place) } = asked else { continue };
        let locked = upwards(folder(&place.path)).find_map(|it| tree.in_folder(it, "cargo.lock"));
        let pinned = locked.map(Pinned::by_hashes);
        let why = format!(
            "`{name}` is asked of the public registry here, and of `{registry}` elsewhere in this tree"
        );
        checks.push(MANAGER.mixed(&place, &why, pinned.as_ref()));
    }
    checks
}

fn read(
    file: &File,
    configurations: &Configurations,
    names: &mut HashMap<String, Asked>,
) -> Option<BuildCheck> {
    let document = syntax::toml(&file.text);
    if let Some(check) = broken(&document, file, &MANAGER, &["registry"]) {
        return Some(check);
    }
    let folder = folder(&file.path);
    let is_replaced = configurations.replacement(folder).is_some();
    let mut answer = None;
    for (key, dependency) in tables(document.root()?).into_iter().flat_map(Value::entries) {
        let package = string(dependency, "package").unwrap_or_else(|| key.value());
        let Some(feed) = registry(dependency, file, configurations, folder) else {
            let is_elsewhere =
                ["path", "git", "workspace"].iter().any(|it| dependency.get(it).is_some());
            if !is_elsewhere && !is_replaced {
                let asked = names.entry(package.into_owned()).or_default();
                asked.public.get_or_insert_with(|| at(key, file));
            }
            continue;
        };
        if feed.kind == Kind::Unresolved && answer.is_none() {
            let why = format!(
                "registry `{}` is defined by no `.cargo/config.toml` of the tree",
                feed.shown
            );
            answer = Some(MANAGER.unknown(&feed.place, &why));
        }
        if !feed.is_public() {
            let asked = names.entry(package.into_owned()).or_default();
            asked.private.get_or_insert((feed.shown, feed.place));
        }
    }
    answer
}

fn at(key: Text<'_>, file: &File) -> Place {
    file.at(key.span)
}

/// The registry that a dependency names; nothing if it names none.
fn registry(
    dependency: Value<'_>,
    file: &File,
    configurations: &Configurations,
    folder: &str,
) -> Option<Feed> {
    if let Some((index, place)) = placed(dependency, "registry-index", file) {
        return Some(Feed::new(CRATES_IO, &index, place));
    }
    let (name, place) = placed(dependency, "registry", file)?;
    if name == "crates-io" {
        return None;
    }
    match configurations.registry(folder, &name) {
        Some(feed) => Some(feed.clone().seen_at(place)),
        None => Some(Feed::unresolved(&name, place)),
    }
}
