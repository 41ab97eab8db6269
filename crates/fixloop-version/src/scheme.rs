//! Which order an ecosystem's versions have.

use std::fmt;

use crate::version::{InvalidVersion, Version};

/// A version order. Ecosystems with the same rules share one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scheme {
    SemVer,
    Pep440,
    Maven,
    NuGet,
    RubyGems,
    Packagist,
    Pub,
    Cran,
    Hackage,
    Debian,
    Alpine,
    Rpm,
}

impl Scheme {
    pub const ALL: &[Self] = &[
        Self::SemVer,
        Self::Pep440,
        Self::Maven,
        Self::NuGet,
        Self::RubyGems,
        Self::Packagist,
        Self::Pub,
        Self::Cran,
        Self::Hackage,
        Self::Debian,
        Self::Alpine,
        Self::Rpm,
    ];

    /// The order of an ecosystem by its OSV name, or `None` if it is not known.
    ///
    /// A release suffix is ignored: `Debian:12` is [`Scheme::Debian`]. Names are those of
    /// <https://ossf.github.io/osv-schema/#defined-ecosystems>, case included.
    pub fn for_ecosystem(ecosystem: &str) -> Option<Self> {
        let (name, _release) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
        Some(match name {
            "npm"
            | "crates.io"
            | "Go"
            | "Hex"
            | "SwiftURL"
            | "Julia"
            | "ConanCenter"
            | "Bitnami"
            | "GHC"
            | "GitHub Actions"
            | "Docker Hardened Images" => Self::SemVer,
            "PyPI" => Self::Pep440,
            "Maven" => Self::Maven,
            "NuGet" => Self::NuGet,
            "RubyGems" => Self::RubyGems,
            "Packagist" => Self::Packagist,
            "Pub" => Self::Pub,
            "CRAN" | "Bioconductor" => Self::Cran,
            "Hackage" => Self::Hackage,
            "Debian" | "Ubuntu" | "Echo" => Self::Debian,
            "Alpine"
            | "Alpaquita"
            | "BellSoft Hardened Containers"
            | "Chainguard"
            | "Wolfi"
            | "MinimOS" => Self::Alpine,
            "Red Hat" | "AlmaLinux" | "Rocky Linux" | "openSUSE" | "SUSE" | "Mageia"
            | "openEuler" | "Azure Linux" => Self::Rpm,
            _ => return None,
        })
    }

    /// Reads a version.
    ///
    /// Cost is linear in the length of `text`, which may be anything.
    pub fn parse(self, text: &str) -> Result<Version, InvalidVersion> {
        Version::parse(self, text)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SemVer => "SemVer",
            Self::Pep440 => "PEP 440",
            Self::Maven => "Maven",
            Self::NuGet => "NuGet",
            Self::RubyGems => "RubyGems",
            Self::Packagist => "Packagist",
            Self::Pub => "Pub",
            Self::Cran => "CRAN",
            Self::Hackage => "Hackage",
            Self::Debian => "Debian",
            Self::Alpine => "Alpine",
            Self::Rpm => "RPM",
        })
    }
}
