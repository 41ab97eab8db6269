//! The lock file: an advisory lock of the system, which goes away with its process, and a word that tells when to look around.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::error::SpoolError;
use super::folder;
use crate::machine::random;

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Of those who write events.
    pub(crate) fn open(folder: &Path) -> Result<Self, SpoolError> {
        Self::open_file(folder.join("lock"))
    }

    /// Of those who flush. Another one, since a sink may be slow and nobody is to wait for it.
    pub(crate) fn of_flushing(folder: &Path) -> Result<Self, SpoolError> {
        Self::open_file(folder.join("flushing"))
    }

    fn open_file(path: PathBuf) -> Result<Self, SpoolError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        folder::only_for_the_user(&mut options);
        match options.open(&path) {
            Ok(file) => Ok(Self { file, path }),
            Err(source) => Err(SpoolError::Lock { path, source }),
        }
    }

    /// Asks so many times, with a pause in between. Once is not to wait.
    pub(crate) fn wait(&mut self, attempts: u32) -> Result<Option<Locked<'_>>, SpoolError> {
        for attempt in 0..attempts {
            if attempt > 0 {
                thread::sleep(BETWEEN_ATTEMPTS);
            }
            match self.file.try_lock() {
                Ok(()) => return Ok(Some(Locked { file: &self.file, path: &self.path })),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => {
                    return Err(SpoolError::Lock { path: self.path.clone(), source });
                }
            }
        }
        Ok(None)
    }

    /// Whether the path still names this very file, as far as can be told: the words are random.
    pub(crate) fn is_current(&mut self) -> bool {
        match File::open(&self.path).and_then(|it| word(&it)) {
            Ok(theirs) => word(&self.file).is_ok_and(|ours| ours == theirs),
            // A mandatory lock of another process also forbids to read.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }
}

/// The right to write. Whoever dies with it loses it.
pub(crate) struct Locked<'a> {
    file: &'a File,
    path: &'a Path,
}

impl Locked<'_> {
    pub(crate) fn word(&self) -> Result<u64, SpoolError> {
        word(self.file).map_err(SpoolError::read(self.path))
    }

    /// Tells every process to look around.
    pub(crate) fn change_word(&mut self) -> Result<u64, SpoolError> {
        let bytes: [u8; 8] = random().map_err(|source| SpoolError::Random { source })?;
        let mut file = self.file;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&bytes))
            .map_err(SpoolError::write(self.path))?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // The system does it at the latest when the file is closed.
        if self.file.unlock().is_err() {}
    }
}

/// Zero in a new file.
fn word(mut file: &File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.seek(SeekFrom::Start(0))?;
    let mut at = 0;
    while at < bytes.len() {
        match file.read(&mut bytes[at..])? {
            0 => break,
            n => at += n,
        }
    }
    Ok(u64::from_le_bytes(bytes))
}
