//! What is remembered of one repository: its commits, which files each changed, and what each content holds.

use std::collections::HashMap;

use fixloop_model::{Scope, Source};
use gix::ObjectId;

/// One first-parent commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Commit {
    pub(crate) id: ObjectId,
    /// Committer's, since 1970; `None` if the commit has no readable time.
    pub(crate) seconds: Option<i64>,
}

/// A file of interest as a commit left it; `None` if it was deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Change {
    pub(crate) commit: u32,
    pub(crate) path: u32,
    pub(crate) blob: Option<ObjectId>,
}

/// Where a component's code comes from, as far as matching asks.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Origin {
    PublicRegistry,
    Registry(String),
    UnknownRegistry,
    /// Git, path, workspace, archive: no registry's advisories apply.
    Elsewhere,
}

impl Origin {
    pub(crate) fn of(source: &Source) -> Self {
        match source {
            Source::PublicRegistry => Self::PublicRegistry,
            Source::Registry { host } => Self::Registry(host.clone()),
            Source::Unknown => Self::UnknownRegistry,
            Source::Git { .. }
            | Source::Archive { .. }
            | Source::Path { .. }
            | Source::Workspace => Self::Elsewhere,
        }
    }
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct ComponentKey {
    pub(crate) ecosystem: String,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) direct: Option<bool>,
    pub(crate) scope: Option<Scope>,
}

/// What one content holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Content {
    /// Numbers of components, sorted, without repetition.
    pub(crate) components: Vec<u32>,
    /// Why nothing of it could be used.
    pub(crate) problem: Option<String>,
    /// Other files that were looked at, as they were then.
    pub(crate) neighbors: Vec<(String, Option<ObjectId>)>,
}

/// Where a content is looked up: by its id alone, or also by the path where neighbors matter.
pub(crate) type ContentKey = (Option<u32>, ObjectId);

/// Everything remembered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Record {
    /// The oldest first.
    pub(crate) commits: Vec<Commit>,
    /// In the order of the commits.
    pub(crate) changes: Vec<Change>,
    pub(crate) paths: Vec<String>,
    pub(crate) components: Vec<ComponentKey>,
    /// Contents of a key differ by their neighbors.
    pub(crate) contents: HashMap<ContentKey, Vec<Content>>,
    /// What could not be read while walking: commit and why. Not remembered across runs: what is there now may be read now.
    pub(crate) faults: Vec<(u32, String)>,
    /// From this commit to the last one, some folder could not be read: what is there now is not proved.
    pub(crate) unread_since: Option<u32>,
}
