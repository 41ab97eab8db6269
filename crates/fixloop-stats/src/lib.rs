//! Survival analysis, tests, intervals and sizes on plain numbers. Knows nothing of security; no input or output, no clock.

#![warn(clippy::missing_errors_doc)]

mod bisect;
mod chi_square;
mod cholesky;
pub mod cox;
pub mod fisher;
pub mod log_rank;
mod noncentral_t;
mod observation;
pub mod proportion;
pub mod size;

pub use chi_square::ChiSquareTest;
pub use observation::{Causes, InvalidObservation, Observation, Outcome};

#[cfg(test)]
mod tests;
