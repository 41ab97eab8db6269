//! Answers of one package manager, and the one that holds where all sources count alike.

use fixloop_manifest::redacted;
use fixloop_model::{BuildCheck, CheckState, Rating};

use crate::RULE;
use crate::feed::{Feed, Kind};
use crate::place::Place;

/// What there is to say about a package manager, whatever the answer.
pub(crate) struct Manager {
    /// As summaries name it.
    pub(crate) name: &'static str,
    /// What to do about a mixed configuration.
    pub(crate) fix: &'static str,
    /// Its own documentation of where packages come from.
    pub(crate) url: &'static str,
}

/// What keeps an installed package the one that was seen before, and so makes a mixed configuration less urgent.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    /// As it ends a summary: `hashes in x admit only files that were seen before`.
    pub(crate) words: String,
}

impl Pinned {
    pub(crate) fn by_hashes(path: &str) -> Self {
        Self { words: format!("hashes in `{path}` admit only files that were seen before") }
    }
}

impl Manager {
    pub(crate) fn safe(&self, place: &Place, why: &str) -> BuildCheck {
        self.check(CheckState::Safe, None, place, why)
    }

    /// `why` says what no file of the tree decides, or what could not be read.
    pub(crate) fn unknown(&self, place: &Place, why: &str) -> BuildCheck {
        self.check(CheckState::Unknown, None, place, why)
    }

    pub(crate) fn mixed(&self, place: &Place, why: &str, pinned: Option<&Pinned>) -> BuildCheck {
        let rating = if pinned.is_some() { Rating::Medium } else { Rating::High };
        let but = pinned.map(|it| format!("; {}", it.words)).unwrap_or_default();
        self.check(CheckState::Mixed, Some(rating), place, &format!("{why}{but}"))
    }

    fn check(
        &self,
        state: CheckState,
        severity: Option<Rating>,
        place: &Place,
        why: &str,
    ) -> BuildCheck {
        let summary = redacted(&format!("{}: {why}", self.name));
        let evidence = if place.shown.is_empty() { summary.clone() } else { place.shown.clone() };
        let fix = if state == CheckState::Safe { "" } else { self.fix };
        BuildCheck {
            rule: RULE.to_owned(),
            state,
            severity,
            summary,
            fix: fix.to_owned(),
            url: self.url.to_owned(),
            path: place.path.clone(),
            line: place.line,
            evidence,
        }
    }

    /// A file that says where packages come from and cannot be read.
    pub(crate) fn unreadable(&self, path: &str, why: &str) -> BuildCheck {
        let place = Place::file(path);
        self.unknown(&place, &format!("`{path}` cannot be read: {why}"))
    }

    /// The answer where every source may answer for every name; `how` says which one wins. Nothing without a private one.
    pub(crate) fn equal(
        &self,
        feeds: &[Feed],
        how: &str,
        pinned: Option<&Pinned>,
    ) -> Option<BuildCheck> {
        let feeds = distinct(feeds);
        let private = feeds.iter().find(|it| it.is_private());
        let unresolved = feeds.iter().find(|it| it.kind == Kind::Unresolved);
        let public = feeds.iter().any(|it| it.is_public());
        match (private, unresolved) {
            (Some(private), _) if public => {
                let both = format!("`{}` and the public registry", private.shown);
                let folder = (private.kind == Kind::Folder).then(|| Pinned {
                    words: "what stands in a folder was put there by somebody".to_owned(),
                });
                let why = format!("{both} can answer for the same name, {how}");
                Some(self.mixed(&private.place, &why, pinned.or(folder.as_ref())))
            }
            (_, Some(unresolved)) => {
                let why = format!("no file says which source `{}` is", unresolved.shown);
                Some(self.unknown(&unresolved.place, &why))
            }
            (Some(private), None) => Some(self.only_private(private, &feeds)),
            (None, None) => None,
        }
    }

    fn only_private(&self, first: &Feed, feeds: &[&Feed]) -> BuildCheck {
        let other = feeds.iter().find(|it| it.is_private() && !it.is_same(first));
        match other {
            Some(other) => {
                let why = format!(
                    "{} can answer for the same name, and what either passes on from elsewhere no file says",
                    first.beside(other)
                );
                self.unknown(&other.place, &why)
            }
            None => self.safe(&first.place, &format!("`{}` is the only source", first.shown)),
        }
    }
}

/// Each source once, in order.
fn distinct(feeds: &[Feed]) -> Vec<&Feed> {
    let mut distinct: Vec<&Feed> = Vec::new();
    // Nobody has this many sources; the bound keeps comparing all with all cheap.
    for feed in feeds.iter().take(MAX_FEEDS) {
        if !distinct.iter().any(|it| it.is_same(feed)) {
            distinct.push(feed);
        }
    }
    distinct
}

/// Sources of one configuration that are compared with each other.
pub(crate) const MAX_FEEDS: usize = 200;
