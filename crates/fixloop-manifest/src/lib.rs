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
pub mod edit;
mod excerpt;
mod format;
pub mod gemfile;
pub mod gemfile_lock;
pub mod github_actions;
pub mod go_mod;
pub mod gradle_lockfile;
mod graph;
mod interpolate;
mod json;
mod limits;
pub mod mix_lock;
pub mod msbuild;
mod npm_source;
mod outline;
pub mod package_json;
pub mod package_lock;
pub mod packages_config;
pub mod packages_lock_json;
pub mod pdm_lock;
pub mod pipfile;
pub mod pipfile_lock;
pub mod pnpm_lock;
pub mod poetry_lock;
pub mod pom_xml;
pub mod pubspec_lock;
mod purl;
pub mod pylock;
pub mod pyproject;
mod python_packages;
mod redacted;
mod registry;
mod required;
pub mod requirements_txt;
mod series;
mod slot;
pub mod syntax;
#[cfg(test)]
mod testing;
mod toml;
mod tree;
pub mod uv_lock;
pub mod version_catalog;
mod xml;
mod yaml;
pub mod yarn_lock;

pub use beside::{Beside, Neighbor, resolve};
pub use format::Format;
pub use outline::{Outline, OutlineKind, OutlineNode, Syntax};
pub use purl::PackageUrl;
pub use redacted::redacted;
pub use registry::{source_of_registry_url, without_credentials};
pub use series::{Occurrence, Series};
pub use slot::slot;
