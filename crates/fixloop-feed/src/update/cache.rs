//! What was downloaded: one folder per ecosystem with the archive, records newer than it, and what is known about both.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::update::error::UpdateError;

const ARCHIVE: &str = "all.zip";
const PARTIAL: &str = "all.zip.part";
const PARTIAL_TAG: &str = "all.zip.part.tag";
const STATE: &str = "state.json";
const RECORDS: &str = "records";

/// About one ecosystem.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct State {
    /// Entity tag of the archive.
    pub(super) archive_tag: Option<String>,
    /// Entity tag of the list of modification times.
    pub(super) list_tag: Option<String>,
    /// Modification time of the newest record that is here.
    pub(super) mark: Option<String>,
    /// In the archive.
    pub(super) n_records: usize,
}

pub(super) struct Cache {
    folder: PathBuf,
}

fn write_failed(path: &Path) -> impl FnOnce(io::Error) -> UpdateError + '_ {
    |source| UpdateError::Write { path: path.to_owned(), source }
}

fn read_failed(path: &Path) -> impl FnOnce(io::Error) -> UpdateError + '_ {
    |source| UpdateError::Read { path: path.to_owned(), source }
}

pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), UpdateError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(write_failed(folder))?;
    }
    let partial = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() && partial.exists() {
        fs::remove_file(&partial).map_err(write_failed(&partial))?;
    }
    written.map_err(write_failed(path))
}

impl Cache {
    pub(super) fn open(root: &Path, ecosystem: &str) -> Result<Self, UpdateError> {
        let folder = root.join(ecosystem.replace(['/', '\\', ':'], "_"));
        fs::create_dir_all(&folder).map_err(write_failed(&folder))?;
        Ok(Self { folder })
    }

    /// What is known; nothing if that was lost, which costs one download.
    pub(super) fn state(&self) -> State {
        let text = fs::read(self.folder.join(STATE));
        text.ok().and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default()
    }

    pub(super) fn save(&self, state: &State) -> Result<(), UpdateError> {
        let path = self.folder.join(STATE);
        let text = serde_json::to_vec_pretty(state).map_err(|error| UpdateError::Write {
            path: path.clone(),
            source: io::Error::other(error),
        })?;
        write_atomically(&path, &text)
    }

    pub(super) fn has_archive(&self) -> bool {
        self.folder.join(ARCHIVE).is_file()
    }

    pub(super) fn partial(&self) -> PathBuf {
        self.folder.join(PARTIAL)
    }

    /// The entity tag of the download that broke off.
    pub(super) fn partial_tag(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(PARTIAL_TAG)).ok()
    }

    pub(super) fn set_partial_tag(&self, tag: Option<&str>) -> Result<(), UpdateError> {
        let path = self.folder.join(PARTIAL_TAG);
        match tag {
            Some(tag) => fs::write(&path, tag).map_err(write_failed(&path)),
            None if path.exists() => fs::remove_file(&path).map_err(write_failed(&path)),
            None => Ok(()),
        }
    }

    pub(super) fn drop_partial(&self) -> Result<(), UpdateError> {
        let path = self.partial();
        if path.symlink_metadata().is_ok() {
            fs::remove_file(&path).map_err(write_failed(&path))?;
        }
        self.set_partial_tag(None)
    }

    pub(super) fn n_single_records(&self) -> Result<usize, UpdateError> {
        let folder = self.folder.join(RECORDS);
        match fs::read_dir(&folder) {
            Ok(entries) => Ok(entries.count()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(read_failed(&folder)(error)),
        }
    }

    pub(super) fn keep_record(&self, id: &str, bytes: &[u8]) -> Result<(), UpdateError> {
        let name = id.replace(':', "_");
        write_atomically(&self.folder.join(RECORDS).join(format!("{name}.json")), bytes)
    }

    /// Puts the verified download in place of the archive, and drops the single records that it holds.
    pub(super) fn take_archive(&self, state: &State) -> Result<(), UpdateError> {
        let (partial, archive) = (self.partial(), self.folder.join(ARCHIVE));
        fs::rename(&partial, &archive).map_err(write_failed(&archive))?;
        self.set_partial_tag(None)?;
        let records = self.folder.join(RECORDS);
        if records.exists() {
            fs::remove_dir_all(&records).map_err(write_failed(&records))?;
        }
        self.save(state)
    }
}

/// Archives and folders of records of all ecosystems, sorted.
pub(super) fn all_paths(root: &Path) -> Result<Vec<PathBuf>, UpdateError> {
    let mut paths = Vec::new();
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(paths),
        Err(error) => return Err(read_failed(root)(error)),
    };
    for entry in entries {
        let folder = entry.map_err(read_failed(root))?.path();
        for name in [ARCHIVE, RECORDS] {
            let path = folder.join(name);
            if path.exists() {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}
