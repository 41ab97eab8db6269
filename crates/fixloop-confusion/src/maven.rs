//! Maven: repositories of `pom.xml` and `settings.xml`, and mirrors.
//!
//! Every project has the public repository, `central`, from the super POM; a repository of the same id stands in its place. Repositories
//! are asked one after the other, those of settings first, then those of the POM and its parents, `central` last
//! (<https://maven.apache.org/guides/mini/guide-multiple-repositories.html>); whoever has the artifact first answers, so a name that the private
//! one lacks for a moment, or a version that only the public one has, comes from there. A mirror stands in the place of what its
//! `mirrorOf` names: ids, `*`, `external:*`, `external:http:*`, and `!id` for none
//! (<https://maven.apache.org/guides/mini/guide-mirror-settings.html>). A settings file of the tree holds for builds that name it: with
//! `.mvn/maven.config` all do (<https://maven.apache.org/configure.html#mvn-maven-config-file>). Hashes pin nothing in Maven.

mod pom;
mod settings;
#[cfg(test)]
mod tests;

use fixloop_model::BuildCheck;

use crate::answer::Manager;
use crate::feed::{self, Feed};
use crate::place::Place;
use crate::tree::{Tree, file_name, folder};

const MAVEN: &str = "Maven";
const CENTRAL: &str = "central";

const MANAGER: Manager = Manager {
    name: "maven",
    fix: "put a mirror with `<mirrorOf>*</mirrorOf>` into `.mvn/settings.xml`, name that file in `.mvn/maven.config`, or give the private repository the id `central`",
    url: "https://maven.apache.org/guides/mini/guide-mirror-settings.html",
};

pub(crate) fn names(path: &str) -> bool {
    let file = file_name(path);
    file == "pom.xml"
        || settings::is_settings(&file.to_ascii_lowercase())
        || (file == "maven.config" && file_name(folder(path)) == ".mvn")
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let settings = settings::read_all(tree, &mut checks);
    checks.extend(settings.iter().flat_map(settings::Settings::answers));
    checks.extend(pom::assess(tree, &settings));
    checks
}

/// What a repository is asked for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Dependencies,
    Plugins,
}

const KINDS: [Kind; 2] = [Kind::Dependencies, Kind::Plugins];

/// A repository by its id.
#[derive(Clone)]
struct Repository {
    id: String,
    feed: Feed,
    /// `http://`, which some mirrors are for.
    is_plain: bool,
    /// Plugins have a list of their own.
    kind: Kind,
}

impl Repository {
    fn new(id: String, url: &str, kind: Kind, place: Place) -> Self {
        let is_plain = url.trim().starts_with("http://");
        Self { id, feed: Feed::new(MAVEN, url, place), is_plain, kind }
    }

    fn central(kind: Kind, path: &str) -> Self {
        let feed = Feed::implicit_public(Place::file(path));
        Self { id: CENTRAL.to_owned(), feed, is_plain: false, kind }
    }

    fn is_external(&self) -> bool {
        let is_local = ["localhost", "127.0.0.1"].contains(&&*self.feed.shown);
        self.feed.kind != feed::Kind::Folder && !is_local
    }
}

#[derive(Clone)]
struct Mirror {
    of: String,
    feed: Feed,
}

impl Mirror {
    /// Whether it stands in the place of a repository.
    fn is_of(&self, repository: &Repository) -> bool {
        let mut is_of = false;
        for pattern in self.of.split(',').map(str::trim) {
            if let Some(id) = pattern.strip_prefix('!') {
                if id == repository.id {
                    return false;
                }
                continue;
            }
            is_of |= match pattern {
                "*" => true,
                "external:*" => repository.is_external(),
                "external:http:*" => repository.is_external() && repository.is_plain,
                id => id == repository.id,
            };
        }
        is_of
    }
}

/// What is asked in the place of a repository: a mirror of exactly its id, else the first that covers it, else itself.
fn mirrored(repository: &Repository, mirrors: &[Mirror]) -> Feed {
    let exact = mirrors.iter().find(|it| it.of.trim() == repository.id);
    let found = exact.or_else(|| mirrors.iter().find(|it| it.is_of(repository)));
    found.map_or_else(|| repository.feed.clone(), |it| it.feed.clone())
}

/// The answers of repositories with what stands in their places, one per kind that has a private one.
fn answers(repositories: &[Repository], mirrors: &[Mirror]) -> Vec<BuildCheck> {
    let feeds = |kind| -> Vec<Feed> {
        let of = repositories.iter().filter(|it| it.kind == kind);
        of.map(|it| mirrored(it, mirrors)).collect()
    };
    let how = "and whichever has it first wins";
    KINDS.into_iter().filter_map(|kind| MANAGER.equal(&feeds(kind), how, None)).collect()
}
