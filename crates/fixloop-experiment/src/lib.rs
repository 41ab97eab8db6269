//! Experiments in a few teams: designs, assignments, exact analyses, looks and verdicts, as pure functions on tables.
//!
//! Teams are the sample and findings are not, unless findings were randomised. What decides is a randomisation test; everything else is
//! shown beside it.

mod analysis;
mod assign;
pub mod backtest;
mod decision;
mod differences;
mod guardrails;
mod health;
mod inside_team;
mod inversion;
pub mod ledger;
mod looks;
mod naive;
mod observational;
mod plan;
mod registration;
mod sensitivity;
pub mod stages;
mod table;
mod team_randomized;
#[cfg(test)]
mod tests;
mod waves;
mod within_day;

pub use analysis::{Analysis, Design, Primary, Question, TeamDot, analyze};
pub use assign::{
    Accepted, AssignError, Block, Candidate, Constraint, ConstraintUnit, Digest, History, Roster,
    Scheme, Unit, arm_of_finding, arm_word, digest,
};
pub use decision::{Decision, Guardrails, Rule, Situation, Verdict, decide};
pub use differences::{Differences, differences};
pub use guardrails::{
    Amount, Comparison, GuardrailInputError, GuardrailKind, GuardrailReading, Registered,
    guardrails, guardrails_together,
};
pub use health::{
    HealthCheck, HealthRecords, HealthStatus, TeamRecord, health_checks, health_status,
};
pub use inside_team::{InsideTest, inside_looks, inside_test, inside_time_ratio};
pub use looks::{LookReading, Looks, Schedule, ScheduleError, looks};
pub use naive::{Naive, naive};
pub use observational::{CannotObserve, Observed, observe};
pub use plan::{
    Choice, Formula, LARGEST_EFFECT, LookPower, MIN_FIXES, MIN_PAST_TEAMS, MIN_TEAMS,
    MIN_TEAMS_PLANNED, Needed, Outlook, Past, PastError, PastFacts, PastFinding, PilotDesign, Plan,
    PlanError, PlanQuestion, Power, Reach, Refusal, Replay, SPENDING_POWER, Treatment, Variation,
    default_looks, plan,
};
pub use registration::{Registration, registration};
pub use sensitivity::{Agreement, Sensitivity, sensitivity};
pub use table::{Arm, FIXED, Finding, Table, TableError, Team};
pub use team_randomized::{
    CannotTest, Settings, Statistic, TeamTest, Theta, TimeRatio, admissible, team_test, time_ratio,
};
pub use waves::{WaveReading, waves};
pub use within_day::within_day;
