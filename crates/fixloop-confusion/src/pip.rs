//! pip: requirements files, `pip.conf`, variables and commands of Dockerfiles and pipelines.
//!
//! pip asks every index and link page for every name and takes the best version of all of them; none comes first
//! (<https://pip.pypa.io/en/stable/cli/pip_install/#finding-packages>,
//! <https://pip.pypa.io/en/stable/topics/configuration/>). `--index-url` of a requirements file takes the place of all indexes that
//! were known before, extra ones too; the others add to what is there. Each declared configuration is an answer of its own: what a
//! requirements file says holds wherever it is installed, whether or not some Dockerfile sets another index. `pip.conf` is only
//! read where something puts it in place; one that is in the tree is taken to be.

mod commands;
mod configuration;
mod options;
mod requirements;
#[cfg(test)]
mod tests;

use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::env::Script;
use crate::feed::Feed;
use crate::place::Place;
use crate::tree::Tree;

const PYPI: &str = "PyPI";

const HOW: &str = "and the highest version wins";

const MANAGER: Manager = Manager {
    name: "pip",
    fix: "name one index with `--index-url` that passes on what it does not have, instead of `--extra-index-url` or `--find-links`",
    url: "https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-extra-index-url",
};

pub(crate) fn names(path: &str) -> bool {
    requirements::names(path) || configuration::names(path)
}

pub(crate) fn assess(tree: &Tree<'_>, scripts: &[Script]) -> Vec<BuildCheck> {
    let mut checks = requirements::assess(tree);
    checks.extend(configuration::assess(tree));
    checks.extend(scripts.iter().flat_map(commands::assess));
    checks
}

/// What pip is told about indexes, from one or more places.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// The last `--index-url`.
    index: Option<Feed>,
    extra: Vec<Feed>,
    links: Vec<Feed>,
    no_index: bool,
    hashes: Option<Pinned>,
}

impl Options {
    fn is_empty(&self) -> bool {
        self.index.is_none() && self.extra.is_empty() && self.links.is_empty()
    }

    fn set_index(&mut self, address: &str, place: Place) {
        self.index = Some(Feed::new(PYPI, address, place));
    }

    /// One or more addresses, divided by blanks.
    fn add_extra(&mut self, addresses: &str, place: &Place) {
        self.extra.extend(feeds(addresses, place));
    }

    fn add_links(&mut self, addresses: &str, place: &Place) {
        self.links.extend(feeds(addresses, place));
    }

    fn answer(&self) -> Option<BuildCheck> {
        if self.is_empty() {
            return None;
        }
        let mut feeds = Vec::new();
        if !self.no_index {
            let first = self.extra.first().or(self.links.first()).map(|it| it.place.clone());
            let default = || first.map(Feed::implicit_public);
            feeds.extend(self.index.clone().or_else(default));
            feeds.extend(self.extra.iter().cloned());
        }
        feeds.extend(self.links.iter().cloned());
        MANAGER.equal(&feeds, HOW, self.hashes.as_ref())
    }
}

/// Addresses divided by blanks, with a variable kept in one piece.
fn feeds(addresses: &str, place: &Place) -> Vec<Feed> {
    let words = crate::env::words(addresses);
    words.into_iter().map(|it| Feed::new(PYPI, &it, place.clone())).collect()
}
