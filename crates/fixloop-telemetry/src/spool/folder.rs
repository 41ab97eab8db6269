//! The files of a spool, and what the command line does with them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::cursor::CURSOR;
use super::error::SpoolError;
use super::lock::Lock;
use crate::event::MAX_SEQ;

pub(crate) const IDENTITY: &str = "identity";
const OFF: &str = "off";
const EXTENSION: &str = ".events";
const N_DIGITS: usize = 20;

/// How often, two milliseconds apart, a command asks for the lock. It then goes on without: a process that was stopped must not keep
/// anybody from deleting.
const PATIENCE: u32 = 500;

/// A segment as the folder lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    pub(crate) first_seq: u64,
    pub(crate) n_bytes: u64,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Purged {
    pub n_segments: usize,
    pub n_bytes: u64,
}

/// Whether recording is switched off here. Also if that cannot be told.
pub fn is_off(folder: &Path) -> bool {
    let absent = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    folder.join(OFF).metadata().map_or_else(|error| !absent.contains(&error.kind()), |_| true)
}

/// Deletes every event and the pseudonym; what comes later cannot be joined with what was there. Other files stay.
pub fn purge(folder: &Path) -> Result<Purged, SpoolError> {
    let mut purged = Purged::default();
    if !exists(folder)? {
        return Ok(purged);
    }
    let mut lock = Lock::open(folder)?;
    let mut locked = lock.wait(PATIENCE)?;
    if let Some(locked) = &mut locked {
        locked.change_word()?;
    }
    for segment in segments(folder)? {
        delete(&segment.path)?;
        purged.n_segments += 1;
        purged.n_bytes += segment.n_bytes;
    }
    delete(&folder.join(IDENTITY))?;
    delete(&folder.join(IDENTITY).with_extension("partial"))?;
    delete(&folder.join(CURSOR))?;
    delete(&folder.join(CURSOR).with_extension("partial"))?;
    Ok(purged)
}

/// From now on nothing is recorded; what was is deleted.
pub fn switch_off(folder: &Path) -> Result<Purged, SpoolError> {
    create(folder)?;
    // First, so that no process that looks around begins a new segment.
    let path = folder.join(OFF);
    fs::write(&path, "").map_err(SpoolError::write(&path))?;
    purge(folder)
}

/// Takes [`switch_off`] back. Says whether it was off.
pub fn switch_on(folder: &Path) -> Result<bool, SpoolError> {
    let was_off = exists(folder)? && is_off(folder);
    if was_off {
        delete(&folder.join(OFF))?;
    }
    Ok(was_off)
}

fn exists(folder: &Path) -> Result<bool, SpoolError> {
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(SpoolError::read(folder)(io::ErrorKind::NotADirectory.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(SpoolError::read(folder)(source)),
    }
}

pub(crate) fn create(folder: &Path) -> Result<(), SpoolError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| SpoolError::Create { path: folder.to_owned(), source })
}

pub(crate) fn only_for_the_user(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

pub(crate) fn segment_path(folder: &Path, first_seq: u64) -> PathBuf {
    folder.join(format!("{first_seq:0N_DIGITS$}{EXTENSION}"))
}

/// All segments, the oldest first. What is no regular file or has another name is none.
pub(crate) fn segments(folder: &Path) -> Result<Vec<Listed>, SpoolError> {
    let mut listed = Vec::new();
    for entry in fs::read_dir(folder).map_err(SpoolError::read(folder))? {
        let entry = entry.map_err(SpoolError::read(folder))?;
        let Some(first_seq) = entry.file_name().to_str().and_then(first_seq) else { continue };
        match entry.metadata() {
            Ok(found) if found.is_file() => {
                listed.push(Listed { path: entry.path(), first_seq, n_bytes: found.len() });
            }
            Ok(_) => {}
            // Another process deleted it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(SpoolError::read(entry.path())(source)),
        }
    }
    listed.sort_by_key(|it| it.first_seq);
    Ok(listed)
}

fn first_seq(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let is_number = digits.len() == N_DIGITS && digits.bytes().all(|it| it.is_ascii_digit());
    digits.parse().ok().filter(|it| is_number && (1..=MAX_SEQ).contains(it))
}

/// Gone already is fine.
pub(crate) fn delete(path: &Path) -> Result<(), SpoolError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(SpoolError::Delete { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
