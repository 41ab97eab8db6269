//! How far the spool was flushed: the file `flushed`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::SpoolError;
use super::folder;
use crate::durable;
use crate::ids::{EventId, SourceId};

pub(crate) const CURSOR: &str = "flushed";
const MAX_BYTES: u64 = 1024;

/// Everything up to this number that may leave the machine is in a sink.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Cursor {
    /// The spool's pseudonym at that time: after a purge numbers begin anew.
    pub(crate) source: SourceId,
    pub(crate) seq: u64,
    /// Of the event with that number: another one there tells that the spool is another one too, as after a restored backup.
    pub(crate) event_id: Option<EventId>,
}

impl Cursor {
    /// Nothing if it is not there or damaged: what is flushed twice is known by its ids.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>, (PathBuf, io::Error)> {
        let path = folder.join(CURSOR);
        let mut bytes = Vec::new();
        match File::open(&path).and_then(|it| it.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(_) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err((path, error)),
        }
    }

    /// Only after the events are durably somewhere else.
    pub(crate) fn store(&self, folder: &Path) -> Result<(), SpoolError> {
        let path = folder.join(CURSOR);
        let bytes = serde_json::to_vec(self).expect("two texts and a number are JSON");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true);
        folder::only_for_the_user(&mut options);
        durable::write(&mut options, &path.with_extension("partial"), &path, &bytes)
            .map_err(SpoolError::write(&path))
    }
}
