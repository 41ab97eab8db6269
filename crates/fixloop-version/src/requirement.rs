//! Which versions a manifest admits.

mod bounds;
mod cargo;
mod clauses;
mod comparator;
mod composer;
mod dart_pub;
mod floor;
mod go;
mod hex;
mod interval;
mod maven;
mod npm;
mod nuget;
mod partial;
pub mod pep508;
mod raise;
mod rubygems;
mod specifier;
#[cfg(test)]
mod tests;

use std::fmt;

use thiserror::Error;

use crate::version::{Key, Version};
use clauses::Clauses;
use comparator::Comparator;

/// Bytes of one requirement. Nobody writes one that fills a page.
const MAX_LENGTH: usize = 16 << 10;

/// How a requirement is written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Syntax {
    /// <https://github.com/npm/node-semver#ranges>.
    Npm,
    /// <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html#version-requirement-syntax>.
    Cargo,
    /// <https://packaging.python.org/en/latest/specifications/version-specifiers/#version-specifiers>.
    Pep440,
    /// <https://getcomposer.org/doc/articles/versions.md#writing-version-constraints>.
    Composer,
    /// <https://guides.rubygems.org/patterns/#declaring-dependencies>.
    RubyGems,
    /// <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning#version-ranges>.
    NuGet,
    /// <https://maven.apache.org/pom.html#dependency-version-requirement-specification>.
    Maven,
    /// <https://dart.dev/tools/pub/dependencies#version-constraints>.
    Pub,
    /// <https://hexdocs.pm/elixir/Version.html#module-requirements>.
    Hex,
    /// <https://go.dev/ref/mod#minimal-version-selection>.
    Go,
}

impl Syntax {
    /// How manifests of an ecosystem (OSV's name, without suffix) write requirements; `None` where they write none.
    pub fn for_ecosystem(ecosystem: &str) -> Option<Self> {
        match ecosystem {
            "npm" => Some(Self::Npm),
            "crates.io" => Some(Self::Cargo),
            "PyPI" => Some(Self::Pep440),
            "Packagist" => Some(Self::Composer),
            "RubyGems" => Some(Self::RubyGems),
            "NuGet" => Some(Self::NuGet),
            "Maven" => Some(Self::Maven),
            "Pub" => Some(Self::Pub),
            "Hex" => Some(Self::Hex),
            "Go" => Some(Self::Go),
            _ => None,
        }
    }
}

/// A parsed requirement together with its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Requirement {
    text: Box<str>,
    kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    /// Alternatives; in each all comparators hold.
    SemVer(Vec<Vec<Comparator>>),
    Pep440(Vec<specifier::Clause>),
    Clauses(Box<Clauses>),
}

/// A text that is not a requirement in its syntax.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{text}` is not a requirement in {syntax} syntax")]
pub struct InvalidRequirement {
    pub syntax: Syntax,
    pub text: String,
}

impl Requirement {
    /// Reads a requirement. Cost is linear in the length of `text`, which may be anything.
    ///
    /// # Errors
    /// If it is not written in `syntax`; a tag (`latest`), an address or a path is none.
    pub fn parse(syntax: Syntax, text: &str) -> Result<Self, InvalidRequirement> {
        if text.len() > MAX_LENGTH {
            // The message holds no megabytes either.
            let text = text.chars().take(40).collect::<String>() + "…";
            return Err(InvalidRequirement { syntax, text });
        }
        let kind = match syntax {
            Syntax::Npm => npm::parse(text).map(Kind::SemVer),
            Syntax::Cargo => cargo::parse(text).map(|all| Kind::SemVer(vec![all])),
            Syntax::Pep440 => specifier::parse(text).map(Kind::Pep440),
            Syntax::Composer => composer::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::RubyGems => rubygems::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::NuGet => nuget::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::Maven => maven::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::Pub => dart_pub::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::Hex => hex::parse(text).map(Box::new).map(Kind::Clauses),
            Syntax::Go => go::parse(text).map(Box::new).map(Kind::Clauses),
        };
        match kind {
            Some(kind) => Ok(Self { text: text.into(), kind }),
            None => Err(InvalidRequirement { syntax, text: text.to_owned() }),
        }
    }

    /// Whether an installer may choose `version`; prereleases only where the requirement names one, as the installers do.
    ///
    /// `false` for a version of another scheme.
    pub fn admits(&self, version: &Version) -> bool {
        match (&self.kind, version.key()) {
            (Kind::SemVer(alternatives), Key::SemVer(key)) => {
                alternatives.iter().any(|all| comparator::all_admit(all, key))
            }
            (Kind::Pep440(clauses), Key::Pep440(key)) => {
                specifier::admit(clauses, key, version.as_str())
            }
            (Kind::Clauses(clauses), _) => clauses.admit(version),
            _ => false,
        }
    }

    /// The version it names, if it admits no other.
    pub fn exact(&self) -> Option<&str> {
        let exact = match &self.kind {
            Kind::SemVer(alternatives) => match &alternatives[..] {
                [all] => comparator::is_exact(all),
                _ => false,
            },
            Kind::Pep440(clauses) => specifier::is_exact(clauses),
            Kind::Clauses(clauses) => return clauses.exact(),
        };
        exact.then(|| self.text.trim().trim_start_matches('=').trim())
    }

    /// The version that the installer takes if it exists and nothing else asks for more: NuGet's lowest applicable one, Maven's soft
    /// requirement. `None` where installers take the highest.
    pub fn selected(&self) -> Option<&str> {
        match &self.kind {
            Kind::Clauses(clauses) => clauses.selected.as_ref().map(Version::as_str),
            Kind::SemVer(_) | Kind::Pep440(_) => None,
        }
    }

    /// Those of `versions` that it admits, ascending.
    pub fn admitted<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Version>,
    ) -> Vec<&'v Version> {
        let mut admitted: Vec<_> = versions.into_iter().filter(|it| self.admits(it)).collect();
        admitted.sort();
        admitted
    }

    /// The requirement as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Npm => "npm",
            Self::Cargo => "Cargo",
            Self::Pep440 => "PEP 440",
            Self::Composer => "Composer",
            Self::RubyGems => "RubyGems",
            Self::NuGet => "NuGet",
            Self::Maven => "Maven",
            Self::Pub => "Pub",
            Self::Hex => "Hex",
            Self::Go => "Go",
        })
    }
}
