//! Components against the index: what is affected, what cannot be told, and which version fixes it.

mod affected;
mod check;
mod fix;
mod known;
#[cfg(test)]
mod tests;

pub use check::{Applicable, Checked, Match, check};
pub use known::Known;
