//! One connection to the database file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Executor};

use crate::error::StoreError;

/// How long a process waits for another one's transaction.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, StoreError> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(StoreError::Runtime)
}

pub(crate) async fn open(folder: &Path, file: &Path) -> Result<SqliteConnection, StoreError> {
    fs::create_dir_all(folder)
        .map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An event is acknowledged once its transaction is: a power failure must not take it back.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    let opened = options.connect().await;
    opened.map_err(|source| StoreError::Open { path: file.to_owned(), source })
}

/// Brings the log into the database file, if nobody else reads or writes.
pub(crate) async fn settle(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.execute("pragma busy_timeout = 0").await?;
    connection.execute("pragma wal_checkpoint(truncate)").await?;
    Ok(())
}
