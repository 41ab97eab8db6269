//! Order of Maven packages.
//!
//! Specification: <https://maven.apache.org/pom.html#version-order-specification>, as a flat list of tokens compared from left to
//! right. Three rules make the order total where Maven's own comparison (nested lists, padded with "nothing") has cycles:
//! a qualifier counts as if `-` stood before it; zeros and empty qualifiers directly before a `-` are dropped; and the end of
//! the version is a token of its own, above the qualifiers that come before a release and below everything else.

use crate::number::{Number, split_digits};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(Box<[Token]>);

/// In the order in which tokens at the same place compare.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Token {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    End,
    /// `ga`, `final`, `release` where something follows.
    Release,
    ServicePack,
    Qualifier(Box<str>),
    /// A number after `-` or next to letters.
    Hyphen(Number),
    /// A number after `.` or at the start.
    Dot(Number),
}

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|it| *it < Token::End)
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let is_usable =
        |it: char| !it.is_whitespace() && !it.is_control() && !matches!(it, '$' | '{' | '}');
    if text.is_empty() || !text.chars().all(is_usable) {
        return None;
    }
    let lower = text.to_lowercase();
    let mut tokens = Vec::new();
    let mut rest = lower.as_str();
    let mut is_hyphen = false;
    loop {
        let end = rest.find(['.', '-']).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        push_part(&mut tokens, part, is_hyphen);
        let Some(separator) = after.bytes().next() else { break };
        is_hyphen = separator == b'-';
        rest = &after[1..];
    }
    drop_empty(&mut tokens);
    tokens.push(Token::End);
    Some(Key(tokens.into()))
}

/// What stands between two separators, split where digits meet letters.
fn push_part(tokens: &mut Vec<Token>, part: &str, mut is_hyphen: bool) {
    let mut rest = part;
    loop {
        let (digits, after) = split_digits(rest);
        if !digits.is_empty() || rest.is_empty() {
            let number = Number::parse(digits).unwrap_or(Number::ZERO);
            if is_hyphen {
                drop_empty(tokens);
            }
            tokens.push(if is_hyphen { Token::Hyphen(number) } else { Token::Dot(number) });
        }
        if after.is_empty() {
            return;
        }
        let end = after.find(|it: char| it.is_ascii_digit()).unwrap_or(after.len());
        let (word, next) = after.split_at(end);
        drop_empty(tokens);
        tokens.push(qualifier(word, !next.is_empty()));
        if next.is_empty() {
            return;
        }
        is_hyphen = true;
        rest = next;
    }
}

fn qualifier(word: &str, is_numbered: bool) -> Token {
    match word {
        "alpha" => Token::Alpha,
        "a" if is_numbered => Token::Alpha,
        "beta" => Token::Beta,
        "b" if is_numbered => Token::Beta,
        "milestone" => Token::Milestone,
        "m" if is_numbered => Token::Milestone,
        "rc" | "cr" => Token::Candidate,
        "snapshot" => Token::Snapshot,
        "ga" | "final" | "release" => Token::Release,
        "sp" => Token::ServicePack,
        _ => Token::Qualifier(word.into()),
    }
}

fn drop_empty(tokens: &mut Vec<Token>) {
    let zero = Number::ZERO;
    while let Some(Token::Release | Token::Hyphen(_) | Token::Dot(_)) = tokens.last() {
        match tokens.last() {
            Some(Token::Hyphen(number) | Token::Dot(number)) if *number != zero => return,
            _ => tokens.pop(),
        };
    }
}
