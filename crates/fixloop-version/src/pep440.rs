//! Order of Python packages (PyPI).
//!
//! Specification: <https://packaging.python.org/en/latest/specifications/version-specifiers/> (PEP 440), normal forms and
//! alternative spellings included. A text that is no such version is a *legacy version*: below every regular one, and among
//! themselves in the order that setuptools used before PEP 440. Advisories still name them.

use crate::number::{Number, split_digits, split_while, trim_zeros};

#[cfg(test)]
mod tests;

/// Legacy versions are the lower variant.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Legacy(Box<[LegacyPart]>),
    Regular(Box<Regular>),
}

/// A part of a legacy version. Text sorts below numbers, as `*` does below digits in setuptools' keys.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum LegacyPart {
    Text(Box<str>),
    Number(Number),
}

/// Fields in the order in which they are compared.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Regular {
    pub(crate) epoch: Number,
    /// Without trailing zeros.
    pub(crate) release: Vec<Number>,
    pub(crate) pre: Pre,
    pub(crate) post: Option<Number>,
    pub(crate) dev: Dev,
    /// Empty if there is none, which is the lowest.
    pub(crate) local: Box<[LocalPart]>,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Pre {
    /// A development release of a final one stands before all its prereleases.
    OnlyDev,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Dev {
    Dev(Number),
    None,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum LocalPart {
    Text(Box<str>),
    Number(Number),
}

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        let Self::Regular(it) = self else { return false };
        it.pre != Pre::Final || it.dev != Dev::None
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let lower = text.trim().to_ascii_lowercase();
    if lower.is_empty() || !lower.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    Some(match regular(&lower) {
        Some((regular, _)) => Key::Regular(Box::new(regular)),
        None => Key::Legacy(legacy(&lower)),
    })
}

/// A regular version and how many release numbers were written; `lower` is lower-case and trimmed.
pub(crate) fn regular(lower: &str) -> Option<(Regular, usize)> {
    let rest = lower.strip_prefix('v').unwrap_or(lower);
    let (public, local) = match rest.split_once('+') {
        Some((public, local)) => (public, local_parts(local)?),
        None => (rest, Box::default()),
    };
    let (epoch, mut rest) = match public.split_once('!') {
        Some((epoch, rest)) => (Number::parse(epoch)?, rest),
        None => (Number::ZERO, public),
    };
    let mut release = Vec::new();
    loop {
        let (digits, after) = split_digits(rest);
        release.push(Number::parse(digits)?);
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|it: char| it.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    let n_release = release.len();
    trim_zeros(&mut release);

    let mut pre = Pre::Final;
    if let Some((label, number, after)) = labelled(rest, PRE_LABELS) {
        pre = match label {
            "a" | "alpha" => Pre::Alpha(number),
            "b" | "beta" => Pre::Beta(number),
            _ => Pre::Candidate(number),
        };
        rest = after;
    }
    let mut post = None;
    if let Some((_, number, after)) = labelled(rest, &["post", "rev", "r"]) {
        (post, rest) = (Some(number), after);
    } else if let Some(after) = rest.strip_prefix('-') {
        let (digits, after) = split_digits(after);
        (post, rest) = (Some(Number::parse(digits)?), after);
    }
    let mut dev = Dev::None;
    if let Some((_, number, after)) = labelled(rest, &["dev"]) {
        (dev, rest) = (Dev::Dev(number), after);
    }
    if pre == Pre::Final && post.is_none() && dev != Dev::None {
        pre = Pre::OnlyDev;
    }
    rest.is_empty().then_some((Regular { epoch, release, pre, post, dev, local }, n_release))
}

/// Longer spellings before their prefixes.
const PRE_LABELS: &[&str] = &["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"];

/// `[.-_]? label [.-_]? digits?`, with the text behind it; a missing number is 0.
fn labelled<'a>(text: &'a str, labels: &[&'static str]) -> Option<(&'static str, Number, &'a str)> {
    let is_separator = |it: char| matches!(it, '.' | '-' | '_');
    let body = text.strip_prefix(is_separator).unwrap_or(text);
    let (label, after) =
        labels.iter().find_map(|label| Some((*label, body.strip_prefix(label)?)))?;
    let numbered = after.strip_prefix(is_separator).unwrap_or(after);
    let (digits, rest) = split_digits(numbered);
    match Number::parse(digits) {
        Some(number) => Some((label, number, rest)),
        // A separator without a number behind it belongs to what follows.
        None => Some((label, Number::ZERO, after)),
    }
}

fn local_parts(text: &str) -> Option<Box<[LocalPart]>> {
    text.split(['.', '-', '_'])
        .map(|part| {
            let is_valid =
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_valid.then(|| {
                Number::parse(part).map_or_else(|| LocalPart::Text(part.into()), LocalPart::Number)
            })
        })
        .collect()
}

fn legacy(lower: &str) -> Box<[LegacyPart]> {
    const FINAL: &str = "final";
    let text = |it: &str| LegacyPart::Text(it.into());
    let mut parts = Vec::new();
    let mut rest = lower;
    loop {
        let part = next_legacy_part(&mut rest);
        let part = match part {
            Some(".") => continue,
            Some("pre" | "preview" | "rc") => "c",
            Some("-") => "final-",
            Some("dev") => "@",
            Some(part) => part,
            None => FINAL,
        };
        let number = Number::parse(part);
        if number.is_none() {
            if part < FINAL {
                while parts.last() == Some(&text("final-")) {
                    parts.pop();
                }
            }
            while parts.last() == Some(&LegacyPart::Number(Number::ZERO)) {
                parts.pop();
            }
        }
        parts.push(number.map_or_else(|| text(part), LegacyPart::Number));
        if rest.is_empty() {
            if part != FINAL {
                continue;
            }
            return parts.into();
        }
    }
}

/// Digits, letters, `.`, `-`, or a run of anything else.
fn next_legacy_part<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let first = *rest.as_bytes().first()?;
    let (part, after) = match first {
        b'.' | b'-' => rest.split_at(1),
        b'0'..=b'9' => split_digits(rest),
        b'a'..=b'z' => split_while(rest, |byte| byte.is_ascii_lowercase()),
        _ => {
            split_while(rest, |byte| !byte.is_ascii_alphanumeric() && byte != b'.' && byte != b'-')
        }
    };
    *rest = after;
    Some(part)
}
