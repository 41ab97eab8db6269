//! Interviews: whom to ask and about which case, the page to fill in, and what the rules of interviewing say of it.
//!
//! Pure: mining, files and the record's database are the caller's.

pub mod candidates;
mod editors;
mod lints;
pub mod page;
mod stop_rule;
#[cfg(test)]
mod tests;

pub use editors::{EditorComment, EditorReasons, editor_reasons};
pub use lints::lints;
pub use stop_rule::{StopRule, stop_rule};
