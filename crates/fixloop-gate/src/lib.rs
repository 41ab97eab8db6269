//! What a build is told: findings against a merge-base, a policy and exceptions, folded into one verdict.
//!
//! Every check is evaluated, and only then are they folded: no finding hides another. Nothing here reads a file, a clock or a network.

mod break_glass;
mod compare;
mod judge;
mod report;
#[cfg(test)]
mod tests;

pub use break_glass::{BreakGlass, BreakGlassError};
pub use compare::{Compared, Side, compare};
pub use judge::{Question, judge, take_back_bare_exceptions};
pub use report::{GateFinding, PolicyState, Report, Subject, Verdict};
