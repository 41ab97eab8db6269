//! A version of any scheme.

use std::{cmp::Ordering, fmt};

use thiserror::Error;

use crate::scheme::Scheme;
use crate::{
    alpine, cran, dart_pub, debian, hackage, maven, nuget, packagist, pep440, rpm, rubygems, semver,
};

/// A parsed version together with its text.
///
/// Two versions of one scheme compare by that scheme's order, and are equal when the scheme says so
/// (`1.0` and `1.0.0` in PEP 440), whatever their text. Versions of different schemes compare by
/// scheme, only so that the order is total.
#[derive(Clone, Debug)]
pub struct Version {
    text: Box<str>,
    key: Key,
}

/// A text that is not a version in its scheme.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{text}` is not a version in {scheme} order")]
pub struct InvalidVersion {
    pub scheme: Scheme,
    pub text: String,
}

/// What is compared. Variants stand in the order of [`Scheme`], so that the derived order is right.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    SemVer(semver::Key),
    Pep440(pep440::Key),
    Maven(maven::Key),
    NuGet(semver::Key),
    RubyGems(rubygems::Key),
    Packagist(packagist::Key),
    Pub(dart_pub::Key),
    Cran(cran::Key),
    Hackage(hackage::Key),
    Debian(debian::Key),
    Alpine(alpine::Key),
    Rpm(rpm::Key),
}

impl Version {
    pub(crate) fn parse(scheme: Scheme, text: &str) -> Result<Self, InvalidVersion> {
        let key = match scheme {
            Scheme::SemVer => semver::parse(text).map(Key::SemVer),
            Scheme::Pep440 => pep440::parse(text).map(Key::Pep440),
            Scheme::Maven => maven::parse(text).map(Key::Maven),
            Scheme::NuGet => nuget::parse(text).map(Key::NuGet),
            Scheme::RubyGems => rubygems::parse(text).map(Key::RubyGems),
            Scheme::Packagist => packagist::parse(text).map(Key::Packagist),
            Scheme::Pub => dart_pub::parse(text).map(Key::Pub),
            Scheme::Cran => cran::parse(text).map(Key::Cran),
            Scheme::Hackage => hackage::parse(text).map(Key::Hackage),
            Scheme::Debian => debian::parse(text).map(Key::Debian),
            Scheme::Alpine => alpine::parse(text).map(Key::Alpine),
            Scheme::Rpm => rpm::parse(text).map(Key::Rpm),
        };
        match key {
            Some(key) => Ok(Self { text: text.into(), key }),
            None => Err(InvalidVersion { scheme, text: text.to_owned() }),
        }
    }

    /// A version that nobody wrote: the end of an interval.
    pub(crate) fn of_key(key: Key) -> Self {
        Self { text: Box::default(), key }
    }

    pub fn scheme(&self) -> Scheme {
        match &self.key {
            Key::SemVer(_) => Scheme::SemVer,
            Key::Pep440(_) => Scheme::Pep440,
            Key::Maven(_) => Scheme::Maven,
            Key::NuGet(_) => Scheme::NuGet,
            Key::RubyGems(_) => Scheme::RubyGems,
            Key::Packagist(_) => Scheme::Packagist,
            Key::Pub(_) => Scheme::Pub,
            Key::Cran(_) => Scheme::Cran,
            Key::Hackage(_) => Scheme::Hackage,
            Key::Debian(_) => Scheme::Debian,
            Key::Alpine(_) => Scheme::Alpine,
            Key::Rpm(_) => Scheme::Rpm,
        }
    }

    /// The version as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the scheme marks the version as one before a release.
    ///
    /// Always `false` in orders that have no such mark: CRAN, Hackage, Debian and RPM.
    pub fn is_prerelease(&self) -> bool {
        match &self.key {
            Key::SemVer(key) | Key::NuGet(key) => key.is_prerelease(),
            Key::Pep440(key) => key.is_prerelease(),
            Key::Maven(key) => key.is_prerelease(),
            Key::RubyGems(key) => key.is_prerelease(),
            Key::Packagist(key) => key.is_prerelease(),
            Key::Pub(key) => key.is_prerelease(),
            Key::Alpine(key) => key.is_prerelease(),
            Key::Cran(_) | Key::Hackage(_) | Key::Debian(_) | Key::Rpm(_) => false,
        }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Eq for Version {}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
