//! Ids that people say to each other: `problem-2`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an object is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    Objective,
    KeyResult,
    Problem,
    Evidence,
    Interview,
    Treatment,
    Ring,
    Solution,
    Rollout,
    Experiment,
    Readout,
    Decision,
    Campaign,
    Rule,
    /// There is one.
    Policy,
}

impl Kind {
    pub const ALL: &[Self] = &[
        Self::Objective,
        Self::KeyResult,
        Self::Problem,
        Self::Evidence,
        Self::Interview,
        Self::Treatment,
        Self::Ring,
        Self::Solution,
        Self::Rollout,
        Self::Experiment,
        Self::Readout,
        Self::Decision,
        Self::Campaign,
        Self::Rule,
        Self::Policy,
    ];

    /// As it stands in ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Objective => "objective",
            Self::KeyResult => "kr",
            Self::Problem => "problem",
            Self::Evidence => "evidence",
            Self::Interview => "interview",
            Self::Treatment => "treatment",
            Self::Ring => "ring",
            Self::Solution => "solution",
            Self::Rollout => "rollout",
            Self::Experiment => "experiment",
            Self::Readout => "readout",
            Self::Decision => "decision",
            Self::Campaign => "campaign",
            Self::Rule => "rule",
            Self::Policy => "policy",
        }
    }

    /// In a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::KeyResult => "key result",
            Self::Problem => "problem hypothesis",
            Self::Solution => "solution hypothesis",
            Self::Evidence => "piece of evidence",
            other => other.as_str(),
        }
    }
}

/// Kind and number, counted from 1.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId {
    kind: Kind,
    number: u32,
}

impl ObjectId {
    pub fn new(kind: Kind, number: u32) -> Self {
        Self { kind, number }
    }

    /// The policy is one object for the whole organization.
    pub const POLICY: Self = Self { kind: Kind::Policy, number: 1 };

    pub fn kind(self) -> Kind {
        self.kind
    }

    pub fn number(self) -> u32 {
        self.number
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.as_str(), self.number)
    }
}

impl FromStr for ObjectId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no id such as problem-1");
        let (word, number) = text.rsplit_once('-').ok_or_else(wrong)?;
        let kind = Kind::ALL.iter().find(|it| it.as_str() == word).ok_or_else(wrong)?;
        let number = number.parse().ok().filter(|it| *it > 0).ok_or_else(wrong)?;
        Ok(Self { kind: *kind, number })
    }
}

impl TryFrom<String> for ObjectId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.to_string()
    }
}
