//! An experiment rendered.

mod json;
mod text;
mod words;

use fixloop_experiment::{Analysis, Question};
use fixloop_readout::Readout;

pub use json::experiment_json;
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
}
