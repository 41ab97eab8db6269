//! What was seen when: the input.

use fixloop_model::{Class, Scope, Severity, Timestamp};

/// Everything that was seen of one repository. Numbers are places in the lists.
#[derive(Clone, Debug)]
pub struct Sightings {
    pub repository: String,
    /// In order; times never fall.
    pub moments: Vec<Moment>,
    pub files: Vec<FileTrack>,
    /// Sets of components, each sorted and without repetition.
    pub inventories: Vec<Vec<u32>>,
    pub components: Vec<Held>,
    pub groups: Vec<VulnerabilityGroup>,
    /// What somebody accepted, in time; each replaces what held before.
    pub accepted: Vec<Acceptance>,
    /// Nothing later was looked at.
    pub cut: Timestamp,
}

/// From a time on, what is accepted where.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Acceptance {
    pub from: Timestamp,
    /// File, component and alias group.
    pub pairs: Vec<(u32, u32, u32)>,
}

/// A commit, a build: something that shows the state of files at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moment {
    pub time: Timestamp,
    /// Identifies it: a commit's id.
    pub id: String,
}

/// One file over time.
#[derive(Clone, Debug)]
pub struct FileTrack {
    pub path: String,
    /// Files of one slot are one target: lockfiles of one ecosystem in one folder.
    pub slot: String,
    /// In the order of the moments; each holds until the next.
    pub sightings: Vec<Sighting>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sighting {
    pub moment: u32,
    pub state: FileState,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileState {
    /// The file is not there.
    Absent,
    /// It is there and could not be read: what it holds is unknown.
    Unknown,
    /// It holds this inventory.
    Holds(u32),
}

/// A component as a file holds it.
#[derive(Clone, Debug)]
pub struct Held {
    pub ecosystem: String,
    pub name: String,
    /// Number of the package: the same for all components of one ecosystem and normalized name.
    pub package: u32,
    pub version: Option<String>,
    pub direct: Option<bool>,
    pub scope: Option<Scope>,
    pub hits: Vec<Hit>,
}

/// An alias group that affects a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub group: u32,
    pub class: Class,
    pub severity: Option<Severity>,
    /// First publication among the group's records of this package.
    pub disclosed: Timestamp,
    /// When the last of these records was withdrawn, if all were.
    pub withdrawn: Option<Timestamp>,
}

/// The advisories of one vulnerability.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VulnerabilityGroup {
    /// The representative first.
    pub ids: Vec<String>,
}
