//! Advisories from text to the model: OSV records.
//!
//! A record is used as far as it can be; what could not be used is returned beside it, with a reason, for the import to count.

mod class;
mod osv;
mod plain_text;
mod severity;
mod unused;

pub use osv::{OsvError, Record, parse};
pub use unused::{Unused, UnusedReason};
