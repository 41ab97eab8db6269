//! Joins a pilot's assignment, the editors' events and the mirrors' histories.
//!
//! - [`Targets`] finds which file and team an event is about, by keys that editors and collector compute alike.
//! - [`Joined`] says what became of every draft exposure: it landed, was prevented, was there before.
//! - [`findings`], [`health`] and [`guardrails`] are the tables that `fixloop experiment analyze` reads.
//! - [`chain`] counts delivered, seen, acted, landed or prevented, and draws no verdict.
//! - [`progress`] says where a key result stands, and never more than the noise allows.
//!
//! Pure functions: nothing here reads a file, a clock or a network. The rules in words are in docs/pilot.md.

mod chain;
mod csv;
mod drafts;
mod findings;
mod guardrails;
mod health;
mod heard;
mod pilot;
mod progress;
mod targets;
#[cfg(test)]
mod tests;

pub use chain::{ArmChain, Chain, Count, LeadingReading, Reading, StepName, Unjoinable, chain};
pub use drafts::{Draft, DraftClass, Joined, Unjoined, join};
pub use findings::{FindingRow, Findings, Period, findings};
pub use guardrails::{GuardrailRow, guardrails, guardrails_csv};
pub use health::{HealthRow, health, health_csv};
pub use pilot::{InScope, MirroredRepository, Mirrors, Pilot, in_scope};
pub use progress::{
    Band, Change, GuardNow, KeyResultQuestion, Mined, Progress, TargetSpan, progress,
};
pub use targets::{TargetPlace, Targets};
