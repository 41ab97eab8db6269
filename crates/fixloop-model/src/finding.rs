//! What one scan found, before any rendering.

use crate::{BuildCheck, Component, Position, Severity, Timestamp};

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
    /// When its first advisory was published; nothing where none tells.
    pub disclosed: Option<Timestamp>,
    pub direct: Option<bool>,
    pub scope: Option<crate::Scope>,
    pub chain: Option<Vec<String>>,
    /// Where the project asks for it, if that is another place: the manifest beside a lockfile, a central version file.
    pub declared: Option<Place>,
    /// Known to be exploited, by CISA's catalog.
    pub exploited: Option<Exploited>,
    /// That it is exploited within 30 days, by EPSS; in [0, 1].
    pub probability: Option<f64>,
}

impl Finding {
    /// About a place of a file, and no package.
    pub fn of_file(class: Class, subject: String, summary: String, place: Place) -> Self {
        Self {
            ecosystem: String::new(),
            name: subject,
            version: String::new(),
            ids: Vec::new(),
            class,
            severity: None,
            summary,
            url: String::new(),
            path: place.path,
            position: place.position,
            fixed_in: None,
            fixed_version: None,
            disclosed: None,
            direct: None,
            scope: None,
            chain: None,
            declared: None,
            exploited: None,
            probability: None,
        }
    }
}

/// A place in a file.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Relative to the scanned root, `/` between parts.
    pub path: String,
    pub position: Position,
}

/// An entry of the catalog of known exploited vulnerabilities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exploited {
    /// The day it was added, as `2021-12-10`.
    pub since: String,
    /// Known to be used by ransomware.
    pub by_ransomware: bool,
}

/// A finding that someone accepted, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppressed {
    pub finding: Finding,
    /// What a build rule found, if the finding is of one.
    pub check: Option<Box<BuildCheck>>,
    /// Where the exception stands.
    pub place: Place,
    pub reason: String,
    pub owner: Option<String>,
    /// The last day on which it holds, as `2027-01-31`.
    pub expires: Option<String>,
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

/// What a tree is compared with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Base {
    /// As it was named.
    pub revision: String,
    /// The commit that both sides come from.
    pub merge_base: String,
}

/// Of a scan that tells only what is new against a base.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    pub base: Base,
    /// Findings of the merge-base that are gone.
    pub fixed: Vec<Finding>,
    /// Findings of build rules that are gone.
    pub fixed_checks: Vec<BuildCheck>,
}

/// The day that a scan looked back to. Records count with the ranges that they have today: what they said then, nobody kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AsOf {
    pub at: Timestamp,
    /// Published by then, and not yet withdrawn.
    pub n_records: u32,
    /// Of those, changed since.
    pub n_modified_since: u32,
}

/// Everything one scan has to say, in the order in which it should be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    pub index: Option<IndexSummary>,
    /// Nothing for today.
    pub as_of: Option<AsOf>,
    /// Nothing for everything that is there.
    pub diff: Option<Diff>,
    /// Only what was disclosed from then on is told.
    pub since: Option<Timestamp>,
    pub findings: Vec<Finding>,
    /// Findings that an exception covers; they do not count.
    pub suppressed: Vec<Suppressed>,
    pub unknown: Vec<Unknown>,
    pub files: Vec<ScannedFile>,
    /// Checks of build configuration, in order of path and line. Those that are findings count as the findings do.
    pub checks: Vec<BuildCheck>,
    /// Filled only when asked for.
    pub inventory: Option<Vec<InventoryItem>>,
}

impl Scan {
    /// Whether anything counts against the tree.
    pub fn has_finding(&self) -> bool {
        !self.findings.is_empty() || self.checks.iter().any(|it| it.state.is_finding())
    }

    /// Whether something that had to be checked was not: a file, folder or index, and if `strict` also a component.
    pub fn has_undecided(&self, strict: bool) -> bool {
        self.unknown.iter().any(|it| strict || it.kind != UnknownKind::Component)
    }
}
