//! uv: `[tool.uv]` of `pyproject.toml`, `uv.toml`, and its variables in build files.
//!
//! Indexes are asked in the order of their declaration, the default one (the public registry, unless another is) last, and the
//! first that has a name answers for it (<https://docs.astral.sh/uv/concepts/indexes/#searching-across-multiple-indexes>); with an
//! `index-strategy` that starts with `unsafe`, all of them do. An index with `explicit = true` answers only for packages that name
//! it. `uv.toml` stands instead of `[tool.uv]` in the same folder (<https://docs.astral.sh/uv/concepts/configuration-files/>).
//! Archives of `find-links` count beside those of every index.

#[cfg(test)]
mod tests;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::document::{at, broken, placed, string, strings};
use crate::env::Script;
use crate::feed::Feed;
use crate::place::{File, Place};
use crate::tree::{Tree, file_name, folder};

const PYPI: &str = "PyPI";

const MANAGER: Manager = Manager {
    name: "uv",
    fix: "keep `index-strategy` at `first-index`, put the private index before the public one, and give it `explicit = true`",
    url: "https://docs.astral.sh/uv/concepts/indexes/",
};

pub(crate) fn names(path: &str) -> bool {
    ["pyproject.toml", "uv.toml", "uv.lock"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>, scripts: &[Script]) -> Vec<BuildCheck> {
    let mut checks: Vec<BuildCheck> = tree
        .named("pyproject.toml")
        .filter(|it| tree.in_folder(folder(it), "uv.toml").is_none())
        .filter_map(|it| assess_file(tree, it, &["tool", "uv"], &["tool.uv"]))
        .collect();
    let own = tree.named("uv.toml");
    checks.extend(own.filter_map(|it| assess_file(tree, it, &[], &["index", "find-links"])));
    checks.extend(scripts.iter().filter_map(assess_script));
    checks
}

fn assess_file(
    tree: &Tree<'_>,
    path: &str,
    table: &[&str],
    markers: &[&str],
) -> Option<BuildCheck> {
    let file = match tree.read(path) {
        Ok(file) => file?,
        Err(why) => return Some(MANAGER.unreadable(path, &why)),
    };
    let document = syntax::toml(&file.text);
    if let Some(check) = broken(&document, &file, &MANAGER, markers) {
        return Some(check);
    }
    let settings = at(document.root()?, table)?;
    let lockfile = tree.in_folder(folder(path), "uv.lock");
    let mut options = Options { hashes: lockfile.map(Pinned::by_hashes), ..Options::default() };
    options.read(settings, &file);
    if let Some(pip) = settings.get("pip") {
        options.read(pip, &file);
    }
    options.answer(&Place::file(path))
}

fn assess_script(script: &Script) -> Option<BuildCheck> {
    let mut options = Options::default();
    for setting in &script.settings {
        let Some(value) = &setting.value else {
            let is_ours = setting.name.starts_with("UV_");
            let why =
                format!("`{}` is given from outside, and no file says what it is", setting.name);
            if is_ours {
                return Some(MANAGER.unknown(&setting.place, &why));
            }
            continue;
        };
        // An index may be named: `corp=https://…`.
        let feeds = || {
            let words = crate::env::words(value).into_iter();
            words.map(|it| {
                let address =
                    it.split_once("=http").map_or(it.clone(), |(_, it)| format!("http{it}"));
                Feed::new(PYPI, &address, setting.place.clone())
            })
        };
        match setting.name {
            "UV_INDEX" | "UV_EXTRA_INDEX_URL" => options.indexes.extend(feeds()),
            "UV_DEFAULT_INDEX" | "UV_INDEX_URL" => options.default = feeds().next(),
            "UV_FIND_LINKS" => options.links.extend(feeds()),
            "UV_NO_INDEX" => options.no_index = true,
            "UV_INDEX_STRATEGY" => options.asks_all = value.starts_with("unsafe"),
            _ => {}
        }
    }
    options.answer(&Place::file(&script.path))
}

#[derive(Default)]
struct Options {
    /// Without the default one and those that answer only for packages that name them.
    indexes: Vec<Feed>,
    default: Option<Feed>,
    links: Vec<Feed>,
    explicit: Option<Feed>,
    no_index: bool,
    asks_all: bool,
    hashes: Option<Pinned>,
}

impl Options {
    fn read(&mut self, settings: Value<'_>, file: &File) {
        for index in settings.get("index").into_iter().flat_map(Value::items) {
            let Some((url, place)) = placed(index, "url", file) else { continue };
            let feed = Feed::new(PYPI, &url, place);
            let is = |key| index.get(key).is_some_and(Value::is_true);
            if is("explicit") {
                self.explicit = self.explicit.take().or(Some(feed));
            } else if is("default") {
                self.default = Some(feed);
            } else {
                self.indexes.push(feed);
            }
        }
        let feeds = |key| {
            let written = strings(settings.get(key), file).into_iter();
            written.map(|(url, place)| Feed::new(PYPI, &url, place))
        };
        self.indexes.extend(feeds("extra-index-url"));
        self.links.extend(feeds("find-links"));
        self.default = self.default.take().or_else(|| feeds("index-url").next());
        self.no_index |= settings.get("no-index").is_some_and(Value::is_true);
        self.asks_all |=
            string(settings, "index-strategy").is_some_and(|it| it.starts_with("unsafe"));
    }

    fn answer(&self, whole: &Place) -> Option<BuildCheck> {
        let default =
            || self.default.clone().unwrap_or_else(|| Feed::implicit_public(whole.clone()));
        let mut feeds = self.indexes.clone();
        feeds.push(default());
        if self.no_index {
            feeds.clear();
        }
        let pinned = self.hashes.as_ref();
        if self.asks_all || !self.links.is_empty() {
            feeds.extend(self.links.iter().cloned());
            let how = if self.asks_all {
                "because `index-strategy` asks all of them"
            } else {
                "because links count beside every index"
            };
            return MANAGER.equal(&feeds, how, pinned);
        }
        MANAGER.in_order(&feeds, pinned).or_else(|| {
            let explicit = self.explicit.as_ref().filter(|it| it.is_private())?;
            let why = format!("`{}` answers only for packages that name it", explicit.shown);
            Some(MANAGER.safe(&explicit.place, &why))
        })
    }
}
