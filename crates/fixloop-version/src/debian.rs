//! Order of Debian and Ubuntu packages.
//!
//! Specification: <https://www.debian.org/doc/debian-policy/ch-controlfields.html#version>: epoch, upstream version and revision,
//! each compared as runs of non-digits and digits in turn; `~` is below the end, letters are below everything else.

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::number::{Number, cmp_padded, split_digits, split_while};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    epoch: Number,
    upstream: Runs,
    revision: Runs,
}

/// Non-digits (as ranks, closed by [`END`]) and the number behind them, in turn.
#[derive(Clone, Debug)]
struct Runs(Box<[Run]>);

type Run = (Box<[u8]>, Number);

const TILDE: u8 = 0;
const END: u8 = 1;
/// What missing runs count as.
static NOTHING: LazyLock<Run> = LazyLock::new(|| (Box::new([END]), Number::ZERO));

impl Ord for Runs {
    fn cmp(&self, other: &Self) -> Ordering {
        cmp_padded(&self.0, &other.0, &NOTHING)
    }
}

impl PartialOrd for Runs {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Runs {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Runs {}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (Number::parse(epoch)?, rest),
        None => (Number::ZERO, text),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    Some(Key { epoch, upstream: runs(upstream), revision: runs(revision) })
}

fn runs(text: &str) -> Runs {
    let mut runs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (other, after) = split_while(rest, |byte| !byte.is_ascii_digit());
        let (digits, after) = split_digits(after);
        let ranks = other.bytes().map(rank).chain([END]).collect();
        runs.push((ranks, Number::parse(digits).unwrap_or(Number::ZERO)));
        rest = after;
    }
    Runs(runs.into())
}

/// ASCII has 127 characters at most, so adding 128 keeps letters below the others.
fn rank(byte: u8) -> u8 {
    match byte {
        b'~' => TILDE,
        _ if byte.is_ascii_alphabetic() => byte,
        _ => byte | 0x80,
    }
}
