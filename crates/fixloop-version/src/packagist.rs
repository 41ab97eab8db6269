//! Order of PHP packages (Packagist).
//!
//! Source: `version_compare` of PHP, <https://www.php.net/manual/en/function.version-compare.php>, on which Composer builds:
//! parts between separators and where digits meet letters; `any other word < dev < alpha < beta < RC < nothing < number < pl`.
//! As Composer does before it compares, missing numbers are filled up with 0 (`1.0` is `1.0.0.0`), words are read without case, and
//! `x` in a branch is a large number: <https://github.com/composer/semver/blob/main/src/VersionParser.php>. The `#` of PHP's own tests stands for any number, which no total order allows; here it counts as nothing.

use crate::number::{Number, split_digits};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(Box<[Part]>);

/// In the order in which parts at the same place compare.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Part {
    Word,
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    Number(Number),
    Patch,
}

/// As many numbers as Composer gives every version.
const N_NUMBERS: usize = 4;

/// What Composer puts in place of `x` and `*` in branch names: `1.0.x-dev` is `1.0.9999999-dev`.
const BRANCH: Number = Number::Small(9_999_999);

impl Key {
    pub(crate) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|it| *it < Part::End)
    }
}

pub(crate) fn parse(text: &str) -> Option<Key> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut rest = match text.strip_prefix(['v', 'V']) {
        Some(after) if after.starts_with(|it: char| it.is_ascii_digit()) => after,
        _ => text,
    };
    // Build metadata has no part in the order.
    rest = rest.split_once('+').map_or(rest, |(version, _)| version);
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (digits, after) = split_digits(rest);
        if let Some(number) = Number::parse(digits) {
            parts.push(Part::Number(number));
            rest = after;
            continue;
        }
        let is_end = |it: char| it.is_ascii_digit() || is_separator(it);
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match word {
            "" => rest = &rest[1..],
            "#" => rest = after,
            _ => {
                parts.push(part(word, parts.is_empty()));
                rest = after;
            }
        }
    }
    let n_numbers = parts.iter().take_while(|it| matches!(it, Part::Number(_))).count();
    if n_numbers > 0 {
        let missing = N_NUMBERS.saturating_sub(n_numbers);
        parts
            .splice(n_numbers..n_numbers, std::iter::repeat_n(Part::Number(Number::ZERO), missing));
    }
    parts.push(Part::End);
    Some(Key(parts.into()))
}

fn is_separator(it: char) -> bool {
    matches!(it, '.' | '-' | '_' | '+' | '~')
}

fn part(word: &str, is_first: bool) -> Part {
    const FORMS: &[(&str, Part)] = &[
        ("dev", Part::Dev),
        ("a", Part::Alpha),
        ("b", Part::Beta),
        ("rc", Part::Candidate),
        ("p", Part::Patch),
    ];
    let lower = word.to_ascii_lowercase();
    if matches!(&*lower, "x" | "*") && !is_first {
        return Part::Number(BRANCH);
    }
    let form = FORMS.iter().find(|(prefix, _)| lower.starts_with(prefix));
    form.map_or(Part::Word, |(_, part)| part.clone())
}
