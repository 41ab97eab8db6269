//! Experiments in a few teams: designs, assignments, exact analyses, looks and verdicts, as pure functions on tables.
//!
//! Teams are the sample and findings are not, unless findings were randomised. What decides is a randomisation test; everything else is
//! shown beside it.

mod analysis;
mod decision;
mod differences;
mod guardrails;
mod health;
mod inside_team;
mod inversion;
mod looks;
mod naive;
mod observational;
mod sensitivity;
mod table;
mod team_randomized;
#[cfg(test)]
mod tests;
mod waves;

pub use analysis::{Analysis, Design, Primary, Question, TeamDot, analyze};
pub use decision::{Decision, Guardrails, Rule, Situation, Verdict, decide};
pub use differences::{Differences, differences};
pub use guardrails::{GuardrailReading, guardrails_together};
pub use health::{HealthCheck, HealthStatus, health_status};
pub use inside_team::{InsideTest, inside_looks, inside_test, inside_time_ratio};
pub use looks::{LookReading, Looks, Schedule, ScheduleError, looks};
pub use naive::{Naive, naive};
pub use observational::{CannotObserve, Observed, observe};
pub use sensitivity::{Agreement, Sensitivity, sensitivity};
pub use table::{Arm, FIXED, Finding, Table, TableError, Team};
pub use team_randomized::{
    CannotTest, Settings, Statistic, TeamTest, Theta, TimeRatio, team_test, time_ratio,
};
pub use waves::{WaveReading, waves};
