//! The ids in an event: random or keyed, never made of anything that could be recognized.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{Builder, Uuid};

/// A UUID of version 7 (RFC 9562 section 5.7): milliseconds, then 74 random bits.
macro_rules! dated {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Uuid);

        impl $name {
            /// Times before 1970 count as 1970.
            pub(crate) fn new(milliseconds: i64, random: &[u8; 10]) -> Self {
                let milliseconds = u64::try_from(milliseconds).unwrap_or(0);
                Self(Builder::from_unix_timestamp_millis(milliseconds, random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Uuid::try_parse(&text).map(Self).map_err(serde::de::Error::custom)
            }
        }
    };
}

dated! {
    /// An event: when it happened, and random.
    EventId
}
dated! {
    /// A sealed batch of events: when its last one happened, and random.
    BatchId
}

impl BatchId {
    /// Milliseconds since 1970, at most 2⁴⁸.
    pub(crate) fn milliseconds(self) -> i64 {
        let bytes = self.0.as_bytes();
        bytes[..6].iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
    }
}

/// 128 bits that are written as 32 hexadecimal digits.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; 16]);

        impl $name {
            pub fn new(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_hex(&self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                from_hex(&text).map(Self).ok_or_else(|| serde::de::Error::custom("expected 32 hexadecimal digits"))
            }
        }
    };
}

token! {
    /// An installation: random, made at the first use, new after a purge.
    SourceId
}
token! {
    /// One run of a server: random.
    SessionId
}
token! {
    /// A draft exposure: a keyed hash of its place and package, so that its events pair up without telling either.
    ExposureId
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes any text");
        text
    })
}

/// Exactly `N` bytes, in lower or upper case.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}
