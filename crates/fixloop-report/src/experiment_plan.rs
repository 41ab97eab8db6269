//! A pilot's plan rendered.

mod cannot_show;
mod json;
#[cfg(test)]
mod tests;
mod text;
mod words;

use fixloop_experiment::{Plan, Reach};

pub use json::experiment_plan_json;
pub use text::write_experiment_plan_text;

/// What is rendered: the plan, and what it was made from.
pub struct PlanReport {
    /// What was read, in words.
    pub subject: String,
    /// Where teams come from, in words.
    pub teams_from: String,
    /// Which opportunities it is about.
    pub scope: String,
    pub reach: Reach,
    /// Of an alert at the first reference; `None` if nobody can tell.
    pub first_reference: Option<Reach>,
    /// Smallest cut that is worth the trouble, as 0.1.
    pub worthwhile: f64,
    pub plan: Plan,
}
