//! Version order and requirement syntax of every ecosystem, one module each.
//!
//! [`Scheme`] names the orders, [`Version`] is a parsed version of one of them, [`Requirement`] says
//! which versions a manifest admits. Nothing here knows advisories, files or networks.

mod alpine;
mod cran;
mod dart_pub;
mod debian;
mod hackage;
mod maven;
mod nuget;
mod number;
mod packagist;
mod pep440;
mod requirement;
mod rpm;
mod rubygems;
mod scheme;
mod semver;
#[cfg(test)]
mod tests;
mod version;

pub use requirement::{InvalidRequirement, Requirement, Syntax, pep508};
pub use scheme::Scheme;
pub use version::{InvalidVersion, Version};
