//! Order of NuGet packages.
//!
//! Semantic versions with a fourth number, prerelease identifiers compared without case.
//! Source: <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning>.

use crate::semver;

#[cfg(test)]
mod tests;

/// Reads a version; numbers after the fourth, which NuGet refuses, are compared like the others.
pub(crate) fn parse(text: &str) -> Option<semver::Key> {
    semver::parse(&text.to_ascii_lowercase())
}
