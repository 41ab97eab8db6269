//! What is shown where: treatments, rings and the signed bundle that brings them to editors and builds.
//!
//! One function decides for every surface. Nothing here reads a file, a clock or a network.

mod build;
mod bundle;
mod campaign;
mod content;
mod decide;
mod hmac;
mod keys;
mod refused;
mod repository_id;
mod resolve;
mod signed;
mod signing;
#[cfg(test)]
mod tests;
mod treatment;
mod why;

pub use build::{Because, BuildFacts, BuildRuling, Change, decide_build};
pub use bundle::{
    Assigned, Bundle, GateSettings, ORGANIZATION_WORDS, Ring, RuleText, SCHEMA, Telemetry,
};
pub use campaign::{About, BranchKind, Campaign, Step};
pub use content::{check, check_campaign};
pub use decide::{Facts, Ruling, decide};
pub use hmac::hmac;
pub use keys::{Key, OrganizationKey};
pub use refused::Refused;
pub use repository_id::RepositoryId;
pub use resolve::{Applied, Place, Resolution, resolve, resolve_team};
pub use signed::{Expect, MAX_BYTES, PAYLOAD_TYPE, sign, verify};
pub use signing::{NoKey, PublicKey, SigningKey};
pub use treatment::{Arm, Mode, Moment, Scope, Surface, Treatment};
pub use why::Why;
