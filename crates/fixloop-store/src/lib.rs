//! The data directory's database: the programme's record, frozen files and collected events.
//!
//! SQLite, and the only crate that knows it. Several processes may use one data directory at once: every change is one transaction that first
//! takes the write lock and then looks, so that nothing is decided on what somebody changed meanwhile. What was acknowledged survives `kill -9`
//! and a power failure (write-ahead log, synchronous). What rules hold is `fixloop-program`'s; here it is only kept.

mod connection;
mod entries;
mod error;
mod events;
mod files;
mod migrations;
mod organization;

use std::path::{Path, PathBuf};

use fixloop_program::record::{Change, Entry, Record, Refusal};
use sqlx::sqlite::SqliteConnection;

pub use entries::Author;
pub use error::{ChangeError, StoreError};
pub use events::{IncomingBatch, StoredEvent, Taken};
pub use files::digest;
pub use organization::Organization;

/// The database's name in the data directory.
pub const FILE: &str = "fixloop.sqlite";

/// An open data directory. Its functions wait for the disk: they are for a command or a worker, not for a server's request.
pub struct Store {
    runtime: tokio::runtime::Runtime,
    connection: SqliteConnection,
    path: PathBuf,
    organization: Organization,
}

/// What a command wants to write: files first, so that no entry names a file that is not there.
#[derive(Default)]
pub struct Writing {
    pub files: Vec<Vec<u8>>,
    pub changes: Vec<Change>,
}

impl From<Vec<Change>> for Writing {
    fn from(changes: Vec<Change>) -> Self {
        Self { files: Vec::new(), changes }
    }
}

impl From<Change> for Writing {
    fn from(change: Change) -> Self {
        vec![change].into()
    }
}

impl Store {
    /// Opens the data directory, and makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be read or written, is of a newer build, or is no data directory.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let runtime = connection::runtime()?;
        let path = folder.join(FILE);
        let (connection, organization) = runtime.block_on(async {
            let mut connection = connection::open(folder, &path).await?;
            migrations::run(&mut connection).await?;
            let organization = organization::get_or_make(&mut connection).await?;
            Ok::<_, StoreError>((connection, organization))
        })?;
        Ok(Self { runtime, connection, path, organization })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whose data this is.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// # Errors
    /// If the database cannot be read, or its record is not what we wrote.
    pub fn record(&mut self) -> Result<Record, StoreError> {
        Ok(Record::replay(&self.entries()?)?)
    }

    /// # Errors
    /// If the database cannot be read, or an entry is not what we wrote.
    pub fn entries(&mut self) -> Result<Vec<Entry>, StoreError> {
        self.runtime.block_on(entries::all(&mut self.connection))
    }

    /// Changes the record by what `wanted` answers to it as it is now. Nobody else writes meanwhile, so `wanted` is to be quick.
    ///
    /// # Errors
    /// If `wanted` refuses, or what it wants breaks a rule of the record; then nothing is written.
    pub fn change<W: Into<Writing>>(
        &mut self,
        author: &Author,
        wanted: impl FnOnce(&Record) -> Result<W, Refusal>,
    ) -> Result<Vec<Change>, ChangeError> {
        let wanted = |record: &Record| wanted(record).map(Into::into);
        self.runtime.block_on(entries::change(&mut self.connection, author, wanted))
    }

    /// A frozen file, or nothing if there is none of this digest.
    ///
    /// # Errors
    /// If the database cannot be read, or the file is not what its digest says.
    pub fn file(&mut self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.runtime.block_on(files::get(&mut self.connection, digest))
    }

    /// Takes in a batch of events, each once however often it comes.
    ///
    /// # Errors
    /// If it cannot be written; then nothing of it is.
    pub fn take(&mut self, batch: &IncomingBatch) -> Result<Taken, StoreError> {
        self.runtime.block_on(events::take(&mut self.connection, batch))
    }

    /// All events up to `cut` (microseconds since 1970, UTC), in the order in which they occurred.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn events(&mut self, cut: i64) -> Result<Vec<StoredEvent>, StoreError> {
        self.runtime.block_on(events::until(&mut self.connection, cut))
    }
}

impl Drop for Store {
    /// The database's one file is whole without its log, so that whoever copies it has everything. Not if somebody else has it open.
    fn drop(&mut self) {
        let done = self.runtime.block_on(connection::settle(&mut self.connection));
        if done.is_err() {
            // The log is read the next time: nothing is lost.
        }
    }
}

#[cfg(test)]
mod tests;
