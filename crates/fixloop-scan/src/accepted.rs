//! Reading what was accepted: the root's `fixloop.toml`, and OpenVEX documents that were named.

use std::path::{Path, PathBuf};

use fixloop_exceptions::{Exceptions, OpenVexError, apply_to_checks, parse, parse_openvex};
use fixloop_model::{Files, Scan};
use jiff::civil::Date;
use thiserror::Error;

use crate::read::{ReadError, read_text};

/// The one file whose exceptions hold.
pub const EXCEPTIONS_FILE: &str = "fixloop.toml";

/// Why a scan would not know what was accepted.
#[derive(Debug, Error)]
pub enum AcceptedError {
    #[error("failed to read `{EXCEPTIONS_FILE}`: {0}")]
    OfTree(String),
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: ReadError },
    #[error("`{}` cannot be used", path.display())]
    OpenVex { path: PathBuf, source: OpenVexError },
}

/// Takes out of a scan what the tree's own `fixloop.toml` accepts of what build rules found.
///
/// # Errors
/// If the file cannot be read.
pub fn accept_checks(scan: &mut Scan, files: &dyn Files, today: Date) -> Result<(), AcceptedError> {
    let exceptions = accepted(Some(files), &[])?;
    let checks = std::mem::take(&mut scan.checks);
    let (left, suppressed) = apply_to_checks(&exceptions, checks, today);
    scan.checks = left;
    scan.suppressed.extend(suppressed);
    Ok(())
}

/// Exceptions of the scanned tree, then those of the documents.
pub(crate) fn accepted(
    tree: Option<&dyn Files>,
    vex: &[PathBuf],
) -> Result<Exceptions, AcceptedError> {
    let read = |path: &Path| {
        read_text(path).map_err(|source| AcceptedError::Read { path: path.to_owned(), source })
    };
    let text = match tree {
        Some(files) => files.text(EXCEPTIONS_FILE).map_err(AcceptedError::OfTree)?,
        None => None,
    };
    let mut all = text.map(|text| parse(EXCEPTIONS_FILE, &text)).unwrap_or_default();
    for path in vex {
        let name = path.to_string_lossy();
        let document = parse_openvex(&name, &read(path)?)
            .map_err(|source| AcceptedError::OpenVex { path: path.clone(), source })?;
        all.exceptions.extend(document.exceptions);
        all.faults.extend(document.faults);
    }
    Ok(all)
}
