//! A folder tree from files to findings, in parallel and within bounds.

mod accepted;
mod deciding;
mod file;
mod folder;
mod includes;
mod indexes;
mod join;
mod lockfile;
mod neighbors;
mod read;
mod scan;
mod stamp;
mod walk;
mod write;

pub use accepted::{AcceptedError, EXCEPTIONS_FILE, accept_checks};
pub use deciding::deciding_lockfiles;
pub use folder::Folder;
pub use indexes::Indexes;
pub use join::join;
pub use lockfile::Lockfile;
pub use neighbors::{Neighbors, Texts};
pub use read::{ReadError, read_text};
pub use scan::{Options, ScanError, scan, scan_files};
pub use stamp::Stamp;
pub use write::write_whole;
