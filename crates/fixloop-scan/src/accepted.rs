//! Reading what was accepted: the root's `fixloop.toml`, and OpenVEX documents that were named.

use std::path::{Path, PathBuf};

use fixloop_exceptions::{Exceptions, OpenVexError, parse, parse_openvex};
use thiserror::Error;

use crate::read::{ReadError, read_text};

/// The one file whose exceptions hold.
pub const EXCEPTIONS_FILE: &str = "fixloop.toml";

/// Why a scan would not know what was accepted.
#[derive(Debug, Error)]
pub enum AcceptedError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: ReadError },
    #[error("`{}` cannot be used", path.display())]
    OpenVex { path: PathBuf, source: OpenVexError },
}

/// Exceptions of the scanned folder, if one is scanned, then those of the documents.
pub(crate) fn accepted(root: Option<&Path>, vex: &[PathBuf]) -> Result<Exceptions, AcceptedError> {
    let mut all = Exceptions::default();
    let read = |path: &Path| {
        read_text(path).map_err(|source| AcceptedError::Read { path: path.to_owned(), source })
    };
    let file = root.map(|it| it.join(EXCEPTIONS_FILE)).filter(|it| it.symlink_metadata().is_ok());
    if let Some(path) = file {
        all = parse(EXCEPTIONS_FILE, &read(&path)?);
    }
    for path in vex {
        let name = path.to_string_lossy();
        let document = parse_openvex(&name, &read(path)?)
            .map_err(|source| AcceptedError::OpenVex { path: path.clone(), source })?;
        all.exceptions.extend(document.exceptions);
        all.faults.extend(document.faults);
    }
    Ok(all)
}
