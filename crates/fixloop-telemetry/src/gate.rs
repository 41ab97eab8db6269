//! One verdict of a build's gate.

use fixloop_policy::{BranchKind, Key};
use serde::{Deserialize, Serialize};

/// What a build was told, and what it would have been told if every rule were in break.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Gate {
    /// By [`OrganizationKey::repository`](fixloop_policy::OrganizationKey::repository); nothing where that is not known.
    pub repository: Option<Key>,
    pub branch: BranchKind,
    pub verdict: GateVerdict,
    pub would: GateVerdict,
    /// Somebody broke the glass, whether or not it was needed.
    pub is_break_glass: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateVerdict {
    Pass,
    Alert,
    Unverified,
    BrokenGlass,
    Break,
}
