//! The compiled advisory index: build, on-disk form, look-up.
//!
//! Opened by mapping the file; nothing is parsed. [`layout`] describes the bytes.

mod build;
mod evaluate;
mod group;
mod image;
mod layout;
mod map;
mod open;
mod prepare;
#[cfg(test)]
mod tests;
mod urgency;
mod view;

pub use build::{BuildError, Builder, Built};
pub use evaluate::{ParsedRange, scheme_of_range};
pub use image::IndexError;
pub use open::{Index, OpenError};
pub use prepare::{Prepared, Unusable, prepare};
pub use urgency::{ExploitedCve, Urgency, UrgencyError, UrgencyParts};
pub use view::{Package, RangeView, Record, Row};
