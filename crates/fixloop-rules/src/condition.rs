//! Conditions: what has to be true of a node, of what hangs below it, or of a file.

use regex::Regex;

use crate::path::TreePath;

/// All of it has to be true.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// From the node that the condition is asked of. Nothing: that node itself, or every line of a text.
    pub(crate) at: Option<TreePath>,
    pub(crate) tests: Vec<Test>,
    pub(crate) all: Vec<Self>,
    pub(crate) any: Vec<Self>,
    pub(crate) none: Vec<Self>,
    /// How many nodes it has to be true of; at least one if nothing is said.
    pub(crate) count: Option<Count>,
    /// That there is nothing at `at`.
    pub(crate) is_missing: bool,
}

/// What a single value has to be.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    OneOf(Vec<String>),
    Matches(Regex),
    NotMatches(Regex),
    /// A part of a string, or an item of a list.
    Contains(String),
    /// Packages of a lockfile.
    Component(Vec<Package>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Package {
    /// Of any ecosystem if nothing is said.
    pub(crate) ecosystem: Option<fixloop_model::Ecosystem>,
    pub(crate) name: String,
    /// Any if nothing is said.
    pub(crate) version: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Count {
    pub(crate) comparison: Comparison,
    pub(crate) n: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    Exactly,
    AtLeast,
    More,
}

impl Count {
    /// `3`, `>= 2`, `< 1`.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        use Comparison::{AtLeast, AtMost, Exactly, Less, More};

        let signs = [(">=", AtLeast), ("<=", AtMost), (">", More), ("<", Less), ("=", Exactly)];
        let written = written.trim();
        let found = signs.iter().find_map(|(sign, it)| Some((*it, written.strip_prefix(sign)?)));
        let (comparison, n) = found.unwrap_or((Exactly, written));
        Some(Self { comparison, n: n.trim().parse().ok()? })
    }

    pub(crate) fn holds(self, n: usize) -> bool {
        match self.comparison {
            Comparison::Less => n < self.n,
            Comparison::AtMost => n <= self.n,
            Comparison::Exactly => n == self.n,
            Comparison::AtLeast => n >= self.n,
            Comparison::More => n > self.n,
        }
    }
}

impl Condition {
    /// Whether it can become true because something is not there, or could not be read.
    pub(crate) fn is_about_absence(&self) -> bool {
        let is_below = |it: &[Self]| it.iter().any(Self::is_about_absence);
        let by_count = self
            .count
            .is_some_and(|it| !matches!(it.comparison, Comparison::AtLeast | Comparison::More));
        let has_none = !self.none.is_empty();
        self.is_missing || by_count || has_none || is_below(&self.all) || is_below(&self.any)
    }
}
