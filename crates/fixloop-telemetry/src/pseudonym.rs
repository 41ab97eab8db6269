//! Exposure ids: HMAC-SHA-256 (RFC 2104) of a place and package, by a secret of this installation.
//!
//! Paths and package names can be guessed, so that a plain hash would tell them to who tries. Without the secret, which is random and in no
//! event, it tells nothing.

use std::fmt;
use std::path::Path;

use fixloop_policy::hmac;

use crate::ids::ExposureId;

/// Where a draft exposure is. The same place always has the same id, until the spool is purged.
#[derive(Clone, Copy, Debug)]
pub struct ExposurePlace<'a> {
    /// The folder of the repository, or of the workspace without one.
    pub repository: &'a Path,
    /// The manifest or lockfile; however it is written, if always in the same way.
    pub file: &'a Path,
    pub ecosystem: &'a str,
    /// The package's normalized name.
    pub package: &'a str,
}

/// Makes ids of places. Cheap to clone, and free of input and output: an editor's main thread may hold one.
#[derive(Clone)]
pub struct Pseudonyms {
    secret: [u8; 32],
}

impl Pseudonyms {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    pub fn exposure(&self, place: &ExposurePlace<'_>) -> ExposureId {
        let parts = [
            b"fixloop draft exposure 1".as_slice(),
            place.repository.as_os_str().as_encoded_bytes(),
            place.file.as_os_str().as_encoded_bytes(),
            place.ecosystem.as_bytes(),
            place.package.as_bytes(),
        ];
        // Lengths keep `a` beside `bc` apart from `ab` beside `c`.
        let mut message = Vec::new();
        for part in parts {
            message.extend((part.len() as u64).to_le_bytes());
            message.extend(part);
        }
        let digest = hmac(&self.secret, &message);
        let (half, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        ExposureId::new(*half)
    }
}

/// Says nothing of the secret.
impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms").finish_non_exhaustive()
    }
}
