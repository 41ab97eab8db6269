//! What can go wrong with a data directory.

use std::io;
use std::path::PathBuf;

use fixloop_program::record::{Corrupt, Refusal};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("failed to make the data directory `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("failed to open the database `{}`", path.display())]
    Open { path: PathBuf, source: sqlx::Error },
    #[error("the database failed at {what}")]
    Query { what: &'static str, source: sqlx::Error },
    #[error(
        "the data directory is of a newer build: schema {found}, this build knows up to {known}"
    )]
    Newer { found: i64, known: i64 },
    #[error("entry {seq} of the record is not what was written: {reason}")]
    Damaged { seq: i64, reason: String },
    #[error("the frozen file {0} is not what its digest says")]
    DamagedFile(String),
    #[error(transparent)]
    Record(#[from] Corrupt),
    #[error("failed to start")]
    Runtime(#[source] io::Error),
    #[error("the system gives no random bytes")]
    Random(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{0} cannot be written as JSON")]
    Json(&'static str, #[source] serde_json::Error),
    #[error("failed to compress a file")]
    Compress(#[source] io::Error),
}

/// Why a change was not made.
#[derive(Debug, Error)]
pub enum ChangeError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Names the statement in the error.
pub(crate) trait At<T> {
    fn at(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> At<T> for Result<T, sqlx::Error> {
    fn at(self, what: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Query { what, source })
    }
}
