//! Cargo: registries in `.cargo/config.toml`, and the `registry` of each dependency.
//!
//! A dependency without `registry` comes from the public registry alone, one with `registry` from that one alone
//! (<https://doc.rust-lang.org/cargo/reference/registries.html>), and what a package of a registry depends on says its registry too. So nothing
//! is mixed unless one name is asked for in both. `[source.crates-io] replace-with` puts one source in the place of another
//! (<https://doc.rust-lang.org/cargo/reference/source-replacement.html>). Configuration of folders above counts, key by key, the nearest
//! first (<https://doc.rust-lang.org/cargo/reference/config.html#hierarchical-structure>).

mod manifests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::document::{at, broken, placed};
use crate::feed::{Feed, Kind};
use crate::place::{File, Place};
use crate::tree::{Tree, file_name, folder, upwards};

const CRATES_IO: &str = "crates.io";

const MANAGER: Manager = Manager {
    name: "cargo",
    fix: "give every dependency on a private package its `registry`, and define that registry in `.cargo/config.toml`",
    url: "https://doc.rust-lang.org/cargo/reference/registries.html",
};

pub(crate) fn names(path: &str) -> bool {
    is_configuration(path) || ["Cargo.toml", "Cargo.lock"].contains(&file_name(path))
}

fn is_configuration(path: &str) -> bool {
    let parent = file_name(folder(path));
    parent == ".cargo" && ["config.toml", "config"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut configurations = Configurations::default();
    for path in
        tree.named("config.toml").chain(tree.named("config")).filter(|it| is_configuration(it))
    {
        match read(tree, path) {
            Ok(Some(configuration)) => {
                // The folder that `.cargo` stands in.
                configurations.0.insert(folder(folder(path)).to_owned(), configuration);
            }
            Ok(None) => {}
            Err(check) => checks.push(*check),
        }
    }
    checks.extend(configurations.0.keys().filter_map(|it| configurations.answer(it)));
    checks.extend(manifests::assess(tree, &configurations));
    checks
}

/// One configuration file.
#[derive(Default)]
struct Configuration {
    /// `[registries.NAME]`.
    registries: HashMap<String, Feed>,
    /// `[source.NAME]`.
    sources: HashMap<String, Defined>,
}

struct Defined {
    feed: Option<Feed>,
    replaced_with: Option<(String, Place)>,
}

/// By folder.
#[derive(Default)]
struct Configurations(HashMap<String, Configuration>);

fn read(tree: &Tree<'_>, path: &str) -> Result<Option<Configuration>, Box<BuildCheck>> {
    let file = tree.read(path).map_err(|why| Box::new(MANAGER.unreadable(path, &why)))?;
    let Some(file) = file else { return Ok(None) };
    let document = syntax::toml(&file.text);
    if let Some(check) = broken(&document, &file, &MANAGER, &["regist", "source"]) {
        return Err(Box::new(check));
    }
    let Some(root) = document.root() else { return Ok(None) };
    let mut configuration = Configuration::default();
    for (name, registry) in root.get("registries").into_iter().flat_map(Value::entries) {
        if let Some((index, place)) = placed(registry, "index", &file) {
            let feed = Feed::new(CRATES_IO, &index, place);
            configuration.registries.insert(name.value().into_owned(), feed);
        }
    }
    for (name, source) in root.get("source").into_iter().flat_map(Value::entries) {
        let feed = defined(source, &file);
        let replaced_with = placed(source, "replace-with", &file);
        configuration.sources.insert(name.value().into_owned(), Defined { feed, replaced_with });
    }
    Ok(Some(configuration))
}

fn defined(source: Value<'_>, file: &File) -> Option<Feed> {
    let folder =
        || placed(source, "directory", file).or_else(|| placed(source, "local-registry", file));
    match placed(source, "registry", file) {
        Some((url, place)) => Some(Feed::new(CRATES_IO, &url, place)),
        None => {
            folder().map(|(path, place)| Feed::new(CRATES_IO, &format!("file://{path}"), place))
        }
    }
}

impl Configurations {
    fn registry(&self, from: &str, name: &str) -> Option<&Feed> {
        upwards(from).find_map(|it| self.0.get(it)?.registries.get(name))
    }

    fn source(&self, from: &str, name: &str) -> Option<&Defined> {
        upwards(from).find_map(|it| self.0.get(it)?.sources.get(name))
    }

    /// What stands in the place of the public registry; the outer nothing is the public registry itself.
    fn replacement(&self, from: &str) -> Option<(Option<&Feed>, &Place)> {
        let (name, place) = self.source(from, "crates-io")?.replaced_with.as_ref()?;
        let mut name = name;
        // Replacements follow each other; a circle is refused by Cargo.
        for _ in 0..8 {
            let Some(source) = self.source(from, name) else {
                return Some((self.registry(from, name), place));
            };
            match &source.replaced_with {
                Some((next, _)) => name = next,
                None => return Some((source.feed.as_ref(), place)),
            }
        }
        Some((None, place))
    }

    fn answer(&self, folder: &str) -> Option<BuildCheck> {
        let own = self.0.get(folder)?;
        if let Some((feed, place)) = self.replacement(folder) {
            return Some(match feed {
                Some(feed) if feed.kind == Kind::Unresolved => MANAGER
                    .unknown(place, &format!("no file says which source `{}` is", feed.shown)),
                Some(feed) => {
                    let why =
                        format!("`{}` stands in the place of the public registry", feed.shown);
                    MANAGER.safe(place, &why)
                }
                None => MANAGER.unknown(
                    place,
                    "the source that replaces the public registry is defined by no file",
                ),
            });
        }
        let mut registries: Vec<&Feed> =
            own.registries.values().filter(|it| !it.is_public()).collect();
        registries.sort_by_key(|it| (it.kind != Kind::Unresolved, it.place.line));
        let first = registries.first()?;
        if first.kind == Kind::Unresolved {
            let why = format!("no file says which source `{}` is", first.shown);
            return Some(MANAGER.unknown(&first.place, &why));
        }
        let why = format!(
            "`{}` answers only for dependencies that name it, and the public registry for all others",
            first.shown
        );
        Some(MANAGER.safe(&first.place, &why))
    }
}

/// The value of a table under keys, for the manifests.
fn tables<'d>(root: Value<'d>) -> Vec<Value<'d>> {
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of = move |it: Value<'d>| kinds.into_iter().filter_map(move |kind| it.get(kind));
    let targets =
        root.get("target").into_iter().flat_map(Value::entries).flat_map(move |(_, it)| of(it));
    of(root).chain(at(root, &["workspace", "dependencies"])).chain(targets).collect()
}
