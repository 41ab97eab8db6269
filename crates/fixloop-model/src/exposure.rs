//! Exposures and opportunities: how long a target has been vulnerable, and how that ended.

use crate::{Class, Scope, Severity, Timestamp};

/// How an exposure or opportunity ended.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Ending {
    /// The package stayed, at a version that is not affected.
    Upgraded,
    /// The package went, or the whole target.
    Removed,
    /// Somebody accepted it: an exception or a VEX statement.
    Suppressed,
    /// Every advisory of the alias group was withdrawn: there never was anything to fix.
    Withdrawn,
    /// Still there when last looked at (right-censored).
    Open,
}

impl Ending {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upgraded => "upgraded",
            Self::Removed => "removed",
            Self::Suppressed => "suppressed",
            Self::Withdrawn => "withdrawn",
            Self::Open => "open",
        }
    }
}

/// One target × package × alias group, from when it could be fixed to when it was: one episode.
///
/// Invariants: `introduced <= start`, `disclosed <= start`, `start <= entry`; `end >= start` where there is an end.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// The id of the [`Opportunity`] that this is part of.
    pub opportunity: String,
    pub repository: String,
    /// `REPOSITORY:PATH`, the lockfile (or the manifest, where there is none) in which it began.
    pub target: String,
    pub ecosystem: String,
    pub name: String,
    /// Every id of the alias group, the representative first.
    pub ids: Vec<String>,
    pub class: Class,
    pub severity: Option<Severity>,
    /// When an affected version came in; of left-truncated ones, the first commit's time.
    pub introduced: Timestamp,
    /// It was there at the first commit of the history, so it came in at `introduced` or before.
    pub left_truncated: bool,
    /// The first publication among the alias group's records of this package.
    pub disclosed: Timestamp,
    /// `max(introduced, disclosed)`.
    pub start: Timestamp,
    /// When it could first be seen: not before the first commit of the history.
    pub entry: Timestamp,
    pub end: Option<Timestamp>,
    /// When an open one was last proved to be there: later silence is no proof.
    pub last_seen: Timestamp,
    pub outcome: Ending,
    pub direct: Option<bool>,
    pub scope: Option<Scope>,
    /// The affected version (or versions, joined by `, `) when it ended, or last.
    pub version_before: String,
    /// What the package was at after the end; `None` if it went or is still affected.
    pub version_after: Option<String>,
    pub introducing_commit: String,
    pub fixing_commit: Option<String>,
    pub regressions: Vec<Regression>,
}

/// An upgrade that ended an exposure and was undone within 14 days; the exposure goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Regression {
    pub upgraded: Timestamp,
    pub upgrading_commit: String,
    pub upgraded_version: String,
    pub reverted: Timestamp,
    pub reverting_commit: String,
    pub reverted_version: String,
}

/// One target × package while it has any open exposure: what one upgrade closes, and the unit of every statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Opportunity {
    pub id: String,
    /// Places of its exposures in the list that it came with.
    pub exposures: Vec<usize>,
    pub repository: String,
    pub target: String,
    pub team: Option<String>,
    pub ecosystem: String,
    pub name: String,
    /// The most urgent of its exposures. Statistics count malicious and vulnerable ones only: no upgrade clears the others.
    pub class: Class,
    /// When the version came in that the first exposure is about.
    pub introduced: Timestamp,
    /// When the first exposure was disclosed.
    pub disclosed: Timestamp,
    pub left_truncated: bool,
    pub start: Timestamp,
    pub entry: Timestamp,
    pub end: Option<Timestamp>,
    /// When an open one was last proved to be there.
    pub last_seen: Timestamp,
    pub outcome: Ending,
    /// The highest of its exposures.
    pub severity: Option<Severity>,
    pub direct: Option<bool>,
    pub scope: Option<Scope>,
    pub n_regressions: usize,
    pub introducing_commit: String,
    pub fixing_commit: Option<String>,
}
