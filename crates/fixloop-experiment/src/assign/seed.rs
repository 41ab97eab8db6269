//! SHA-256 over several texts: of each its length in bytes as a decimal number and a colon before it, so that no two lists read alike.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// 32 bytes; written in hexadecimal.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Digest([u8; 32]);

/// The hash of these texts, in this order.
pub fn digest(parts: &[&str]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{}:", part.len()));
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

impl Digest {
    /// The first eight bytes, big end first.
    pub fn first_word(&self) -> u64 {
        self.0.iter().take(8).fold(0, |word, it| word << 8 | u64::from(*it))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(out, "{it:02x}"))
    }
}
