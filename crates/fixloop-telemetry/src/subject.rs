//! What an event is about, in closed words.

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating};
use fixloop_policy::Key;
use serde::{Deserialize, Serialize};

use crate::advisory_ids::PublicIds;
use crate::ids::ExposureId;
use crate::treatment_id::TreatmentId;
use crate::wire::WireSubject;

/// The draft exposure that an event is about.
///
/// No package is named: public advisories imply theirs, and private packages stay private.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "WireSubject", into = "WireSubject")]
pub struct Subject {
    pub exposure: ExposureId,
    pub ecosystem: PublicEcosystem,
    pub advisories: PublicIds,
    /// The highest among them.
    pub severity: Option<Rating>,
    pub class: Class,
    /// Nothing where no file is meant, as when an agent asks before it writes.
    pub file_kind: Option<Format>,
    /// Whether the package was not in the file before this change; nothing while that is not known.
    pub is_first_reference: Option<bool>,
    /// Whether the project names the package itself.
    pub is_direct: Option<bool>,
    pub surface: Surface,
    pub mode: Mode,
    /// The lockfile or manifest, by [`OrganizationKey::target`](fixloop_policy::OrganizationKey::target); nothing without an organization.
    pub target: Option<Key>,
    /// The package's version, by [`OrganizationKey::component`](fixloop_policy::OrganizationKey::component).
    pub component: Option<Key>,
    /// Which treatment decided the mode; nothing where none did.
    pub treatment: Option<TreatmentId>,
}

/// The language ecosystems of the OSV schema: <https://ossf.github.io/osv-schema/#defined-ecosystems>.
const ECOSYSTEMS: &[&str] = &[
    "Bitnami",
    "CRAN",
    "ConanCenter",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Julia",
    "Maven",
    "NuGet",
    "Packagist",
    "Pub",
    "PyPI",
    "RubyGems",
    "SwiftURL",
    "crates.io",
    "npm",
];

/// An ecosystem of the OSV schema that this build knows, or `other`: a private feed may call its own as it likes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PublicEcosystem(&'static str);

impl PublicEcosystem {
    pub const OTHER: Self = Self("other");

    /// Without the suffix of a distribution's release.
    pub fn of(ecosystem: &str) -> Self {
        let base = ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base);
        ECOSYSTEMS.iter().find(|it| **it == base).map_or(Self::OTHER, |it| Self(it))
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// Where an alert meets somebody.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    Editor,
    Agent,
    Build,
}

/// Whether alerts are shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Alert,
    /// Detects and records the same, and shows nothing: the other arm of an experiment.
    Observe,
}

impl Surface {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Agent => "agent",
            Self::Build => "build",
        }
    }
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Observe => "observe",
        }
    }
}
