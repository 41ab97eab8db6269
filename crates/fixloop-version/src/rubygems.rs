//! Order of Ruby gems.
//!
//! Source: `Gem::Version` of <https://docs.ruby-lang.org/en/master/Gem/Version.html>: numbers and words; a word is below every
//! number, and missing parts count as 0. A hyphen reads as `.pre.`.

use std::cmp::Ordering;

use crate::number::{Number, cmp_padded, split_digits, split_while};

#[cfg(test)]
mod tests;

/// Canonical segments: no zeros before the first word, none at the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Key(Box<[Segment]>);

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    Word(Box<str>),
    Number(Number),
}

const ZERO: Segment = Segment::Number(Number::ZERO);

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|it| matches!(it, Segment::Word(_)))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        cmp_padded(&self.0, &other.0, &ZERO)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let text = text.trim();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    let is_started = text.starts_with(|it: char| it.is_ascii_digit());
    if !is_started
        || !text.bytes().all(allowed)
        || text.contains("..")
        || text.ends_with(['.', '-'])
    {
        return None;
    }
    let mut segments = Vec::new();
    let mut has_word = false;
    let mut push = |segment: Segment| {
        if !has_word && matches!(segment, Segment::Word(_)) {
            has_word = true;
            drop_zeros(&mut segments);
        }
        segments.push(segment);
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (digits, after) = split_digits(rest);
        if let Some(number) = Number::parse(digits) {
            push(Segment::Number(number));
            rest = after;
            continue;
        }
        let (word, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
        if !word.is_empty() {
            push(Segment::Word(word.into()));
            rest = after;
            continue;
        }
        if rest.starts_with('-') {
            push(Segment::Word("pre".into()));
        }
        rest = &rest[1..];
    }
    drop_zeros(&mut segments);
    Some(Key(segments.into()))
}

fn drop_zeros(segments: &mut Vec<Segment>) {
    while segments.last() == Some(&ZERO) {
        segments.pop();
    }
}
