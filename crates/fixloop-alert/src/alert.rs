//! One dependency that something has to be told about.

use std::ops::Deref;
use std::sync::Arc;

use fixloop_match::{Admitted, Match};
use fixloop_model::{Class, Rating, Span};

/// Everything to tell about one dependency of a manifest, and where. Cheap to copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its place in the components of the manifest.
    pub index: usize,
    /// Where to point: the version or requirement, else the name.
    pub span: Span,
    /// Shared, and the same one, as long as a [`Memory`](crate::Memory) knows that nothing of it changed.
    pub told: Arc<Told>,
}

impl Deref for Alert {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.told
    }
}

/// Everything to tell about one dependency, wherever it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub ecosystem: String,
    pub name: String,
    /// The version that was judged.
    pub version: Option<String>,
    /// The requirement as written, where it does not name one version.
    pub requirement: Option<String>,
    pub basis: Basis,
    /// What affects the dependency itself, most urgent first.
    pub matches: Vec<Match>,
    /// Vulnerable packages that it brings in, most urgent first.
    pub brought: Vec<Brought>,
    /// Why it could not be judged, or not completely; a lower-case fragment.
    pub unknown: Option<String>,
}

/// How the version that was judged is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Basis {
    /// The manifest names it.
    Written,
    /// This lockfile resolves the requirement to it.
    Locked(String),
    /// No lockfile tells; these of the versions that the requirement admits are affected.
    Requirement(Admitted),
    /// Nothing tells.
    Unknown,
}

/// A vulnerable package that a dependency brings in.
#[derive(Clone, Debug, PartialEq)]
pub struct Brought {
    pub name: String,
    pub version: String,
    /// The file that says so.
    pub lockfile: String,
    /// `name@version` of each component from the dependency to this one, both included.
    pub chain: Vec<String>,
    pub matches: Vec<Match>,
}

/// How loud to be.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// The version in use is vulnerable or malicious.
    Error,
    /// The same, of low severity, or brought in by a dependency.
    Warning,
    /// Not maintained, or otherwise worth knowing.
    Information,
    /// May be affected, depending on what is installed; or could not be judged.
    Hint,
}

impl Told {
    /// All advisories, of the dependency and of what it brings in.
    pub fn all_matches(&self) -> impl Iterator<Item = &Match> {
        self.matches.iter().chain(self.brought.iter().flat_map(|it| &it.matches))
    }

    /// The most urgent advisory.
    pub fn worst(&self) -> Option<&Match> {
        self.all_matches().min_by_key(|it| urgency(it))
    }

    /// Whether something is known to affect it, rather than being unknown only.
    pub fn is_finding(&self) -> bool {
        self.all_matches().next().is_some()
    }

    /// The lowest later version that no advisory of the package affects; `None` if no version clears them all.
    pub fn clear_version(&self) -> Option<&str> {
        self.matches.iter().find_map(|it| it.fixed_version.as_deref())
    }

    pub fn level(&self) -> Level {
        let is_certain = !matches!(
            self.basis,
            Basis::Requirement(Admitted::Lowest | Admitted::Later) | Basis::Unknown
        );
        let own = self.matches.iter().map(|it| if is_certain { level(it) } else { Level::Hint });
        // Its fix is another package's, so it is told more quietly; malicious code runs whoever brought it.
        let brought = self.brought.iter().flat_map(|it| &it.matches).map(|it| match it.class {
            Class::Malicious => Level::Error,
            _ => level(it).max(Level::Warning),
        });
        own.chain(brought).min().unwrap_or(Level::Hint)
    }
}

fn level(it: &Match) -> Level {
    match (it.class, it.severity.as_ref().map(|it| it.rating)) {
        (Class::Vulnerability, Some(Rating::Low | Rating::None)) => Level::Warning,
        (Class::Malicious | Class::Vulnerability, _) => Level::Error,
        _ => Level::Information,
    }
}

/// What matches are sorted by, most urgent first.
pub(crate) fn urgency(it: &Match) -> impl Ord + use<> {
    let rank = it.severity.as_ref().map_or((Rating::None, 0), fixloop_model::Severity::rank);
    (it.class, std::cmp::Reverse(rank), it.ids.clone())
}
