//! Advisories: what is vulnerable, in the shape of an OSV record.
//!
//! Source: OSV schema 1.7, <https://ossf.github.io/osv-schema/>.

use crate::{Class, Ecosystem};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(pub i64);

/// One OSV record.
#[derive(Clone, Debug, PartialEq)]
pub struct Advisory {
    pub id: String,
    pub aliases: Vec<String>,
    pub upstream: Vec<String>,
    /// One line in words; the first line of the details where the record has no summary.
    pub summary: String,
    /// Where to read more; empty if the record names no address.
    pub url: String,
    pub published: Option<Timestamp>,
    pub modified: Timestamp,
    pub withdrawn: Option<Timestamp>,
    pub affected: Vec<Affected>,
}

/// One package that an advisory affects.
#[derive(Clone, Debug, PartialEq)]
pub struct Affected {
    pub ecosystem: Ecosystem,
    pub name: String,
    pub class: Class,
    pub severity: Option<Severity>,
    /// Versions listed one by one.
    pub versions: Vec<String>,
    pub ranges: Vec<Range>,
}

/// A version range as a list of events; any order, as in the record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Range {
    pub range_type: RangeType,
    pub events: Vec<Event>,
}

/// How the versions of a range are ordered. Ranges of type `GIT` order commits, decide no registry version and are not kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RangeType {
    Semver,
    Ecosystem,
    /// SemVer order over git tags that are no versions of the Go module (Go vulnerability database, `custom_ranges`).
    GoTags,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    pub bound: Bound,
    pub version: String,
}

/// What happens at a version, in the order in which the schema's evaluation breaks ties.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Bound {
    /// Affected from here on; `0` stands before every version.
    Introduced,
    /// Affected up to and with this version.
    LastAffected,
    /// No longer affected from here on.
    Fixed,
    /// The range says nothing from here on; `*` stands after every version.
    Limit,
}

/// The qualitative severity rating scale of CVSS v3.1 section 5 (v4.0 section 6 has the same names).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rating {
    None,
    Low,
    Medium,
    High,
    Critical,
}

impl Rating {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the words that databases use for themselves, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        const WORDS: &[(&str, Rating)] = &[
            ("none", Rating::None),
            ("negligible", Rating::Low),
            ("unimportant", Rating::Low),
            ("low", Rating::Low),
            ("moderate", Rating::Medium),
            ("medium", Rating::Medium),
            ("important", Rating::High),
            ("high", Rating::High),
            ("critical", Rating::Critical),
        ];
        WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, rating)| *rating)
    }

    /// The rating of a CVSS score in tenths (0 to 100).
    pub fn from_tenths(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..40 => Self::Low,
            40..70 => Self::Medium,
            70..90 => Self::High,
            _ => Self::Critical,
        }
    }
}

/// How bad, and who says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Severity {
    pub rating: Rating,
    pub source: SeveritySource,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SeveritySource {
    /// A CVSS vector; `version` is `2.0`, `3.0`, `3.1` or `4.0`, the score is in tenths.
    Cvss { version: &'static str, score_tenths: u8, vector: String },
    /// The record's own word.
    Record,
}

impl Severity {
    /// Orders by rating, then score; a record's own word stands below a score of the same rating.
    pub fn rank(&self) -> (Rating, u8) {
        match &self.source {
            SeveritySource::Cvss { score_tenths, .. } => (self.rating, *score_tenths),
            SeveritySource::Record => (self.rating, 0),
        }
    }
}
