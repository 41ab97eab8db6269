//! Composer: `repositories` of `composer.json`.
//!
//! Repositories are asked in order, and the first that has a name answers for it alone, unless it says `"canonical": false`; the
//! public one is the last unless it is declared or disabled (<https://getcomposer.org/doc/articles/repository-priorities.md>).
//! Composer 1 asked all of them: `plugin-api-version` in `composer.lock` tells which Composer it was. What stands in folders and
//! version control counts as private; it holds the names that it was declared for.

#[cfg(test)]
mod tests;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use crate::answer::{MAX_FEEDS, Manager};
use crate::document::{broken, placed, string};
use crate::feed::Feed;
use crate::place::{File, Place};
use crate::tree::{Tree, file_name, folder};

const PACKAGIST: &str = "Packagist";

const MANAGER: Manager = Manager {
    name: "composer",
    fix: "declare the private repository first and let it be canonical, or disable the public one with `\"packagist.org\": false`",
    url: "https://getcomposer.org/doc/articles/repository-priorities.md",
};

pub(crate) fn names(path: &str) -> bool {
    ["composer.json", "composer.lock"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    tree.named("composer.json").filter_map(|it| assess_file(tree, it)).collect()
}

#[derive(Default)]
struct Repositories {
    feeds: Vec<Feed>,
    /// A private one that lets later ones answer too.
    open: Option<Feed>,
    is_public_disabled: bool,
}

fn assess_file(tree: &Tree<'_>, path: &str) -> Option<BuildCheck> {
    let file = match tree.read(path) {
        Ok(file) => file?,
        Err(why) => return Some(MANAGER.unreadable(path, &why)),
    };
    let document = syntax::json(&file.text);
    if let Some(check) = broken(&document, &file, &MANAGER, &["\"repositories\""]) {
        return Some(check);
    }
    let declared = document.root()?.get("repositories")?;
    let mut read = Repositories::default();
    for repository in declared.items().take(MAX_FEEDS) {
        read.add(None, repository, &file);
    }
    for (name, repository) in declared.entries().take(MAX_FEEDS) {
        read.add(Some(&name.value()), repository, &file);
    }
    if !read.is_public_disabled && !read.feeds.iter().any(Feed::is_public) {
        read.feeds.push(Feed::implicit_public(Place::file(path)));
    }
    let lockfile = tree.in_folder(folder(path), "composer.lock");
    let lock = lockfile.and_then(|it| tree.read_lockfile(it).ok().flatten());
    if lock.is_some_and(|it| is_composer_1(&it)) {
        let how = "because Composer 1, which wrote the lockfile, asks all of them";
        return MANAGER.equal(&read.feeds, how, None);
    }
    match read.open.filter(|_| read.feeds.iter().any(Feed::is_public)) {
        Some(open) => {
            let why = format!(
                "`{}` is not canonical, so the public registry can answer for its names too",
                open.shown
            );
            Some(MANAGER.mixed(&open.place, &why, None))
        }
        None => MANAGER.in_order(&read.feeds, None),
    }
}

impl Repositories {
    fn add(&mut self, name: Option<&str>, repository: Value<'_>, file: &File) {
        let is_public = |it: &str| ["packagist.org", "packagist"].contains(&it);
        if repository.literal() == Some("false") {
            self.is_public_disabled |= name.is_some_and(is_public);
            return;
        }
        let mut entries = repository.entries();
        if entries.any(|(key, it)| is_public(&key.value()) && it.literal() == Some("false")) {
            self.is_public_disabled = true;
            return;
        }
        let Some(feed) = feed(repository, file) else { return };
        let is_open = repository.get("canonical").and_then(Value::literal) == Some("false");
        if is_open && feed.is_private() {
            self.open = self.open.take().or_else(|| Some(feed.clone()));
        }
        self.feeds.push(feed);
    }
}

fn feed(repository: Value<'_>, file: &File) -> Option<Feed> {
    let kind = string(repository, "type")?.into_owned();
    let Some((url, place)) = placed(repository, "url", file) else {
        // A package that is written out here.
        return (kind == "package").then(|| Feed::new(PACKAGIST, ".", file.at(repository.span())));
    };
    Some(match &*kind {
        "path" | "artifact" => Feed::new(PACKAGIST, &format!("file://{url}"), place),
        // `git@host:path` and the like are addresses that a repository is not found by.
        _ if !url.contains("://") && url.contains('@') => {
            let address = url.split_once('@').map_or(&*url, |(_, it)| it).replacen(':', "/", 1);
            Feed::new(PACKAGIST, &format!("ssh://{address}"), place)
        }
        _ => Feed::new(PACKAGIST, &url, place),
    })
}

/// `"plugin-api-version": "1.1.0"`; the key stands near the end, and Composer before 1.10 wrote none.
fn is_composer_1(lock: &str) -> bool {
    let Some((_, value)) = lock.rsplit_once("\"plugin-api-version\"") else { return false };
    value.trim_start_matches([':', ' ', '"']).starts_with("1.")
}
