//! Survival analysis, tests, intervals and sizes on plain numbers. Knows nothing of security; no input or output, no clock.

#![warn(clippy::missing_errors_doc)]

mod observation;

pub use observation::{Causes, InvalidObservation, Observation, Outcome};

#[cfg(test)]
mod tests;
