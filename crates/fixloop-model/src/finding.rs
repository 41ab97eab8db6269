//! What one scan found, before any rendering.

use crate::{Component, Position, Severity, Timestamp};

/// The kind of thing a finding is about, most urgent first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Class {
    Malicious,
    Vulnerability,
    Unmaintained,
    Informational,
    BuildRule,
    Exception,
}

impl Class {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Vulnerability => "vulnerability",
            Self::Unmaintained => "unmaintained",
            Self::Informational => "informational",
            Self::BuildRule => "build-rule",
            Self::Exception => "exception",
        }
    }
}

/// One alias group that affects one component of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub ecosystem: String,
    pub name: String,
    pub version: String,
    /// Every id of the alias group, the representative first.
    pub ids: Vec<String>,
    pub class: Class,
    pub severity: Option<Severity>,
    pub summary: String,
    pub url: String,
    /// Relative to the scanned root, `/` between parts.
    pub path: String,
    pub position: Position,
    /// The lowest later version that this alias group does not affect.
    pub fixed_in: Option<String>,
    /// The lowest later version that no advisory of the package affects.
    pub fixed_version: Option<String>,
    pub direct: Option<bool>,
    pub scope: Option<crate::Scope>,
    pub chain: Option<Vec<String>>,
}

/// A check that could not be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unknown {
    pub kind: UnknownKind,
    pub path: Option<String>,
    pub line: Option<u32>,
    pub name: Option<String>,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum UnknownKind {
    Index,
    File,
    Component,
}

impl UnknownKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::File => "file",
            Self::Component => "component",
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScannedFile {
    pub path: String,
    /// The format's name, as `docs/formats.md` lists it.
    pub format: &'static str,
    pub n_components: usize,
}

/// One component with the file it stands in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InventoryItem {
    pub path: String,
    pub line: u32,
    pub component: Component,
}

/// The index that a scan was made with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IndexSummary {
    pub n_records: u32,
    /// The latest modification time among its records.
    pub as_of: Option<Timestamp>,
    /// A file's path, or `None` for the embedded starter index.
    pub path: Option<String>,
}

/// Everything one scan has to say, in the order in which it should be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    pub index: Option<IndexSummary>,
    pub findings: Vec<Finding>,
    pub unknown: Vec<Unknown>,
    pub files: Vec<ScannedFile>,
    /// Filled only when asked for.
    pub inventory: Option<Vec<InventoryItem>>,
}

impl Scan {
    /// Whether something that had to be checked was not: a file, folder or index, and if `strict` also a component.
    pub fn has_undecided(&self, strict: bool) -> bool {
        self.unknown.iter().any(|it| strict || it.kind != UnknownKind::Component)
    }
}
