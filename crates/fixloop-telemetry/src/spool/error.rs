//! What goes wrong with a spool.

use std::io;
use std::path::PathBuf;

use rand::rngs::SysError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SpoolError {
    #[error("telemetry is switched off")]
    Off,
    #[error("failed to make `{}`", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("failed to lock `{}`", path.display())]
    Lock { path: PathBuf, source: io::Error },
    #[error("another process holds the telemetry spool")]
    Busy,
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to delete `{}`", path.display())]
    Delete { path: PathBuf, source: io::Error },
    #[error("failed to get random bytes from the system")]
    Random { source: SysError },
    #[error("the spool's numbers are used up: `fixloop telemetry purge` begins anew")]
    Exhausted,
}

impl SpoolError {
    pub(crate) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}
