//! Experiments in a few teams: designs, assignments, exact analyses, looks and verdicts, as pure functions on tables.
//!
//! Teams are the sample and findings are not, unless findings were randomised. What decides is a randomisation test; everything else is
//! shown beside it.

mod analysis;
mod decision;
mod differences;
mod guardrails;
mod health;
mod inversion;
mod looks;
mod naive;
mod sensitivity;
mod table;
mod team_randomized;
#[cfg(test)]
mod tests;

pub use analysis::{Analysis, Design, Primary, Question, TeamDot, analyze};
pub use decision::{Decision, Guardrails, Rule, Situation, Verdict, decide};
pub use differences::{Differences, differences};
pub use guardrails::{GuardrailReading, guardrails_together};
pub use health::{HealthCheck, HealthStatus, health_status};
pub use looks::LookReading;
pub use naive::{Naive, naive};
pub use sensitivity::{Agreement, Sensitivity, sensitivity};
pub use table::{Arm, FIXED, Finding, Table, TableError, Team};
pub use team_randomized::{
    CannotTest, Settings, Statistic, TeamTest, Theta, TimeRatio, team_test, time_ratio,
};
