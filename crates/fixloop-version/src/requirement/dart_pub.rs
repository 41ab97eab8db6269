//! Version constraints of Pub: <https://dart.dev/tools/pub/dependencies#version-constraints>.
//!
//! Bounds between blanks, `^1.2.3`, one version, or `any`. An upper bound leaves out the prereleases of its own version, unless the
//! lower bound is one of them.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, operator, raised};
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let text = text.trim();
    let mut all = Vec::new();
    if text != "any" && !text.is_empty() {
        let mut rest = text;
        while !rest.is_empty() {
            let (operator, after) = operator(rest);
            let (is_caret, after) = match after.strip_prefix('^').filter(|_| operator.is_none()) {
                Some(after) => (true, after),
                None => (false, after),
            };
            let end = after
                .find(|it: char| it.is_whitespace() || matches!(it, '<' | '>' | '^' | '='))
                .unwrap_or(after.len());
            let version = &after[..end];
            if is_caret {
                all.extend(caret(version)?);
            } else {
                all.push(new(operator.unwrap_or(Operator::Equal), version)?);
            }
            rest = after[end..].trim_start();
        }
    }
    let all = shut_out_prereleases(all)?;
    Clauses::new(Scheme::Pub, vec![all], Prereleases::Always)
}

fn new(operator: Operator, version: &str) -> Option<Clause> {
    // There is no `!=` here.
    (operator != Operator::NotEqual).then(|| Clause::new(operator, Scheme::Pub, version))?
}

/// Below 1.0 the second number is what breaks, below 0.1 the third.
fn caret(version: &str) -> Option<[Clause; 2]> {
    let (parts, _) = numbers(version);
    if parts.len() != 3 {
        return None;
    }
    let n = parts.iter().position(|it| it.bytes().any(|byte| byte != b'0')).map_or(3, |at| at + 1);
    // `^0.0.3` is below 0.0.4 in Cargo, and below 0.1.0 here.
    let upper = raised(&parts, n.min(2))?;
    let upper = if n == 1 { format!("{upper}.0.0-0") } else { format!("{upper}.0-0") };
    Some([new(Operator::GreaterOrEqual, version)?, new(Operator::Less, &upper)?])
}

fn shut_out_prereleases(all: Vec<Clause>) -> Option<Vec<Clause>> {
    let release = |it: &Clause| numbers(it.version.as_str()).0.join(".");
    let lower_prereleases: Vec<String> = all
        .iter()
        .filter(|it| {
            matches!(it.operator, Operator::GreaterOrEqual | Operator::Greater)
                && it.version.is_prerelease()
        })
        .map(release)
        .collect();
    all.into_iter()
        .map(|it| {
            let is_release_bound = it.operator == Operator::Less && !it.version.is_prerelease();
            if is_release_bound && !lower_prereleases.contains(&release(&it)) {
                let version = it.version.as_str();
                let release = version.split('+').next().unwrap_or(version);
                Clause::new(Operator::Less, Scheme::Pub, &format!("{release}-0"))
            } else {
                Some(it)
            }
        })
        .collect()
}
