//! Requirements of Ruby gems: <https://guides.rubygems.org/patterns/#declaring-dependencies> and `Gem::Requirement`.
//!
//! Clauses between commas; without an operator `=` is meant. `~> 1.2.3` is `>= 1.2.3, < 1.3`, prereleases of `1.3` left out.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, operator, raised};
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let mut all = Vec::new();
    for clause in text.split(',') {
        let clause = clause.trim();
        if let Some(version) = clause.strip_prefix("~>") {
            all.extend(pessimistic(version.trim())?);
        } else {
            let (operator, version) = operator(clause);
            all.push(new(operator.unwrap_or(Operator::Equal), version)?);
        }
    }
    Clauses::new(Scheme::RubyGems, vec![all], Prereleases::IfNamed)
}

fn new(operator: Operator, version: &str) -> Option<Clause> {
    Clause::new(operator, Scheme::RubyGems, version)
}

fn pessimistic(version: &str) -> Option<[Clause; 2]> {
    let (numbers, _) = numbers(version);
    // `~> 2` has no number to hold on to and means `>= 2, < 3`.
    let upper = raised(&numbers, numbers.len().saturating_sub(1).max(1))?;
    // `A` is the lowest word, so that no prerelease of the next line is below the bound.
    Some([new(Operator::GreaterOrEqual, version)?, new(Operator::Less, &format!("{upper}.A"))?])
}
