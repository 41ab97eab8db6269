//! Order of Alpine packages (apk).
//!
//! Source: <https://github.com/alpinelinux/apk-tools/blob/master/src/version.c> and the package format in
//! <https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver>:
//! `number{.number}{letter}{_suffix{number}}{~hash}{-r number}`. What does not follow is, as in apk-tools 2, a token below all
//! others, and nothing behind it is compared.

use crate::number::{Number, split_digits, split_while};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(Box<[Token]>);

/// In the order in which tokens at the same place compare.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Token {
    Invalid,
    /// Index into [`PRE_SUFFIXES`].
    PreSuffix(usize, Number),
    End,
    Revision(Number),
    Hash(Box<str>),
    /// Index into [`POST_SUFFIXES`].
    PostSuffix(usize, Number),
    /// A dot with no number behind it.
    Empty,
    Letter(u8),
    /// A number with leading zero, other than the first: a fraction, compared digit by digit.
    Fraction(Box<str>),
    Number(Number),
}

const PRE_SUFFIXES: &[&str] = &["alpha", "beta", "pre", "rc"];
const POST_SUFFIXES: &[&str] = &["cvs", "svn", "git", "hg", "p"];

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|it| matches!(it, Token::PreSuffix(..)))
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, after) = next(rest, tokens.is_empty()).unwrap_or((Token::Invalid, ""));
        tokens.push(token);
        rest = after;
    }
    if tokens.first() == Some(&Token::Invalid) {
        return None;
    }
    tokens.push(Token::End);
    Some(Key(tokens.into()))
}

/// The next token and the text behind it; `None` if there is no valid one.
fn next(text: &str, is_first: bool) -> Option<(Token, &str)> {
    let first = text.bytes().next()?;
    match first {
        b'0'..=b'9' => Some(number(text, is_first)),
        b'.' => {
            let after = &text[1..];
            let has_number = after.starts_with(|it: char| it.is_ascii_digit());
            Some(if has_number && !is_first { number(after, false) } else { (Token::Empty, after) })
        }
        b'a'..=b'z' => Some((Token::Letter(first), &text[1..])),
        b'_' => {
            let (word, after) = split_while(&text[1..], |byte| byte.is_ascii_lowercase());
            let (digits, after) = split_digits(after);
            let number = Number::parse(digits).unwrap_or(Number::ZERO);
            let place = |suffixes: &[&str]| suffixes.iter().position(|it| *it == word);
            match (place(PRE_SUFFIXES), place(POST_SUFFIXES)) {
                (Some(index), _) => Some((Token::PreSuffix(index, number), after)),
                (_, Some(index)) => Some((Token::PostSuffix(index, number), after)),
                _ => None,
            }
        }
        b'~' => {
            let (hash, after) = split_while(&text[1..], |byte| byte.is_ascii_hexdigit());
            (!hash.is_empty()).then(|| (Token::Hash(hash.into()), after))
        }
        b'-' => {
            let (digits, after) = split_digits(text.strip_prefix("-r")?);
            let is_word = after.starts_with(|it: char| it.is_ascii_alphabetic());
            let number = Number::parse(digits).unwrap_or(Number::ZERO);
            (!is_word).then_some((Token::Revision(number), after))
        }
        _ => None,
    }
}

fn number(text: &str, is_first: bool) -> (Token, &str) {
    let (digits, after) = split_digits(text);
    let token = match Number::parse(digits) {
        Some(number) if is_first || !digits.starts_with('0') => Token::Number(number),
        _ => Token::Fraction(digits.into()),
    };
    (token, after)
}
