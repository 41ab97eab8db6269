//! Version order and requirement syntax of every ecosystem, one module each.
//!
//! [`Scheme`] names the orders, [`Version`] is a parsed version of one of them, [`Requirement`] says
//! which versions a manifest admits. Nothing here knows advisories, files or networks.

mod cran;
mod dart_pub;
mod hackage;
mod number;
mod nuget;
mod scheme;
mod semver;
mod version;

pub use scheme::Scheme;
pub use version::{InvalidVersion, Version};
