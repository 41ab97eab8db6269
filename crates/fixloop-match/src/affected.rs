//! One version against one row: affected, not affected, or not to be told.

use fixloop_index::ParsedRange;
use fixloop_model::RangeType;
use fixloop_version::{Scheme, Version};

use crate::known::KnownRow;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Yes,
    No,
    Undecided(Reason),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    /// The component's version does not follow its scheme.
    VersionOutsideScheme,
    /// A range of the record could not be read.
    UnusableRange,
    /// A Go pseudo-version against ranges over tags that are no module versions.
    PseudoVersion,
    /// The record speaks of one release of a distribution, and the component does not say its own.
    ReleaseUnknown,
}

/// A component's version under its ecosystem's scheme.
pub(crate) struct Candidate<'a> {
    pub(crate) ecosystem: &'a str,
    pub(crate) text: &'a str,
    pub(crate) parsed: Option<Version>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(ecosystem: &'a str, text: &'a str) -> Self {
        let parsed = Scheme::for_ecosystem(ecosystem).and_then(|it| it.parse(text).ok());
        Self { ecosystem, text, parsed }
    }
}

/// What decided an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule<'r> {
    /// The record speaks of another ecosystem, or of a part of it.
    Ecosystem,
    /// The version equals this one of the list.
    Listed(&'r str),
    /// It lies inside this range.
    Inside(&'r ParsedRange),
    /// It equals none of the list and lies in none of the ranges.
    Outside,
    /// Something stood in the way.
    Undecided,
}

pub(crate) fn answer(row: &KnownRow<'_>, candidate: &Candidate<'_>) -> Answer {
    decide(row, candidate).0
}

/// The answer with what decided it.
pub(crate) fn decide<'r>(row: &'r KnownRow<'_>, candidate: &Candidate<'_>) -> (Answer, Rule<'r>) {
    match speaks_of(row.ecosystem, candidate.ecosystem) {
        Answer::Yes => {}
        other => return (other, Rule::Ecosystem),
    }
    let equal = row.versions.iter().find(|listed| match (&listed.parsed, &candidate.parsed) {
        (Some(listed), Some(version)) => listed == version,
        _ => listed.text == candidate.text,
    });
    if let Some(listed) = equal {
        return (Answer::Yes, Rule::Listed(listed.text));
    }
    let mut undecided = row.has_unusable_range.then_some(Reason::UnusableRange);
    for (range_type, range) in &row.ranges {
        let is_pseudo = candidate.text.trim_start_matches('v').starts_with("0.0.0-");
        if *range_type == RangeType::GoTags && is_pseudo {
            undecided = Some(Reason::PseudoVersion);
            continue;
        }
        let is_inside = match &candidate.parsed {
            Some(version) if version.scheme() == range.scheme => Some(range.contains(version)),
            // A SEMVER range in an ecosystem with an order of its own.
            _ => range.scheme.parse(candidate.text).ok().map(|it| range.contains(&it)),
        };
        match is_inside {
            Some(true) => return (Answer::Yes, Rule::Inside(range)),
            Some(false) => {}
            None => undecided = Some(Reason::VersionOutsideScheme),
        }
    }
    match undecided {
        None => (Answer::No, Rule::Outside),
        Some(reason) => (Answer::Undecided(reason), Rule::Undecided),
    }
}

/// Whether a record for ecosystem `of_row` speaks of components of ecosystem `of_component`: the same, or a parent (`Debian` of
/// `Debian:12`).
fn speaks_of(of_row: &str, of_component: &str) -> Answer {
    let is_below = |child: &str, parent: &str| {
        child.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    if is_below(of_component, of_row) {
        return Answer::Yes;
    }
    // A suffix that is an address names another registry, not a release.
    let names_registry = of_row.contains("://");
    if is_below(of_row, of_component) && !names_registry {
        return Answer::Undecided(Reason::ReleaseUnknown);
    }
    Answer::No
}
