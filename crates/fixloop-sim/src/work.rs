//! What developers have in front of them on a day.

use std::path::PathBuf;

use jiff::Timestamp;

/// Whether a vulnerable version is about to come in, or stands there already.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Moment {
    /// It is in the edited manifest and was not before; nothing of it is committed.
    FirstReference,
    Present,
}

/// An exposure that a developer could be told of.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Shown {
    pub day: i32,
    pub team: String,
    pub repository: String,
    /// Path in the repository.
    pub manifest: &'static str,
    /// OSV's name.
    pub ecosystem: &'static str,
    pub package: String,
    pub version: String,
    /// Ids of all published ones that are open.
    pub advisories: Vec<String>,
    pub moment: Moment,
}

/// A manifest that somebody has open in an editor.
#[derive(Clone, Debug)]
pub struct Work {
    pub day: i32,
    pub at: Timestamp,
    pub team: String,
    pub repository: String,
    pub git_dir: PathBuf,
    pub manifest: &'static str,
    pub lockfile: &'static str,
    /// As committed.
    pub manifest_text: String,
    pub lockfile_text: String,
    /// What the developer makes of the manifest, if it is changed.
    pub edited: Option<String>,
    /// All that is vulnerable in it, with what the edit brings in.
    pub exposures: Vec<Shown>,
}
