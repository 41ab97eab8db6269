//! Manifests and lockfiles from text to components with byte spans.
//!
//! One module per format, all by one pattern: `pub fn parse(text: &str) -> Parsed`, total, with spans into `text`.
//! `ARCHITECTURE.md` ("A new format") says how to add one.

mod beside;
pub mod cargo_lock;
pub mod cargo_toml;
pub mod composer_json;
pub mod composer_lock;
pub mod cyclonedx;
mod excerpt;
mod format;
pub mod gemfile_lock;
pub mod github_actions;
pub mod go_mod;
mod graph;
mod json;
mod limits;
mod npm_source;
pub mod package_json;
pub mod package_lock;
pub mod pdm_lock;
pub mod pipfile;
pub mod pipfile_lock;
pub mod pnpm_lock;
pub mod poetry_lock;
mod purl;
pub mod pylock;
pub mod pyproject;
mod python_packages;
mod registry;
mod required;
pub mod requirements_txt;
#[cfg(test)]
mod testing;
mod toml;
mod tree;
pub mod uv_lock;
mod xml;
mod yaml;
pub mod yarn_lock;

pub use beside::{Beside, Neighbor, resolve};
pub use format::Format;
pub use purl::PackageUrl;
pub use registry::{source_of_registry_url, without_credentials};
