//! Version constraints of Composer: <https://getcomposer.org/doc/articles/versions.md#writing-version-constraints>.
//!
//! Alternatives between `|` or `||`, clauses between blanks or commas. Bounds without a stability begin with the first development
//! version, as Composer has it: `>=1.2` admits `1.2-beta` where prereleases are let in at all. They are if the constraint names one or
//! carries a stability flag (`@beta`); the stage that the flag names is not told apart from others.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, operator, raised};
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    // `dev-main as 1.0.x` is what is installed, under another version.
    let text = text.split_once(" as ").map_or(text, |(installed, _)| installed);
    let mut alternatives = Vec::new();
    let mut names_prerelease = false;
    for alternative in text.split('|').filter(|it| !it.trim().is_empty()) {
        alternatives.push(all(alternative.trim(), &mut names_prerelease)?);
    }
    if alternatives.is_empty() {
        return None;
    }
    let clauses = Clauses::new(Scheme::Packagist, alternatives, Prereleases::IfSet)?;
    Some(Clauses { names_prerelease, ..clauses })
}

fn new(operator: Operator, version: &str) -> Option<Clause> {
    Clause::new(operator, Scheme::Packagist, version)
}

fn all(text: &str, names_prerelease: &mut bool) -> Option<Vec<Clause>> {
    if let Some((lower, upper)) = text.split_once(" - ") {
        return hyphen(lower.trim(), upper.trim());
    }
    let mut all = Vec::new();
    let mut words = text.split([' ', ',', '\t']).filter(|it| !it.is_empty());
    while let Some(word) = words.next() {
        // `>= 1.0` has a blank behind its operator.
        let is_operator = !word.is_empty() && word.bytes().all(|it| b"<>=!~^".contains(&it));
        let joined = if is_operator { format!("{word}{}", words.next()?) } else { word.to_owned() };
        all.extend(clause(&joined, names_prerelease)?);
    }
    Some(all)
}

fn clause(text: &str, names_prerelease: &mut bool) -> Option<Vec<Clause>> {
    // `dev-main#0123` is a commit of a branch.
    let text = text.split_once('#').map_or(text, |(branch, _)| branch);
    let (text, flag) = text.rsplit_once('@').unwrap_or((text, ""));
    match flag {
        "" | "stable" => {}
        "dev" | "alpha" | "beta" | "RC" | "rc" => *names_prerelease = true,
        _ => return None,
    }
    if matches!(text, "" | "*" | "x") {
        return Some(Vec::new());
    }
    let (operator, version) = operator(text);
    let bare = without_v(version.trim_start_matches(['^', '~']));
    let is_upper = matches!(operator, Some(Operator::Less | Operator::NotEqual));
    *names_prerelease |=
        !is_upper && Scheme::Packagist.parse(bare).is_ok_and(|it| it.is_prerelease());
    if version.starts_with('^') {
        return caret(bare);
    }
    if version.starts_with('~') {
        return tilde(bare);
    }
    if version.starts_with("dev-") {
        // Branches have no order; the words of their names have none here either, so they are never admitted by it.
        return None;
    }
    let version = without_v(version);
    if let Some(prefix) = [".*", ".x", ".X"].iter().find_map(|it| version.strip_suffix(it)) {
        // `1.*.*` says no more than `1.*`.
        let prefix = prefix.trim_end_matches(['.', '*']);
        let (parts, rest) = numbers(prefix);
        return (operator.is_none() && rest.is_empty())
            .then(|| below(&parts, prefix, parts.len()))?;
    }
    if !version.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let is_bound = matches!(operator, Some(Operator::GreaterOrEqual | Operator::Less));
    let version = if is_bound { first_of(version) } else { version.to_owned() };
    Some(vec![new(operator.unwrap_or(Operator::Equal), &version)?])
}

fn without_v(version: &str) -> &str {
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}

/// The first development version of a release; a version with a stability is what it is.
fn first_of(version: &str) -> String {
    let (_, rest) = numbers(version);
    if rest.is_empty() { format!("{version}-dev") } else { version.to_owned() }
}

/// From `lower` up to the next release line of its first `n` numbers.
fn below(parts: &[&str], lower: &str, n: usize) -> Option<Vec<Clause>> {
    let upper = raised(parts, n)?;
    Some(vec![
        new(Operator::GreaterOrEqual, &first_of(lower))?,
        new(Operator::Less, &first_of(&upper))?,
    ])
}

fn tilde(version: &str) -> Option<Vec<Clause>> {
    let (parts, _) = numbers(version);
    below(&parts, version, parts.len().saturating_sub(1).max(1))
}

/// The first number that is not 0 is what breaks.
fn caret(version: &str) -> Option<Vec<Clause>> {
    let (parts, _) = numbers(version);
    let is_zero = |it: &&str| it.bytes().all(|byte| byte == b'0');
    let n = parts.iter().position(|it| !is_zero(it)).map_or(parts.len(), |at| at + 1);
    below(&parts, version, n)
}

/// `1.0 - 2.0` includes all of `2.0.*`, `1.0 - 2.0.1` ends at that version.
fn hyphen(lower: &str, upper: &str) -> Option<Vec<Clause>> {
    let (lower, upper) = (without_v(lower), without_v(upper));
    let (parts, rest) = numbers(upper);
    let above = if parts.len() < 3 && rest.is_empty() {
        new(Operator::Less, &first_of(&raised(&parts, parts.len())?))?
    } else {
        new(Operator::LessOrEqual, upper)?
    };
    Some(vec![new(Operator::GreaterOrEqual, &first_of(lower))?, above])
}
