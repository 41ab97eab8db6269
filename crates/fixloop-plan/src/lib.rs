//! A folder's findings to one edit per dependency, planned one after the other.
//!
//! [`plan`] goes through the findings of a scan and makes the edits in [`Files`], so that each sees those before it. Files are read, none
//! is written and no command run: that is for who asked.

mod files;
mod plan;
#[cfg(test)]
mod tests;

pub use files::{Change, Files};
pub use plan::{Fixed, Hint, Plan, Unfixed, plan};
