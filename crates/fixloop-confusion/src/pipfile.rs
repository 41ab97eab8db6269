//! Pipenv: the `[[source]]` tables of `Pipfile`.
//!
//! Since 2022.3.23 each package comes from one index: the one that it names with `index`, else the first
//! (<https://pipenv.pypa.io/en/latest/indexes.html#index-restricted-packages>); `install_search_all_sources` asks all of them again when
//! installing what is locked. Earlier, all were asked, and no file tells which Pipenv it is.

#[cfg(test)]
mod tests;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::document::{at, broken, placed, string};
use crate::feed::{Feed, Kind};
use crate::tree::{Tree, file_name, folder};

const MANAGER: Manager = Manager {
    name: "pipenv",
    fix: "keep one `[[source]]` that passes on what it does not have, or give every package its `index`",
    url: "https://pipenv.pypa.io/en/latest/indexes.html",
};

pub(crate) fn names(path: &str) -> bool {
    ["Pipfile", "Pipfile.lock"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    tree.named("pipfile").filter_map(|it| assess_file(tree, it)).collect()
}

fn assess_file(tree: &Tree<'_>, path: &str) -> Option<BuildCheck> {
    let file = match tree.read(path) {
        Ok(file) => file?,
        Err(why) => return Some(MANAGER.unreadable(path, &why)),
    };
    let document = syntax::toml(&file.text);
    if let Some(check) = broken(&document, &file, &MANAGER, &["[[source]]"]) {
        return Some(check);
    }
    let root = document.root()?;
    let feeds: Vec<Feed> = root
        .get("source")?
        .items()
        .take(crate::answer::MAX_FEEDS)
        .filter_map(|it| placed(it, "url", &file))
        .map(|(url, place)| Feed::new("PyPI", &url, place))
        .collect();
    let is_one = feeds.iter().all(|it| it.is_same(&feeds[0]));
    let private = feeds.iter().find(|it| it.is_private());
    let all_sources = at(root, &["pipenv", "install_search_all_sources"]);
    if is_one
        || all_sources.is_some_and(Value::is_true)
        || feeds.iter().any(|it| it.kind == Kind::Unresolved)
    {
        let lockfile = tree.in_folder(folder(path), "pipfile.lock").map(Pinned::by_hashes);
        let how = "because `install_search_all_sources` asks all of them";
        return MANAGER.equal(&feeds, how, lockfile.as_ref());
    }
    let private = private?;
    let tables = ["packages", "dev-packages"].into_iter().filter_map(|it| root.get(it));
    let without = tables.flat_map(Value::entries).find(|(_, it)| {
        let is_elsewhere = ["path", "git", "file"].iter().any(|key| it.get(key).is_some());
        string(*it, "index").is_none() && !is_elsewhere
    });
    Some(match without {
        None => MANAGER.safe(&private.place, "every package names its `index`"),
        Some((name, _)) => {
            let why = format!(
                "`{}` names no `index`, and Pipenv before 2022.3.23 asks `{}` and the others alike; no file says which Pipenv it is",
                name.value(),
                private.shown
            );
            MANAGER.unknown(&file.at(name.span), &why)
        }
    })
}
