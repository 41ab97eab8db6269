//! Advisory feeds: from files and archives on disk to an index, and the starter set embedded in the binary.

mod archive;
mod import;
mod report;
mod source;
mod starter;
#[cfg(test)]
mod tests;
mod update;
mod urgency;

pub use import::import;
pub use report::{Failure, ImportReport};
pub use starter::{StarterError, starter_index};
pub use update::{
    Answer, Bounds, Client as HttpClient, DEFAULT_ECOSYSTEMS, DEFAULT_URL, UpdateError,
    UpdateOptions, Updated, cached_paths, update_ecosystem, update_file,
};
pub use urgency::{UrgencyFileError, read_epss, read_kev};
