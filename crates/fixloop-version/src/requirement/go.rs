//! Required versions of `go.mod`: <https://go.dev/ref/mod#minimal-version-selection>.
//!
//! A required version is the lowest that will do; another module may raise it, within the major version that the module's path
//! stands for. Versions 0 and 1 share a path, and so do all that are marked `+incompatible`.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, raised};
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let text = text.trim();
    let version = text.strip_prefix('v')?;
    let (parts, _) = numbers(version);
    if parts.len() != 3 {
        return None;
    }
    let mut all = vec![Clause::new(Operator::GreaterOrEqual, Scheme::SemVer, text)?];
    // What is above an incompatible version is incompatible, too, whatever its major version.
    if !version.ends_with("+incompatible") {
        let is_first = matches!(parts[0], "0" | "1");
        let next = if is_first { "2".to_owned() } else { raised(&parts, 1)? };
        all.push(Clause::new(Operator::Less, Scheme::SemVer, &format!("{next}.0.0-0"))?);
    }
    Clauses::new(Scheme::SemVer, vec![all], Prereleases::Always)
}
