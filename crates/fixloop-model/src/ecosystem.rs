//! Names of package ecosystems as the OSV schema spells them.

use std::borrow::Cow;
use std::fmt;

/// An OSV ecosystem, with its suffix if it has one (`Debian:12`).
///
/// Source: <https://ossf.github.io/osv-schema/#defined-ecosystems>. Unknown names are kept as they are: a feed may know more
/// ecosystems than this build.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ecosystem(Cow<'static, str>);

/// OSV name and package URL type. Types with a namespace-dependent meaning (`deb`, `rpm`, `apk`) are not in this table.
const PURL_TYPES: &[(&str, &str)] = &[
    ("CRAN", "cran"),
    ("ConanCenter", "conan"),
    ("GitHub Actions", "githubactions"),
    ("Go", "golang"),
    ("Hackage", "hackage"),
    ("Hex", "hex"),
    ("Julia", "julia"),
    ("Maven", "maven"),
    ("NuGet", "nuget"),
    ("Packagist", "composer"),
    ("Pub", "pub"),
    ("PyPI", "pypi"),
    ("RubyGems", "gem"),
    ("SwiftURL", "swift"),
    ("Bitnami", "bitnami"),
    ("crates.io", "cargo"),
    ("npm", "npm"),
];

impl Ecosystem {
    pub const CRATES_IO: Self = Self(Cow::Borrowed("crates.io"));
    pub const GITHUB_ACTIONS: Self = Self(Cow::Borrowed("GitHub Actions"));
    pub const GO: Self = Self(Cow::Borrowed("Go"));
    pub const HEX: Self = Self(Cow::Borrowed("Hex"));
    pub const MAVEN: Self = Self(Cow::Borrowed("Maven"));
    pub const NPM: Self = Self(Cow::Borrowed("npm"));
    pub const NUGET: Self = Self(Cow::Borrowed("NuGet"));
    pub const PACKAGIST: Self = Self(Cow::Borrowed("Packagist"));
    pub const PUB: Self = Self(Cow::Borrowed("Pub"));
    pub const PYPI: Self = Self(Cow::Borrowed("PyPI"));
    pub const RUBYGEMS: Self = Self(Cow::Borrowed("RubyGems"));

    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first `:`.
    pub fn base(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(base, _)| base)
    }

    /// The part after the first `:`, for example a distribution's release.
    pub fn suffix(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, suffix)| suffix)
    }

    /// The package URL type of this ecosystem, if its packages have one.
    pub fn purl_type(&self) -> Option<&'static str> {
        PURL_TYPES.iter().find(|(name, _)| *name == self.base()).map(|(_, purl_type)| *purl_type)
    }

    /// The ecosystem that a package URL type belongs to.
    pub fn from_purl_type(purl_type: &str) -> Option<Self> {
        PURL_TYPES
            .iter()
            .find(|(_, known)| purl_type.eq_ignore_ascii_case(known))
            .map(|(name, _)| Self(Cow::Borrowed(name)))
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
