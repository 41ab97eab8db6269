//! What can go wrong in an update, and what to do about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Nothing that was there before is lost by any of these.
#[derive(Debug, Error)]
pub enum UpdateError {
    #[error("failed to reach `{url}`")]
    Request { url: String, source: Box<ureq::Error> },
    #[error("`{url}` was silent for {seconds} seconds: run it again to go on, or raise --timeout")]
    Silent { url: String, seconds: u64 },
    #[error("`{url}` broke off after {n_bytes} of {expected} bytes: run it again to go on")]
    BrokenOff { url: String, n_bytes: u64, expected: u64 },
    #[error("`{url}` answered with status {status}")]
    Status { url: String, status: u16 },
    #[error("`{url}` leads from https to http: not followed")]
    Downgrade { url: String },
    #[error("`{url}` sent something else than expected: {reason}")]
    Content { url: String, reason: String },
    #[error("`{url}` is larger than {limit} bytes: not read")]
    TooLarge { url: String, limit: u64 },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the certificates of this system cannot be read: {0}")]
    Certificates(String),
}
