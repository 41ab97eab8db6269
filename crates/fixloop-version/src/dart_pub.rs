//! Order of Dart packages (Pub).
//!
//! Semantic versions, except that build metadata counts: after the same version without it, and
//! compared like a prerelease. Source: `Version.compareTo` of
//! <https://github.com/dart-lang/tools/tree/main/pkgs/pub_semver>.

use crate::semver::{self, Identifier};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    version: semver::Key,
    /// Empty if there is none.
    build: Box<[Identifier]>,
}

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        self.version.is_prerelease()
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let build = match text.split_once('+') {
        Some((_, build)) => semver::identifiers(build)?,
        None => Box::default(),
    };
    Some(Key { version: semver::parse(text)?, build })
}
