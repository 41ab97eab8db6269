//! Why a bundle is not believed.

use jiff::Timestamp;
use thiserror::Error;

use crate::signed::{MAX_BYTES, MAX_EARLY_US};

/// A bundle that must not decide anything. Whoever meets one observes, and says why once.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Refused {
    #[error("the policy bundle is larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("this is no signed policy bundle: {0}")]
    NoEnvelope(String),
    #[error("the signed file is no policy bundle but of type `{0}`")]
    PayloadType(String),
    #[error("the policy bundle is signed by another key than `{expected}`")]
    OtherKey { expected: String },
    #[error("the policy bundle's signature is wrong: what it says was changed after it was signed")]
    Signature,
    #[error("the policy bundle is of schema `{0}`, which this version does not know")]
    Schema(String),
    #[error(
        "the policy bundle is of another organization: `{found}` where `{expected}` was expected"
    )]
    Foreign { expected: String, found: String },
    #[error("the policy bundle expired at {}", shown(*since_us))]
    Expired { since_us: i64 },
    #[error(
        "the policy bundle was issued at {}, which is more than {} minutes from now: one of two clocks is wrong",
        shown(*issued_us), MAX_EARLY_US / 60_000_000
    )]
    Future { issued_us: i64 },
    #[error(
        "the policy bundle is version {offered}, but version {seen} was seen before: an older one is never taken back"
    )]
    Downgraded { seen: u64, offered: u64 },
    #[error("the policy bundle cannot be used: {0}")]
    Content(String),
}

/// To the second, in UTC.
fn shown(at_us: i64) -> String {
    match Timestamp::from_microsecond(at_us) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => format!("{at_us} µs since 1970"),
    }
}
