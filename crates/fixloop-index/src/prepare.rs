//! One advisory made ready for the index: independent of all others, so that it can be done in parallel.

use std::collections::BTreeMap;

use fixloop_model::{Advisory, Affected, Range};
use fixloop_version::{Scheme, Version};

use crate::evaluate::{ParsedRange, scheme_of_range};

/// An advisory whose ranges can all be evaluated and whose listed versions are only those that no range implies.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) advisory: Advisory,
    /// One flag for each affected package: a range of it could not be evaluated.
    pub(crate) has_unusable_range: Vec<bool>,
    pub unused: Vec<Unusable>,
}

/// A range or version that cannot be ordered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unusable {
    RangeOutsideScheme,
    RangeOfUnknownEcosystem,
    VersionOutsideScheme,
}

pub fn prepare(mut advisory: Advisory) -> Prepared {
    let mut unused = Vec::new();
    let mut has_unusable_range = Vec::with_capacity(advisory.affected.len());
    for affected in &mut advisory.affected {
        let before = unused.len();
        let mut parsed = Vec::with_capacity(affected.ranges.len());
        let ecosystem = affected.ecosystem.as_str();
        affected.ranges.retain(|range| match parse(ecosystem, range) {
            Ok(range) => {
                parsed.push(range);
                true
            }
            Err(reason) => {
                unused.push(reason);
                false
            }
        });
        has_unusable_range.push(unused.len() > before);
        affected.versions = residue(affected, &parsed, &mut unused);
    }
    Prepared { advisory, has_unusable_range, unused }
}

fn parse(ecosystem: &str, range: &Range) -> Result<ParsedRange, Unusable> {
    let scheme = scheme_of_range(range.range_type, ecosystem);
    let scheme = scheme.ok_or(Unusable::RangeOfUnknownEcosystem)?;
    let events = range.events.iter().map(|it| (it.bound, &*it.version));
    ParsedRange::parse(scheme, events).map_err(|_| Unusable::RangeOutsideScheme)
}

/// The listed versions that no range holds, each once; a version outside the scheme stays, as it can still be equal.
fn residue(affected: &Affected, ranges: &[ParsedRange], unused: &mut Vec<Unusable>) -> Vec<String> {
    let Some(scheme) = Scheme::for_ecosystem(affected.ecosystem.as_str()) else {
        return affected.versions.clone();
    };
    let mut outside = Vec::new();
    let mut parsed: BTreeMap<Version, &String> = BTreeMap::new();
    for text in &affected.versions {
        if let Ok(version) = scheme.parse(text) {
            parsed.entry(version).or_insert(text);
        } else {
            unused.push(Unusable::VersionOutsideScheme);
            outside.push(text.clone());
        }
    }
    let is_implied = |version: &Version| {
        ranges.iter().any(|range| range.scheme == scheme && range.contains(version))
    };
    let kept = parsed.iter().filter(|(version, _)| !is_implied(version));
    kept.map(|(_, text)| (*text).clone()).chain(outside).collect()
}
