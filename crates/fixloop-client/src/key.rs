//! The public key as it is configured: itself, or a file that holds it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fixloop_policy::{NoKey, PublicKey};
use thiserror::Error;

/// A key is a line; whatever is longer is another file.
const MAX_BYTES: u64 = 4096;

#[derive(Debug, Error)]
pub enum KeyError {
    #[error("`{given}` is neither a key nor a file that holds one")]
    Neither { given: String, source: io::Error },
    #[error("`{}` holds no key", path.display())]
    NoKey { path: PathBuf, source: NoKey },
}

/// Reads a key that is given as base64, or as the path of a file with that line.
///
/// # Errors
/// If it is neither.
pub fn public_key(given: &str) -> Result<PublicKey, KeyError> {
    if let Ok(key) = given.parse() {
        return Ok(key);
    }
    let path = Path::new(given);
    let read = || {
        let mut text = String::new();
        File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
        Ok(text)
    };
    let text = read().map_err(|source| KeyError::Neither { given: given.to_owned(), source })?;
    text.parse().map_err(|source| KeyError::NoKey { path: path.to_owned(), source })
}
