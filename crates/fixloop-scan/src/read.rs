//! Reading one untrusted file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// The largest file that is read. Real lockfiles reach 10 MB; some SBOMs 40 MB.
pub(crate) const MAX_FILE_BYTES: u64 = 64 << 20;

/// Why a file was not read.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("failed to read: {0}")]
    Io(io::Error),
    #[error("larger than {} MiB: not read", MAX_FILE_BYTES >> 20)]
    TooLarge,
    #[error("text in UTF-16: save it as UTF-8")]
    Utf16,
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    #[error("not a regular file")]
    NotAFile,
}

/// The text of a file of at most 64 MiB.
///
/// # Errors
/// If it cannot be read, is no regular file, too large, or no UTF-8.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    // A pipe or device would block or never end.
    if !path.metadata().map_err(ReadError::Io)?.is_file() {
        return Err(ReadError::NotAFile);
    }
    let file = File::open(path).map_err(ReadError::Io)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ReadError::Utf16);
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
}
