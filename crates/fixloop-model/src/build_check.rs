//! What a check of build configuration says of one place.

use crate::Rating;

/// How it stands. Only [`CheckState::Mixed`] and [`CheckState::Affected`] are findings.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CheckState {
    Affected,
    /// Private and public sources can answer for the same name.
    Mixed,
    /// The check could not be made, or its answer depends on what no file says. Never taken as safe.
    Unknown,
    Safe,
}

impl CheckState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
            Self::Safe => "safe",
        }
    }

    /// Whether it counts against a build.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::Affected | Self::Mixed)
    }
}

/// One answer of one rule about one file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BuildCheck {
    /// The rule's id: `dependency-confusion`, or that of a rule file.
    pub rule: String,
    pub state: CheckState,
    /// Nothing where nobody rated it.
    pub severity: Option<Rating>,
    /// What this is, in one sentence for the people of the build.
    pub summary: String,
    /// What to do; empty where there is nothing to say.
    pub fix: String,
    /// Where to read more; empty if the rule names no address.
    pub url: String,
    /// Relative to the checked root, `/` between parts.
    pub path: String,
    /// From 1; nothing where no line says it.
    pub line: Option<u32>,
    /// The line as it stands there, without secrets; or why nothing is known.
    pub evidence: String,
}
