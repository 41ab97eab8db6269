//! Git histories to exposures and opportunities; the only crate that links gix.
//!
//! First-parent history of one branch, from the oldest commit to the newest:
//!
//! 1. [`walk`] lists commits and which files of interest each changed.
//! 2. [`targets`] says which file decided at which commit, and what has to be read for that.
//! 3. [`inventory`] reads each blob once, in parallel; [`cache`] remembers what was read, so the next run reads only what is new.
//! 4. [`sightings`] matches every component once and hands what was seen when to `fixloop-exposure`.

mod accepted;
mod cache;
mod head;
mod history;
mod inventory;
mod origin;
mod owners;
mod paths;
mod record;
mod repository;
mod revision;
mod sightings;
mod targets;
#[cfg(test)]
mod tests;
mod walk;

pub use head::{AtHead, HeadError, bytes_at_head};
pub use history::{Gap, History, HistoryError, Options, history};
pub use origin::{WorkTree, origin_of, work_tree};
pub use owners::Owners;
pub use repository::repository_name;
pub use revision::{CommitId, Repository, Revision, RevisionError};
