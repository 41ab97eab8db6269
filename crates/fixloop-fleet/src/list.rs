//! Which repositories belong to a fleet: from the text of a list to names, addresses, teams and branches.
//!
//! CSV with a header, or the JSON that list APIs of GitHub, GitLab and Azure DevOps print. Total within bounds: a list is read as a whole or
//! refused with the line or entry that is wrong, because a fleet that silently misses a repository reads as clean.

mod address;
mod azure;
mod csv;
mod github;
mod gitlab;
mod json;
mod teams;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use thiserror::Error;

pub(crate) use address::shown;
pub use teams::{Teams, TeamsError, read_teams};

/// A list larger than this is refused.
pub(crate) const MAX_LIST_BYTES: usize = 64 << 20;
/// More repositories than the largest organizations have.
const MAX_REPOSITORIES: usize = 100_000;
const MAX_NAME_CHARS: usize = 400;

/// A repository as the list has it.
#[derive(Clone, Eq, PartialEq)]
pub struct Repository {
    pub name: String,
    /// As written, possibly with credentials: only for git, never for output.
    pub(crate) address: String,
    pub team: Option<String>,
    /// The branch that the list names; the remote's own default if there is none.
    pub branch: Option<String>,
}

impl std::fmt::Debug for Repository {
    /// Without the credentials of the address.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = shown(&self.address);
        let (team, branch) = (&self.team, &self.branch);
        write!(out, "{} {url} team {team:?} branch {branch:?}", self.name)
    }
}

/// Where the teams of a list come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TeamSource {
    /// The `team` column of the CSV.
    Column,
    /// The group of a GitLab project, the project of an Azure repository.
    Namespace,
    /// A GitHub list names an owner, which is no team.
    None,
}

#[derive(Clone, Debug)]
pub struct List {
    /// In the order of the list, each name once.
    pub repositories: Vec<Repository>,
    pub team_source: TeamSource,
}

/// Where in a list something is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Position {
    Line(u64),
    /// From 1, over all pages.
    Entry(usize),
}

impl std::fmt::Display for Position {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(out, "line {line}"),
            Self::Entry(entry) => write!(out, "entry {entry}"),
        }
    }
}

#[derive(Debug, Error)]
pub enum ListError {
    #[error("the list is larger than {} MiB", MAX_LIST_BYTES >> 20)]
    TooLarge,
    #[error("the list has more than {MAX_REPOSITORIES} repositories")]
    TooMany,
    #[error("the list names no repository")]
    Empty,
    #[error("line 1: no column `{0}`; there are: {1}")]
    NoColumn(&'static str, String),
    #[error("{position}: not readable as CSV")]
    Csv { position: Position, source: ::csv::Error },
    #[error("not readable as JSON")]
    Json(#[source] serde_json::Error),
    #[error("{0}: neither a repository of GitHub, GitLab nor Azure DevOps, nor a page of them")]
    Shape(Position),
    #[error("{position}: not readable as a repository of {host}")]
    Entry { position: Position, host: &'static str, source: serde_json::Error },
    #[error("{0}: no address")]
    NoAddress(Position),
    #[error("{position}: the name `{name}` cannot be used: {why}")]
    Name { position: Position, name: String, why: &'static str },
    #[error("{position}: the address `{address}` cannot be used: {why}")]
    Address { position: Position, address: String, why: &'static str },
    #[error("{position}: the branch `{branch}` cannot be used")]
    Branch { position: Position, branch: String },
    #[error("{position}: `{name}` stands in the list twice, with different addresses")]
    Twice { position: Position, name: String },
}

/// Reads a list: JSON if it begins like JSON, else CSV.
pub fn read_list(text: &str) -> Result<List, ListError> {
    if text.len() > MAX_LIST_BYTES {
        return Err(ListError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let (raw, team_source) =
        if text.starts_with(['[', '{']) { json::read(text)? } else { csv::read(text)? };
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut repositories: Vec<Repository> = Vec::new();
    for (position, repository) in raw {
        let repository = checked(position, repository)?;
        match places.entry(repository.name.clone()) {
            Entry::Vacant(place) => {
                place.insert(repositories.len());
                repositories.push(repository);
            }
            // Pages overlap if a repository is made while they are asked for.
            Entry::Occupied(place) if repositories[*place.get()].address == repository.address => {}
            Entry::Occupied(_) => {
                return Err(ListError::Twice { position, name: repository.name });
            }
        }
    }
    match repositories.len() {
        0 => Err(ListError::Empty),
        n if n > MAX_REPOSITORIES => Err(ListError::TooMany),
        _ => Ok(List { repositories, team_source }),
    }
}

fn checked(position: Position, repository: Repository) -> Result<Repository, ListError> {
    if let Err(why) = address::check(&repository.address) {
        let address = shown(&repository.address);
        return Err(ListError::Address { position, address, why });
    }
    let name = &repository.name;
    let why = if name.is_empty() {
        Some("it is empty")
    } else if name.chars().count() > MAX_NAME_CHARS {
        Some("it is too long")
    } else if name.contains(|it: char| it.is_control()) {
        Some("it has control characters")
    } else if name.split(['/', '\\']).any(|it| matches!(it, "" | "." | "..")) {
        Some("a part of it is empty, `.` or `..`")
    } else {
        None
    };
    if let Some(why) = why {
        return Err(ListError::Name { position, name: name.clone(), why });
    }
    match &repository.branch {
        Some(branch) if !is_branch(branch) => {
            Err(ListError::Branch { position, branch: branch.clone() })
        }
        _ => Ok(repository),
    }
}

/// What can stand in a refspec without a meaning of its own; git checks the rest of its rules.
pub(crate) fn is_branch(branch: &str) -> bool {
    let is_special = |it: char| it.is_whitespace() || it.is_control() || "~^:?*[\\".contains(it);
    !branch.is_empty()
        && branch.len() <= 255
        && !branch.starts_with(['-', '/'])
        && !branch.ends_with(['/', '.'])
        && !branch.contains("..")
        && !branch.contains("@{")
        && !branch.contains(is_special)
}

#[cfg(test)]
mod tests;
