//! The programme's record rendered: iteration clocks, one page for people, and everything in Markdown for a review.
//!
//! Pure: the caller gathers the record, its entries and the documents that readouts froze. What is shown is made once, as [`cards`], and
//! written as Markdown and as HTML; foreign text is made visible there and escaped by each writer.

mod cards;
mod chart;
mod clock;
mod html;
mod markdown;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use fixloop_program::record::{Entry, Record};
use jiff::Timestamp;
use serde_json::Value;

pub use clock::{clock_json, write_clock_text};
pub use html::write_program_html;
pub use markdown::write_program_markdown;

/// Everything that is shown of a programme.
pub struct ProgramReport<'a> {
    pub record: &'a Record,
    /// All of them, the oldest first.
    pub entries: &'a [Entry],
    /// What readouts froze, by digest; one that is missing costs its interval.
    pub documents: &'a BTreeMap<String, Value>,
    /// When it is looked at: what is open is censored then.
    pub now: Timestamp,
}
