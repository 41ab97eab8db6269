//! Order of Haskell packages (Hackage).
//!
//! Numbers between dots, compared one by one; of two versions that agree so far, the shorter one is
//! lower. Source: the Haskell package versioning policy, <https://pvp.haskell.org/>, section 2.

use crate::number::{Number, split_numbers};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(Box<[Number]>);

pub(crate) fn parse(text: &str) -> Option<Key> {
    split_numbers(text, &['.']).map(Key)
}
