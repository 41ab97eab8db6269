//! `fleet.json`: what a sync left, `fixloop.fleet/1` of `docs/schema/fleet-1.json`. A field without a value is `null`, never absent.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

const FILE: &str = "fleet.json";
const SCHEMA: &str = "fixloop.fleet/1";
const MAX_FILE_BYTES: u64 = 256 << 20;

/// How a repository stood at the end of the last sync.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Fetched by this sync.
    Synced,
    /// The host has nothing that the mirror has not.
    Unchanged,
    /// There is a mirror from an earlier sync, and it could not be brought up to date.
    Stale,
    /// There is no mirror.
    Unknown,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FleetRepository {
    pub name: String,
    /// Without credentials.
    pub url: String,
    pub team: Option<String>,
    /// The bare repository; there is none if the status is [`Status::Unknown`].
    pub git_dir: PathBuf,
    /// `None` while the repository has no commits.
    pub branch: Option<String>,
    /// The commit of the branch, in hexadecimal.
    pub head: Option<String>,
    pub status: Status,
    /// Why it is stale or unknown.
    pub reason: Option<String>,
    /// When the mirror was last known to be what the host has.
    pub synced_at: Option<Timestamp>,
    /// Whether only the wanted files' contents are here.
    pub is_partial: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fleet {
    /// By name.
    pub repositories: Vec<FleetRepository>,
}

#[derive(Debug, Error)]
pub enum FleetError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is larger than {} MiB", .0.display(), MAX_FILE_BYTES >> 20)]
    TooLarge(PathBuf),
    #[error("`{}` is no `{SCHEMA}`", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("`{}` has schema `{schema}`, expected `{SCHEMA}`", path.display())]
    Schema { path: PathBuf, schema: String },
    #[error("`{}` names the folder `{folder}`, which is none of a fleet", path.display())]
    Folder { path: PathBuf, folder: String },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

#[derive(Deserialize, Serialize)]
struct FleetJson {
    schema: String,
    repositories: Vec<RepositoryJson>,
}

#[derive(Deserialize, Serialize)]
struct RepositoryJson {
    name: String,
    url: String,
    team: Option<String>,
    folder: String,
    branch: Option<String>,
    head: Option<String>,
    status: Status,
    reason: Option<String>,
    synced_at: Option<Timestamp>,
    partial: bool,
}

impl Fleet {
    /// Reads the fleet in this folder.
    pub fn open(folder: &Path) -> Result<Self, FleetError> {
        let path = folder.join(FILE);
        let failed = |source| FleetError::Read { path: path.clone(), source };
        let mut text = String::new();
        let file = File::open(&path).map_err(failed)?;
        file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(FleetError::TooLarge(path));
        }
        let json: FleetJson = serde_json::from_str(&text)
            .map_err(|source| FleetError::Json { path: path.clone(), source })?;
        if json.schema != SCHEMA {
            return Err(FleetError::Schema { path, schema: json.schema });
        }
        let mut repositories = Vec::with_capacity(json.repositories.len());
        for it in json.repositories {
            // The file may come from elsewhere: a folder is one part of a path.
            if it.folder.starts_with('.') || it.folder.contains(['/', '\\', ':', '\0']) {
                return Err(FleetError::Folder { path, folder: it.folder });
            }
            repositories.push(FleetRepository {
                git_dir: folder.join(&it.folder),
                name: it.name,
                url: it.url,
                team: it.team,
                branch: it.branch,
                head: it.head,
                status: it.status,
                reason: it.reason,
                synced_at: it.synced_at,
                is_partial: it.partial,
            });
        }
        Ok(Self { repositories })
    }

    /// Like [`Fleet::open`]; an empty one if there is none yet.
    pub(crate) fn open_or_new(folder: &Path) -> Result<Self, FleetError> {
        if folder.join(FILE).exists() {
            Self::open(folder)
        } else {
            Ok(Self { repositories: Vec::new() })
        }
    }

    /// Writes `fleet.json`, which is never half written.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), FleetError> {
        let path = folder.join(FILE);
        let partial = folder.join(format!(".{FILE}"));
        let written = File::create(&partial).and_then(|mut file| {
            write_json(self, &mut file)?;
            file.sync_all()
        });
        let written = written.and_then(|()| fs::rename(&partial, &path));
        written.map_err(|source| FleetError::Write { path, source })
    }
}

/// Writes one JSON object and a line break.
pub fn write_json(fleet: &Fleet, out: &mut dyn Write) -> io::Result<()> {
    let repository = |it: &FleetRepository| RepositoryJson {
        name: it.name.clone(),
        url: it.url.clone(),
        team: it.team.clone(),
        folder: it.git_dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        branch: it.branch.clone(),
        head: it.head.clone(),
        status: it.status,
        reason: it.reason.clone(),
        synced_at: it.synced_at,
        partial: it.is_partial,
    };
    let repositories = fleet.repositories.iter().map(repository).collect();
    let json = FleetJson { schema: SCHEMA.to_owned(), repositories };
    serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(folder: &Path) -> FleetRepository {
        FleetRepository {
            name: "payments/shop".to_owned(),
            url: "https://git.corp.example/payments/shop.git".to_owned(),
            team: None,
            git_dir: folder.join("payments.shop-0.git"),
            branch: Some("main".to_owned()),
            head: Some("0".repeat(40)),
            status: Status::Stale,
            reason: Some("no answer".to_owned()),
            synced_at: Some(Timestamp::UNIX_EPOCH),
            is_partial: true,
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = Fleet { repositories: vec![repository(folder.path())] };
        fleet.write(folder.path()).unwrap();
        assert_eq!(Fleet::open(folder.path()).unwrap(), fleet);
    }

    #[test]
    fn a_state_that_is_none_of_ours_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let check = |from: &str, to: &str, expected: &str| {
            let fleet = Fleet { repositories: vec![repository(folder.path())] };
            let mut text = Vec::new();
            write_json(&fleet, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap().replace(from, to);
            fs::write(folder.path().join(FILE), text).unwrap();
            let error = Fleet::open(folder.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("payments.shop-0.git", "../../etc", "names the folder `../../etc`");
        check("payments.shop-0.git", "/etc", "names the folder `/etc`");
        check("fleet/1", "fleet/2", "has schema `fixloop.fleet/2`, expected `fixloop.fleet/1`");
        check("stale", "fresh", "is no `fixloop.fleet/1`");
    }
}
