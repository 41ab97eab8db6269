//! A folder tree from files to findings, in parallel and within bounds.

mod file;
mod includes;
mod read;
mod scan;
#[cfg(test)]
mod tests;
mod walk;

pub use scan::{Options, ScanError, scan};
