//! Version ranges of NuGet: <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning#version-ranges>.
//!
//! A bare version is a lower bound, and NuGet takes the lowest version that fits. Intervals are written `[1.0,2.0)`, floating versions
//! `1.*` and `1.2.*-*`.

use super::clauses::{Clause, Clauses, Operator, Prereleases, numbers, raised};
use super::interval;
use crate::scheme::Scheme;

pub(super) fn parse(text: &str) -> Option<Clauses> {
    let text = text.trim();
    if text.contains('*') {
        return floating(text);
    }
    if text.starts_with(['[', '(']) {
        let all = interval::parse(Scheme::NuGet, text)?;
        let lowest =
            all.iter().find(|it| matches!(it.operator, Operator::GreaterOrEqual | Operator::Equal));
        let selected = lowest.map(|it| it.version.clone());
        let clauses = Clauses::new(Scheme::NuGet, vec![all], Prereleases::IfNamed)?;
        return Some(Clauses { selected, ..clauses });
    }
    let lower = Clause::new(Operator::GreaterOrEqual, Scheme::NuGet, text)?;
    let selected = Some(lower.version.clone());
    let clauses = Clauses::new(Scheme::NuGet, vec![vec![lower]], Prereleases::IfNamed)?;
    Some(Clauses { selected, ..clauses })
}

/// The highest version that fits, so none is known to be taken.
fn floating(text: &str) -> Option<Clauses> {
    let (release, label) = match text.split_once('-') {
        Some((release, label)) => (release, Some(label)),
        None => (text, None),
    };
    let new = |operator, version: &str| Clause::new(operator, Scheme::NuGet, version);
    let mut all = Vec::new();
    if let Some(prefix) = release.strip_suffix('*') {
        let fixed = prefix.strip_suffix('.').unwrap_or(prefix);
        if !fixed.is_empty() {
            let (parts, rest) = numbers(fixed);
            if !rest.is_empty() {
                return None;
            }
            // `1.*-*` takes prereleases of 1.0 as well, and never those of 2.0.
            let lowest = if label.is_some() { "-0" } else { "" };
            all.push(new(Operator::GreaterOrEqual, &format!("{fixed}.0{lowest}"))?);
            all.push(new(Operator::Less, &format!("{}-0", raised(&parts, parts.len())?))?);
        }
        if label.is_some_and(|it| it != "*") {
            return None;
        }
    } else {
        let prefix = label?.strip_suffix('*')?.trim_end_matches('.');
        let prefix = if prefix.is_empty() { "0" } else { prefix };
        all.push(new(Operator::GreaterOrEqual, &format!("{release}-{prefix}"))?);
        all.push(new(Operator::LessOrEqual, release)?);
    }
    let clauses = Clauses::new(Scheme::NuGet, vec![all], Prereleases::IfNamed)?;
    Some(Clauses { names_prerelease: label.is_some(), ..clauses })
}
