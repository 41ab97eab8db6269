//! Semantic versions, read leniently (npm, crates.io, Go, Hex and others).
//!
//! Specification: <https://semver.org/spec/v2.0.0.html>. Beyond it, as data needs it: a leading `v`,
//! missing numbers that count as 0, numbers of any size, numbers after the third (compared like the
//! others), and a prerelease without its hyphen (`1.2.3beta`, as npm reads it in loose mode).
//! Build metadata, and with it Go's `+incompatible`, has no part in the order.

use crate::number::{Number, split_digits, trim_zeros};

#[cfg(test)]
mod tests;

/// Fields in the order in which they are compared.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    pub(crate) major: Number,
    pub(crate) minor: Number,
    pub(crate) patch: Number,
    /// Numbers after the third, without trailing zeros; nearly always empty.
    pub(crate) extra: Box<[Number]>,
    pub(crate) stage: Stage,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
    Prerelease(Box<[Identifier]>),
    Release,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Identifier {
    Number(Number),
    Text(Box<str>),
}

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        matches!(self.stage, Stage::Prerelease(_))
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let mut rest = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let mut numbers = [const { Number::ZERO }; 3];
    let mut extra = Vec::new();
    for index in 0.. {
        let (digits, after) = split_digits(rest);
        let number = Number::parse(digits)?;
        match numbers.get_mut(index) {
            Some(slot) => *slot = number,
            None => extra.push(number),
        }
        rest = after;
        let Some(next) = after.strip_prefix('.') else { break };
        rest = next;
    }
    trim_zeros(&mut extra);
    let (prerelease, build) = rest.split_once('+').unwrap_or((rest, ""));
    if !build.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let stage = if prerelease.is_empty() {
        Stage::Release
    } else {
        Stage::Prerelease(identifiers(prerelease.strip_prefix('-').unwrap_or(prerelease))?)
    };
    let [major, minor, patch] = numbers;
    Some(Key { major, minor, patch, extra: extra.into(), stage })
}

/// Identifiers between dots; `None` if one is empty or has other than ASCII letters, digits and `-`.
pub(crate) fn identifiers(text: &str) -> Option<Box<[Identifier]>> {
    text.split('.').map(identifier).collect()
}

fn identifier(text: &str) -> Option<Identifier> {
    if let Some(number) = Number::parse(text) {
        return Some(Identifier::Number(number));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!text.is_empty() && text.bytes().all(allowed)).then(|| Identifier::Text(text.into()))
}
