//! What to tell about each dependency of a manifest: one alert with its span, severity and words.
//!
//! Pure: a manifest's components, what its lockfile resolves them to and an index in, alerts out. Where a lockfile fixes the version,
//! that version is judged; else what the requirement admits. What other packages bring in is told on the dependency that brings them.

mod alert;
mod alerts;
mod context;
mod locked;
mod memory;
#[cfg(test)]
mod tests;
mod words;

pub use alert::{Alert, Basis, Brought, Level, Told};
pub use alerts::alerts;
pub use context::Context;
pub use locked::{Evaluated, Locked};
pub use memory::Memory;
