//! Dependency versions of Maven: <https://maven.apache.org/pom.html#dependency-version-requirement-specification>.
//!
//! A bare version is a soft requirement: it is taken unless another dependency asks otherwise, so it admits every version. Hard ones
//! are intervals, several of them between commas: `(,1.0],[1.2,)`.

use super::clauses::{Clauses, Prereleases};
use super::interval;
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let text = text.trim();
    if !text.starts_with(['[', '(']) {
        let selected = Some(Scheme::Maven.parse(text).ok()?);
        let clauses = Clauses::new(Scheme::Maven, vec![Vec::new()], Prereleases::Always)?;
        // A version with a bracket or comma in it is an interval that someone is typing.
        return (!text.contains(['[', ']', '(', ')', ',']))
            .then_some(Clauses { selected, ..clauses });
    }
    let mut alternatives = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find([']', ')'])? + 1;
        alternatives.push(interval::parse(Scheme::Maven, &rest[..end])?);
        rest = rest[end..].trim_start();
        if rest.is_empty() {
            return Clauses::new(Scheme::Maven, alternatives, Prereleases::Always);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}
