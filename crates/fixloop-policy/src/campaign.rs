//! Campaigns as a bundle carries them: what has to go by when, and how hard each ring is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::treatment::Mode;

/// What a build is of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BranchKind {
    PullRequest,
    Default,
    Release,
    Other,
}

impl BranchKind {
    pub const ALL: &[Self] = &[Self::PullRequest, Self::Default, Self::Release, Self::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::PullRequest => "pull_request",
            Self::Default => "default",
            Self::Release => "release",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for BranchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An open campaign.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// `campaign-1`.
    pub id: String,
    /// Grows with every change of the campaign.
    pub version: u32,
    /// What people are told it is about.
    pub title: String,
    /// Ids of advisories, public ones or of this bundle.
    pub advisories: Vec<String>,
    /// Ids of rules of this bundle, and `dependency-confusion`.
    pub rules: Vec<String>,
    /// When everything has to be fixed. Microseconds since 1970, UTC.
    pub deadline: i64,
    /// Whom to ask.
    pub contact: String,
    /// A sentence that is put before the finding's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// On which branches breaking ends a build.
    pub branches: Vec<BranchKind>,
    /// Where each team stands on the ladder. A team that is not here observes.
    pub steps: Vec<Step>,
}

/// The rung that some teams have reached.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Of the bundle; nothing for every team.
    pub ring: Option<String>,
    pub mode: Mode,
    /// When it was reached. Microseconds since 1970, UTC.
    pub since: i64,
    /// How long what was there before may stay after that, in hours.
    pub grace_hours: u32,
}

impl Step {
    /// From when on it ends builds; nothing while it only alerts.
    pub fn breaks_at(&self) -> Option<i64> {
        let grace = i64::from(self.grace_hours) * 3_600_000_000;
        (self.mode == Mode::Break).then(|| self.since.saturating_add(grace))
    }
}

impl Campaign {
    pub fn is_about(&self, about: About<'_>) -> bool {
        let is_advisory = |id: &String| about.ids.iter().any(|it| it.eq_ignore_ascii_case(id));
        self.advisories.iter().any(is_advisory)
            || about.rule.is_some_and(|rule| self.rules.iter().any(|it| it == rule))
    }

    /// The hardest rung that a team of this ring has reached; of equals the one that it reached first.
    pub fn step(&self, ring: Option<&str>) -> Option<&Step> {
        let of_team = |it: &&Step| it.ring.is_none() || it.ring.as_deref() == ring;
        let order = |it: &&Step| (it.mode, std::cmp::Reverse(it.since));
        self.steps.iter().filter(of_team).max_by_key(order)
    }

    /// `campaign-1@3`, as verdicts and events name what decided.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// What a finding is about, by the names that policies use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct About<'a> {
    /// Every id of the alias group.
    pub ids: &'a [String],
    /// Of a check of build configuration.
    pub rule: Option<&'a str>,
}

impl<'a> About<'a> {
    pub fn advisories(ids: &'a [String]) -> Self {
        Self { ids, rule: None }
    }

    pub fn rule(rule: &'a str) -> Self {
        Self { ids: &[], rule: Some(rule) }
    }
}
