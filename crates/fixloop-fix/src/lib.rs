//! Upgrades of vulnerable dependencies as format-preserving edits, proven before they are offered.
//!
//! [`upgrade`] changes what a manifest asks for, [`raise_transitive`] what others bring in. Both give edits and apply none; the edited
//! text has been read again by the manifest's own reader, and what it then asks for is clear of every known advisory. Pure: files come
//! in by [`Beside`](fixloop_manifest::Beside), nothing is written or run.

mod cannot;
mod declaration;
mod edit;
mod manifest;
mod proof;
mod relock;
#[cfg(test)]
mod tests;
mod transitive;
mod upgrade;
mod writing;

pub use cannot::CannotFix;
pub use declaration::upgrade_declaration;
pub use edit::{TextEdit, apply};
pub use manifest::Manifest;
pub use proof::Proof;
pub use relock::Relock;
pub use transitive::{Transitive, raise_transitive};
pub use upgrade::{Upgrade, asks_for, upgrade};
