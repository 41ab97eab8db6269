//! An experiment rendered: text and Markdown for people, one HTML file, and JSON for scripts.
//!
//! All but JSON show one [`view::View`] in one order: verdict, interval, how sure, guardrails and health, curves, teams, method.

mod chart;
mod html;
mod json;
mod markdown;
mod text;
mod view;
mod words;

use fixloop_experiment::{Analysis, Question, Registration};
use fixloop_readout::Readout;

pub use html::write_experiment_html;
pub use json::experiment_json;
pub use markdown::write_experiment_markdown;
pub use text::write_experiment_text;

/// What is rendered: the analysis, and how its table was understood.
pub struct ExperimentReport {
    /// What was read, in words.
    pub subject: String,
    /// Which column is what, in words.
    pub columns: String,
    /// Where limits of follow-up come from, in words.
    pub limits_from: String,
    pub question: Question,
    pub analysis: Analysis,
    /// Curves by arm, of the time of the experiment.
    pub curves: Readout,
    pub registration: Registration,
    pub outlook: Outlook,
}

/// What is known of the way ahead; nothing of it is made up where nobody computed it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// What would settle the question, as `8 more teams or 5 more weeks`.
    pub settles: Option<String>,
    /// Day of the experiment of the next planned look.
    pub next_look_day: Option<f64>,
    /// Planned looks in all.
    pub n_looks: Option<usize>,
}

#[cfg(test)]
mod tests;
