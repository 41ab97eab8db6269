//! Requirements of Hex: <https://hexdocs.pm/elixir/Version.html#module-requirements>.
//!
//! Comparisons joined by `and` and `or` (`and` binds closer); without an operator `==` is meant. `~> 2.0.0` is `>= 2.0.0 and < 2.1.0`,
//! `~> 2.1` is `>= 2.1.0 and < 3.0.0`.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, operator, raised};
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let mut alternatives = Vec::new();
    for alternative in split_word(text, "or") {
        let mut all = Vec::new();
        for clause in split_word(&alternative, "and") {
            if let Some(version) = clause.strip_prefix("~>") {
                all.extend(pessimistic(version.trim())?);
            } else {
                let (operator, version) = operator(&clause);
                all.push(new(operator.unwrap_or(Operator::Equal), version)?);
            }
        }
        alternatives.push(all);
    }
    Clauses::new(Scheme::SemVer, alternatives, Prereleases::IfNamed)
}

/// The parts between the word, blanks around it left out.
fn split_word(text: &str, word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for it in text.split_whitespace() {
        if it == word {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(it);
        }
    }
    parts
}

/// Except behind `~>`, a version has all three numbers.
fn new(operator: Operator, version: &str) -> Option<Clause> {
    (numbers(version).0.len() == 3).then(|| Clause::new(operator, Scheme::SemVer, version))?
}

fn pessimistic(version: &str) -> Option<[Clause; 2]> {
    let (parts, rest) = numbers(version);
    let (lower, upper) = match parts.len() {
        2 => (format!("{}.0{rest}", parts.join(".")), format!("{}.0.0-0", raised(&parts, 1)?)),
        3 => (version.to_owned(), format!("{}.0-0", raised(&parts, 2)?)),
        _ => return None,
    };
    Some([new(Operator::GreaterOrEqual, &lower)?, new(Operator::Less, &upper)?])
}
