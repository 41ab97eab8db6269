//! PDM: `[[tool.pdm.source]]`.
//!
//! All sources count alike, and the best version wins; with `respect-source-order` they are asked in order. The public registry comes
//! first unless a source is named `pypi`, which then stands in its place. What `include_packages` of a source names comes only from
//! it (<https://pdm-project.org/latest/usage/config/#configure-the-package-indexes>). `pdm.toml` is each person's own and not read.

#[cfg(test)]
mod tests;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::document::{at, broken, placed, string};
use crate::feed::Feed;
use crate::place::Place;
use crate::tree::{Tree, file_name, folder};

const MANAGER: Manager = Manager {
    name: "pdm",
    fix: "name the private source `pypi`, so that it stands in place of the public one, or list its packages in `include_packages`",
    url: "https://pdm-project.org/latest/usage/config/#configure-the-package-indexes",
};

pub(crate) fn names(path: &str) -> bool {
    ["pyproject.toml", "pdm.lock"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    tree.named("pyproject.toml").filter_map(|it| assess_file(tree, it)).collect()
}

fn assess_file(tree: &Tree<'_>, path: &str) -> Option<BuildCheck> {
    let file = match tree.read(path) {
        Ok(file) => file?,
        // The answer for uv already says that it cannot be read.
        Err(_) => return None,
    };
    let document = syntax::toml(&file.text);
    if let Some(check) = broken(&document, &file, &MANAGER, &["tool.pdm.source"]) {
        return Some(check);
    }
    let pdm = at(document.root()?, &["tool", "pdm"])?;
    let mut feeds = Vec::new();
    let mut has_pypi = false;
    // A private source whose names come only from it.
    let mut is_limited = true;
    for source in pdm.get("source")?.items().take(crate::answer::MAX_FEEDS) {
        let Some((url, place)) = placed(source, "url", &file) else { continue };
        has_pypi |= string(source, "name").as_deref() == Some("pypi");
        // `${PROJECT_ROOT}` is the folder of this file.
        let feed = Feed::new("PyPI", &url.replace("${PROJECT_ROOT}", "."), place);
        let included = source.get("include_packages").is_some_and(|it| it.items().next().is_some());
        is_limited &= included || feed.is_public();
        feeds.push(feed);
    }
    if !has_pypi {
        feeds.insert(0, Feed::implicit_public(Place::file(path)));
    }
    let pinned = tree.in_folder(folder(path), "pdm.lock").map(Pinned::by_hashes);
    if is_limited && let Some(private) = feeds.iter().find(|it| it.is_private()) {
        let why = format!("names in `include_packages` come only from `{}`", private.shown);
        return Some(MANAGER.safe(&private.place, &why));
    }
    let in_order = at(pdm, &["resolution", "respect-source-order"]).is_some_and(Value::is_true);
    if in_order {
        return MANAGER.in_order(&feeds, pinned.as_ref());
    }
    MANAGER.equal(&feeds, "and the highest version wins", pinned.as_ref())
}
