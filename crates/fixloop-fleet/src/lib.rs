//! Bare mirrors of an organization's repositories, kept by the git executable.
//!
//! A list says which repositories there are ([`read_list`]), [`sync`] brings their mirrors up to date, `fleet.json` in the fleet's folder
//! says how that went, and [`Fleet::open`] reads it. Reading a mirror never uses the network: a mirror does not know its host.

mod files;
mod folder;
mod git;
mod list;
mod mirror;
mod state;
mod sync;
mod wanted;

pub use files::{FilesError, HeadFiles, write_head_files};
pub use git::{Git, GitError};
pub use list::{List, ListError, Repository, TeamSource, Teams, TeamsError, read_list, read_teams};
pub use state::{Fleet, FleetError, FleetRepository, Status, write_json};
pub use sync::{Change, SyncError, SyncOptions, Synced, sync};
pub use wanted::is_wanted;
