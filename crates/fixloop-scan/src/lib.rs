//! A folder tree from files to findings, in parallel and within bounds.

mod file;
mod includes;
mod read;
mod scan;
mod walk;

pub use scan::{Options, ScanError, scan};
