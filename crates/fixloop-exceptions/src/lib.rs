//! Findings that someone accepted, with reason, owner and expiry: `fixloop.toml` and OpenVEX documents.
//!
//! Pure: texts and findings in, findings out. Which files are read, and which day it is, the caller says.

mod add;
mod apply;
mod exception;
mod file;
mod openvex;
#[cfg(test)]
mod tests;

pub use add::{AddError, NewException, add, draft};
pub use apply::{Applied, apply, apply_to_checks, covering, covering_check};
pub use exception::{Exception, Exceptions, Fault, Vulnerability};
pub use file::parse;
pub use openvex::{OpenVexError, parse_openvex};
