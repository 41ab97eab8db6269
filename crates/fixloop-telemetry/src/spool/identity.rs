//! The pseudonym of an installation and its secret, both random.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::SpoolError;
use super::folder;
use super::lock::Locked;
use crate::ids::{SourceId, from_hex, to_hex};
use crate::machine::random;
use crate::pseudonym::Pseudonyms;

const MAX_BYTES: u64 = 1024;

#[derive(Clone, Debug)]
pub(crate) struct Identity {
    source: SourceId,
    pseudonyms: Pseudonyms,
}

#[derive(Deserialize, Serialize)]
struct Stored {
    source: SourceId,
    secret: String,
}

impl Identity {
    /// Under the lock, so that two processes do not make two. One that is damaged is replaced.
    pub(crate) fn load_or_make(folder: &Path, _locked: &Locked<'_>) -> Result<Self, SpoolError> {
        let load = Self::load(folder);
        match load.map_err(|(path, source)| SpoolError::Read { path, source })? {
            Some(identity) => Ok(identity),
            None => Self::make(&folder.join(folder::IDENTITY)),
        }
    }

    /// Nothing if there is none, or a damaged one.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>, (PathBuf, io::Error)> {
        let path = folder.join(folder::IDENTITY);
        let mut bytes = Vec::new();
        match File::open(&path).and_then(|it| it.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(_) => Ok(Self::from_bytes(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err((path, error)),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(bytes).ok()?;
        let secret = from_hex(&stored.secret)?;
        Some(Self { source: stored.source, pseudonyms: Pseudonyms::new(secret) })
    }

    fn make(path: &Path) -> Result<Self, SpoolError> {
        let no_random = |source| SpoolError::Random { source };
        let source = SourceId::new(random().map_err(no_random)?);
        let secret: [u8; 32] = random().map_err(no_random)?;
        let stored = Stored { source, secret: to_hex(&secret) };
        let bytes = serde_json::to_vec(&stored).expect("two texts are JSON");
        let partial = path.with_extension("partial");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        folder::only_for_the_user(&mut options);
        options
            .open(&partial)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&partial, path))
            .map_err(SpoolError::write(path))?;
        Ok(Self { source, pseudonyms: Pseudonyms::new(secret) })
    }

    pub(crate) fn source(&self) -> SourceId {
        self.source
    }

    pub(crate) fn pseudonyms(&self) -> Pseudonyms {
        self.pseudonyms.clone()
    }
}
