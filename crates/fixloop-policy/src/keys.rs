//! Names that an organization's machines can compute alike and nobody else can read: HMACs with the organization's key.
//!
//! An editor names a target by such a key in its events; whoever mines the mirrors computes the same keys of the targets found there. No
//! path, package or version leaves the machine.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hmac::hmac;
use crate::repository_id::RepositoryId;

/// 128 bits of an HMAC, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key([u8; 16]);

/// The secret that an organization's machines share. It is in the policy bundle, so it hides names from everybody who has no bundle.
#[derive(Clone, Eq, PartialEq)]
pub struct OrganizationKey([u8; 32]);

impl OrganizationKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn repository(&self, repository: &RepositoryId) -> Key {
        self.key(&[b"fixloop repository 1", repository.as_str().as_bytes()])
    }

    /// `path` is the target's lockfile (or manifest, where there is none) from the repository's root, with `/`.
    pub fn target(&self, repository: &RepositoryId, path: &str) -> Key {
        self.key(&[b"fixloop target 1", repository.as_str().as_bytes(), path.as_bytes()])
    }

    /// `name` is normalized.
    pub fn component(&self, ecosystem: &str, name: &str, version: &str) -> Key {
        let parts = [ecosystem.as_bytes(), name.as_bytes(), version.as_bytes()];
        self.key(&[b"fixloop component 1", parts[0], parts[1], parts[2]])
    }

    /// Of anything, in full: what proves that a batch comes from a machine with the key.
    pub fn seal(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut message = Vec::new();
        // Lengths keep `a` beside `bc` apart from `ab` beside `c`.
        for part in parts {
            message.extend((part.len() as u64).to_le_bytes());
            message.extend(*part);
        }
        hmac(&self.0, &message)
    }

    fn key(&self, parts: &[&[u8]]) -> Key {
        let digest = self.seal(parts);
        let (half, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        Key(*half)
    }
}

/// Says nothing of the secret.
impl fmt::Debug for OrganizationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrganizationKey").finish_non_exhaustive()
    }
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 15]);
    digits.map(|it| char::from(DIGITS[usize::from(it)])).collect()
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], &'static str> {
    const WRONG: &str = "expected hexadecimal digits in lower case";
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err("expected another number of hexadecimal digits");
    }
    let digit = |it: u8| match it {
        b'0'..=b'9' => Ok(it - b'0'),
        b'a'..=b'f' => Ok(it - b'a' + 10),
        _ => Err(WRONG),
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

/// Text and JSON of both: hexadecimal digits.
macro_rules! hexadecimal {
    ($name:ident) => {
        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                from_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&to_hex(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hexadecimal!(Key);
hexadecimal!(OrganizationKey);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_of_everything_that_names_them() {
        let (a, b) = (OrganizationKey::new([1; 32]), OrganizationKey::new([2; 32]));
        let shop = RepositoryId::of_address("https://git.example/team/shop.git");
        let key = a.target(&shop, "package-lock.json");
        assert_eq!(key, a.target(&shop, "package-lock.json"));
        let others = [
            a.target(&shop, "api/package-lock.json"),
            b.target(&shop, "package-lock.json"),
            a.target(
                &RepositoryId::of_address("https://git.example/team/shop2"),
                "package-lock.json",
            ),
            a.component("npm", "lodash", "4.17.15"),
            a.component("npm", "lodash4", ".17.15"),
            a.repository(&shop),
        ];
        assert!(others.iter().all(|it| *it != key), "{key} {others:?}");
        assert_ne!(others[3], others[4]);
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = OrganizationKey::new([0xab; 32]).component("npm", "a", "1");
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("ab".parse::<Key>(), Err("expected another number of hexadecimal digits"));
        let wrong = "zz".repeat(16);
        assert_eq!(wrong.parse::<Key>(), Err("expected hexadecimal digits in lower case"));
        assert_eq!(format!("{:?}", OrganizationKey::new([1; 32])), "OrganizationKey { .. }");
    }
}
