//! Components against the index: what is affected, what cannot be told, and which version fixes it.

mod affected;
mod both;
mod check;
mod clear;
mod explain;
mod fix;
mod hits;
mod known;
mod requirement;
#[cfg(test)]
mod tests;

pub use both::{check_both, check_own, check_requirement_both};
pub use check::{Applicable, Checked, Match, check, check_as};
pub use clear::{affected_later, standing_against};
pub use explain::{Decision, Explained, Verdict, explain_package, explain_record};
pub use hits::{GroupHit, Hits, hits};
pub use known::{Known, counts_at};
pub use requirement::{Admitted, RequirementChecked, check_requirement};
