//! Order of RPM packages.
//!
//! Source: `rpmvercmp` of <https://github.com/rpm-software-management/rpm/blob/master/rpmio/rpmvercmp.cc>, described in
//! <https://rpm-software-management.github.io/rpm/manual/dependencies.html>: `epoch:version-release`, each as numbers and words;
//! `~` is below the end, `^` just above it, a word below a number. Other characters only separate.

use crate::number::{Number, split_digits, split_while};

#[cfg(test)]
mod tests;

/// Fields in the order in which they are compared.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    /// A word is allowed here as in the version; 0 if there is none.
    epoch: Box<[Segment]>,
    version: Box<[Segment]>,
    /// A version without a release is below the same one with any.
    release: Option<Box<[Segment]>>,
}

/// In the order in which segments at the same place compare.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    Tilde,
    End,
    Caret,
    Word(Box<str>),
    Number(Number),
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let text = text.trim();
    if text.is_empty() || text.contains(|it: char| it.is_whitespace() || it.is_control()) {
        return None;
    }
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (version, release) = match rest.rsplit_once('-') {
        Some((version, release)) => (version, Some(segments(release))),
        None => (rest, None),
    };
    Some(Key { epoch: segments(epoch), version: segments(version), release })
}

fn segments(text: &str) -> Box<[Segment]> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (digits, after) = split_digits(rest);
        if let Some(number) = Number::parse(digits) {
            segments.push(Segment::Number(number));
            rest = after;
            continue;
        }
        let (word, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
        if !word.is_empty() {
            segments.push(Segment::Word(word.into()));
            rest = after;
            continue;
        }
        match first {
            '~' => segments.push(Segment::Tilde),
            '^' => segments.push(Segment::Caret),
            _ => {}
        }
        rest = &rest[first.len_utf8()..];
    }
    segments.push(Segment::End);
    segments.into()
}
