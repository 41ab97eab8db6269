//! Advisory feeds: from files and archives on disk to an index, and the starter set embedded in the binary.

mod archive;
mod import;
mod report;
mod source;
mod starter;
#[cfg(test)]
mod tests;

pub use import::import;
pub use report::{Failure, ImportReport};
pub use starter::{StarterError, starter_index};
