//! The key pair that an organization's policy is signed with: Ed25519, RFC 8032 (<https://www.rfc-editor.org/rfc/rfc8032>).
//!
//! Both keys are one line of base64, so that they can be pasted and kept in a file.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::keys::to_hex;

/// Bytes of a key; of the secret one, the seed.
const N_BYTES: usize = 32;

/// What signs. Whoever has it can tell every editor of the organization to be silent.
pub struct SigningKey {
    seed: [u8; N_BYTES],
    pair: Ed25519KeyPair,
}

/// What everybody checks signatures with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PublicKey([u8; N_BYTES]);

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("expected a key: one line of base64 that stands for {N_BYTES} bytes")]
pub struct NoKey;

impl SigningKey {
    /// `seed` comes from a random generator and stays secret.
    pub fn from_seed(seed: [u8; N_BYTES]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed has 32 bytes");
        Self { seed, pair }
    }

    pub fn public(&self) -> PublicKey {
        let bytes = self.pair.public_key().as_ref().try_into();
        PublicKey(bytes.expect("a public key of Ed25519 has 32 bytes"))
    }

    /// The secret as the line that its file holds.
    pub fn to_secret_line(&self) -> String {
        STANDARD.encode(self.seed)
    }

    pub(crate) fn signature(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl FromStr for SigningKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self::from_seed)
    }
}

/// Says nothing of the secret.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public()).finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The key by 32 hexadecimal digits of its SHA-256: for names of files and for people who compare.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.0);
        to_hex(&digest[..16])
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

fn bytes(text: &str) -> Result<[u8; N_BYTES], NoKey> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| NoKey)?;
    bytes.try_into().map_err(|_| NoKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 section 7.1, test 2.
    #[test]
    fn the_published_case() {
        let hex = |text: &str| -> Vec<u8> {
            let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(pair).collect()
        };
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::from_seed(seed.try_into().unwrap());
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public().0.to_vec(), public);
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.signature(&[0x72]), signature);
        assert!(key.public().has_signed(&[0x72], &signature));
        assert!(!key.public().has_signed(&[0x73], &signature));
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = SigningKey::from_seed([7; 32]);
        let line = format!("{}\n", key.public());
        assert_eq!(line.parse(), Ok(key.public()));
        let again: SigningKey = key.to_secret_line().parse().unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(key.public().fingerprint().len(), 32);
        for wrong in ["", "AAAA", "no base64!", &"A".repeat(100)] {
            assert_eq!(wrong.parse::<PublicKey>(), Err(NoKey), "{wrong}");
        }
        assert!(!format!("{key:?}").contains(&key.to_secret_line()));
    }
}
