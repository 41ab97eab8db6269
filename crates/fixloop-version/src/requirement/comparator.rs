//! One bound of a semantic version, and what npm and Cargo do with prereleases.

use crate::semver::{Key, Stage};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Comparator {
    pub(super) operator: Operator,
    pub(super) key: Key,
}

impl Comparator {
    pub(super) fn new(operator: Operator, key: Key) -> Self {
        Self { operator, key }
    }

    fn holds(&self, version: &Key) -> bool {
        match self.operator {
            Operator::Less => *version < self.key,
            Operator::LessOrEqual => *version <= self.key,
            Operator::Equal => *version == self.key,
            Operator::GreaterOrEqual => *version >= self.key,
            Operator::Greater => *version > self.key,
        }
    }
}

/// A prerelease is admitted only if a comparator names a prerelease of the same release.
pub(super) fn all_admit(comparators: &[Comparator], version: &Key) -> bool {
    let release = |key: &Key| (key.major.clone(), key.minor.clone(), key.patch.clone());
    let names_it =
        |it: &Comparator| it.key.stage != Stage::Release && release(&it.key) == release(version);
    comparators.iter().all(|it| it.holds(version))
        && (version.stage == Stage::Release || comparators.iter().any(names_it))
}

pub(super) fn is_exact(comparators: &[Comparator]) -> bool {
    matches!(comparators, [Comparator { operator: Operator::Equal, .. }])
}
