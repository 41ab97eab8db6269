//! The file of imported alerts, and bounded reading of files that people hand over.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fixloop_program::alerts::{Alert, StoreError, read_store, write_store};
use thiserror::Error;

use crate::index_path::data_folder;

/// An alert of GitHub's list is about 5 KB long, one that was imported 500 bytes.
pub(crate) const MAX_MIB: u64 = 128;

#[derive(Debug, Error)]
pub(crate) enum AlertsFileError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is larger than {MAX_MIB} MiB", .0.display())]
    TooLarge(PathBuf),
    #[error("failed to read the imported alerts in `{}`", path.display())]
    Store { path: PathBuf, source: StoreError },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("this machine has no folder for a user's data")]
    NoFolder,
}

/// Where imported alerts lie if nothing else is said.
pub(crate) fn default_path() -> Option<PathBuf> {
    data_folder().map(|it| it.join("alerts.json"))
}

/// The whole file, if it is not too large.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>, AlertsFileError> {
    let failed = |source| AlertsFileError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    // One byte more than is allowed tells that there is more, whatever the file system says of its size.
    file.take((MAX_MIB << 20) + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_MIB << 20 {
        return Err(AlertsFileError::TooLarge(path.to_owned()));
    }
    Ok(bytes)
}

/// `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<Alert>>, AlertsFileError> {
    match read_bounded(path) {
        Ok(bytes) => {
            let failed = |source| AlertsFileError::Store { path: path.to_owned(), source };
            read_store(&bytes).map(Some).map_err(failed)
        }
        Err(AlertsFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Writes a new file and then takes the old one's place, so that a failure leaves the old one.
pub(crate) fn write(path: &Path, alerts: &[Alert]) -> Result<(), AlertsFileError> {
    let folder = match path.parent() {
        Some(it) if it != Path::new("") => it,
        _ => Path::new("."),
    };
    let written = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let mut out = io::BufWriter::new(file.as_file_mut());
        write_store(alerts, &mut out)?;
        out.flush()?;
        drop(out);
        file.persist(path)?;
        Ok(())
    };
    written().map_err(|source| AlertsFileError::Write { path: path.to_owned(), source })
}
