//! Why a part of a record is not used.

/// A part of a record that has no effect on matching.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Unused {
    pub part: &'static str,
    pub reason: UnusedReason,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum UnusedReason {
    /// A GIT range orders commits; no registry version can be compared with them.
    GitRange,
    NoPackage,
    NoAffected,
    NoRangesOrVersions,
    NoEvents,
    NoIntroduced,
    UnknownRangeType,
    UnknownEvent,
    UnknownCvss,
    UnknownSeverityType,
    InvalidTime,
    UnreadableExtension,
    /// The version does not follow its ecosystem's scheme: it can only be equal, not ordered.
    InvalidVersion,
    /// No version order is known for the ecosystem.
    UnknownEcosystem,
    /// Another copy of the same record was modified later, or comes first among equals.
    OlderCopy,
}

impl UnusedReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitRange => "GIT range: orders commits, decides no registry version",
            Self::NoPackage => "no package named",
            Self::NoAffected => "nothing affected",
            Self::NoRangesOrVersions => "neither ranges nor versions",
            Self::NoEvents => "range without events",
            Self::NoIntroduced => "range without `introduced`: affects nothing",
            Self::UnknownRangeType => "range type not known",
            Self::UnknownEvent => "event not known or without version",
            Self::UnknownCvss => "CVSS vector that no CVSS version knows",
            Self::UnknownSeverityType => "severity type not known",
            Self::InvalidTime => "time that is not RFC 3339",
            Self::UnreadableExtension => "database-specific range that could not be read",
            Self::InvalidVersion => "version outside its ecosystem's scheme",
            Self::UnknownEcosystem => "no version order known for the ecosystem",
            Self::OlderCopy => "older copy of a record read from elsewhere",
        }
    }
}
