//! Where a requirement begins.

use super::{Kind, Requirement};
use crate::scheme::Scheme;
use crate::version::Version;

impl Requirement {
    /// The lowest version that its text names and that it admits; missing parts and wildcards count as 0.
    ///
    /// `None` where it is open below (`<2`), or leaves out the version it begins at (`>1.0`).
    pub fn floor(&self) -> Option<Version> {
        let scheme = self.scheme();
        let is_part = |it: char| it.is_ascii_alphanumeric() || "._-+!*".contains(it);
        let words = self.as_str().split(|it: char| !is_part(it));
        let named = words.filter_map(|word| scheme.parse(&lowest(word)?).ok());
        named.filter(|it| self.admits(it)).min()
    }

    /// The order of the versions that it speaks of.
    pub fn scheme(&self) -> Scheme {
        match &self.kind {
            Kind::SemVer(_) => Scheme::SemVer,
            Kind::Pep440(_) => Scheme::Pep440,
            Kind::Clauses(clauses) => clauses.scheme,
        }
    }
}

/// The word up to its first wildcard: `1.2.*` and `1.2.x` are `1.2`, `*` is `0`. `None` for a word without a number.
fn lowest(word: &str) -> Option<String> {
    let parts: Vec<&str> =
        word.split('.').take_while(|it| !matches!(*it, "x" | "X" | "*")).collect();
    let has_wildcard = parts.len() < word.split('.').count();
    match parts.join(".").trim_end_matches(['*', '-', '+']) {
        "" => has_wildcard.then(|| "0".to_owned()),
        kept => kept.contains(|it: char| it.is_ascii_digit()).then(|| kept.to_owned()),
    }
}
