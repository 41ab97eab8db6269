//! What the signed bundle says: `fixloop.policy/2`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::campaign::{BranchKind, Campaign};
use crate::keys::{Key, OrganizationKey};
use crate::treatment::{Arm, Mode, Treatment};

pub const SCHEMA: &str = "fixloop.policy/2";

/// How many hexadecimal digits name an organization.
pub const ORGANIZATION_WORDS: usize = 32;

/// One version of an organization's policy, whole.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    pub schema: String,
    /// A random name that never changes: the bundle of another organization is known by it.
    pub organization: String,
    /// Grows with every bundle: an older one is never taken back.
    pub version: u64,
    /// Microseconds since 1970, UTC.
    pub issued_at: i64,
    /// From then on it counts no more.
    pub expires_at: i64,
    /// Everything observes, whatever else stands here.
    pub kill_switch: bool,
    /// Seconds between two looks at the bundle.
    pub poll_seconds: u32,
    pub telemetry: Telemetry,
    /// In what mode a surface is that no treatment speaks to.
    pub otherwise: Mode,
    /// Teams of repositories, by [`OrganizationKey::repository`]: the list of repositories is nobody's who reads the bundle.
    pub repositories: BTreeMap<Key, String>,
    /// In the order in which they are rolled out to.
    pub rings: Vec<Ring>,
    pub treatments: Vec<Treatment>,
    /// Who gets what. A team that is not here for a treatment observes.
    pub assigned: Vec<Assigned>,
    /// Checks of build configuration, which treatments and campaigns name by their ids.
    pub rules: Vec<RuleText>,
    /// OSV records of the organization's own, as they were entered.
    pub advisories: Vec<serde_json::Value>,
    /// Those that are open.
    pub campaigns: Vec<Campaign>,
    pub gate: GateSettings,
}

/// A rule file, whole: what it may say is `fixloop-rules`' to know.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// As in the rule itself.
    pub id: String,
    /// Grows with every change.
    pub version: u32,
    pub text: String,
}

/// What a build does where no treatment and no campaign has a say.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GateSettings {
    /// Where a verdict that could not be verified ends the build.
    pub fail_unverified: Vec<BranchKind>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    pub key: OrganizationKey,
    /// A folder, or later an address, that spools are flushed to.
    pub sink: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    pub name: String,
    pub teams: Vec<String>,
}

/// One team's place in one rollout, from the ledger of assignments.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    pub rollout: String,
    /// By [`Treatment::id`].
    pub treatment: String,
    pub team: String,
    pub arm: Arm,
    /// Paused, or its ring's turn has not come: it observes, as the holdout does.
    pub is_live: bool,
}
