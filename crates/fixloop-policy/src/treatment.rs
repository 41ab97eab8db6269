//! Treatments as data: what is shown, where, when, about what, and how hard.

use std::fmt;

use fixloop_model::Rating;
use serde::{Deserialize, Serialize};

/// Where fixloop meets somebody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    Editor,
    Agent,
    PullRequest,
    Build,
}

/// When it speaks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// A package that was not in the file before.
    FirstReference,
    /// Whatever is there.
    Present,
}

/// How hard. The order is that of the ladder.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Detects and records, and shows nothing.
    Observe,
    Alert,
    /// Ends a build. In an editor it shows, as an alert does.
    Break,
}

/// What it is about.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    #[default]
    All,
    Malicious,
    /// Only what the project names itself.
    Direct,
}

/// One rung of the ladder, as it is decided on and changed without a release.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// `treatment-1`.
    pub id: String,
    /// Grows with every change.
    pub version: u32,
    pub surface: Surface,
    pub moment: Moment,
    /// What its teams get; the holdout's is always [`Mode::Observe`].
    pub mode: Mode,
    #[serde(default)]
    pub scope: Scope,
    /// The one rule that it is about, of the bundle's or `dependency-confusion`; without one it is about packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Below this severity it says nothing; unrated findings pass, for nobody knows.
    #[serde(default, with = "rating", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Rating>,
    /// A sentence that is put before the alert's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Where the organization says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Treatment {
    /// `treatment-1@3`, as events name what decided.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// A team's side of a comparison.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    Treated,
    /// Silent: observed alike and told nothing.
    Holdout,
}

/// Word and text of a closed set, once.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ }) => {
        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Surface { Editor => "editor", Agent => "agent", PullRequest => "pull_request", Build => "build" });
words!(Moment { FirstReference => "first-reference", Present => "present" });
words!(Mode { Observe => "observe", Alert => "alert", Break => "break" });
words!(Scope { All => "all", Malicious => "malicious", Direct => "direct" });
words!(Arm { Treated => "treated", Holdout => "holdout" });

/// A severity by its word.
mod rating {
    use fixloop_model::Rating;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(super) fn serialize<S: Serializer>(it: &Option<Rating>, s: S) -> Result<S::Ok, S::Error> {
        match it {
            Some(rating) => s.serialize_str(rating.as_str()),
            None => s.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Rating>, D::Error> {
        let word: Option<String> = Option::deserialize(d)?;
        let rating = |word: String| {
            let wrong = || serde::de::Error::custom(format!("`{word}` is no severity"));
            Rating::from_word(&word).ok_or_else(wrong)
        };
        word.map(rating).transpose()
    }
}
