//! A sealed batch: `fixloop.batch/1`, a file of events that is never changed (docs/telemetry.md, docs/schema/batch-1.json).
//!
//! The first line is the header, the second the seal in hexadecimal digits, then one event a line. The seal is HMAC-SHA-256 (RFC 2104) with
//! the organization's key over header and events: whoever may write into a shared folder cannot write events of others with that.

use fixloop_policy::OrganizationKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::event::Event;
use crate::ids::{BatchId, SourceId, from_hex, to_hex};
use crate::wire;

const SCHEMA: &str = "fixloop.batch/1";
const ANY_VERSION: &str = "fixloop.batch/";
const SEALED: &[u8] = b"fixloop batch 1";

/// A file that is larger is no batch.
pub(crate) const MAX_BYTES: usize = 1 << 20;
pub(crate) const MAX_EVENTS: usize = 4000;
/// Header and seal with their ends of line.
pub(crate) const MAX_HEAD_BYTES: usize = 2048;

/// What the first line says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BatchHeader {
    schema: String,
    pub batch_id: BatchId,
    /// As the policy bundle names it.
    pub organization: String,
    pub source: SourceId,
    pub first_seq: u64,
    pub last_seq: u64,
    pub n_events: u64,
    /// Of the events with their ends of line.
    pub n_bytes: u64,
    /// Of the same, in hexadecimal digits.
    sha256: String,
}

/// A batch whose seal is right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Batch {
    pub header: BatchHeader,
    pub events: Vec<Event>,
    /// Lines that are no event of this version, as a newer fixloop may write; or of another source than the header names.
    pub n_unknown: u64,
}

/// Why a file is not taken.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Refused {
    #[error("it is larger than a batch of 1 MiB or 4,000 events")]
    TooLarge,
    #[error("it is no batch of events")]
    NoBatch,
    #[error("its end is missing")]
    Truncated,
    #[error("its events are not those that were sealed")]
    Damaged,
    #[error("its seal was not made with the organization's key")]
    Forged,
    #[error("it is a batch of another organization, `{organization}`")]
    OtherOrganization { organization: String },
    #[error("it is a batch of a newer version, `{schema}`")]
    Newer { schema: String },
}

impl Refused {
    /// For scripts.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NoBatch => "no_batch",
            Self::Truncated => "truncated",
            Self::Damaged => "damaged",
            Self::Forged => "forged",
            Self::OtherOrganization { .. } => "other_organization",
            Self::Newer { .. } => "newer",
        }
    }
}

/// What a batch is made of: numbered lines of one source.
pub(crate) struct Contents<'a> {
    pub(crate) batch_id: BatchId,
    pub(crate) source: SourceId,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    pub(crate) lines: &'a [&'a [u8]],
}

/// The bytes of a batch's file.
pub(crate) fn seal(organization: &str, key: &OrganizationKey, contents: &Contents<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    for line in contents.lines {
        body.extend(*line);
        body.push(b'\n');
    }
    let header = BatchHeader {
        schema: SCHEMA.to_owned(),
        batch_id: contents.batch_id,
        organization: organization.to_owned(),
        source: contents.source,
        first_seq: contents.first_seq,
        last_seq: contents.last_seq,
        n_events: contents.lines.len() as u64,
        n_bytes: body.len() as u64,
        sha256: to_hex(&Sha256::digest(&body)),
    };
    let header = serde_json::to_vec(&header).expect("a header is texts and numbers");
    let seal = to_hex(&key.seal(&[SEALED, &header, &body]));
    [&header[..], b"\n", seal.as_bytes(), b"\n", &body].concat()
}

impl Batch {
    /// Reads a batch of this organization. Total: anything else is refused.
    pub fn read(bytes: &[u8], organization: &str, key: &OrganizationKey) -> Result<Self, Refused> {
        if bytes.len() > MAX_BYTES {
            return Err(Refused::TooLarge);
        }
        let (line, rest) = first_line(bytes).ok_or_else(|| headless(bytes))?;
        let header = read_header(line)?;
        if header.organization != organization {
            // Bounded by the line; a name is told as far as it looks like one.
            let is_plain = |it: &char| it.is_ascii_alphanumeric() || *it == '-';
            let organization = header.organization.chars().filter(is_plain).take(64).collect();
            return Err(Refused::OtherOrganization { organization });
        }
        let (seal, body) = first_line(rest).ok_or(Refused::Truncated)?;
        let seal: Option<[u8; 32]> = std::str::from_utf8(seal).ok().and_then(from_hex);
        if seal != Some(key.seal(&[SEALED, line, body])) {
            return Err(unsealed(&header, body));
        }
        if header.n_events > MAX_EVENTS as u64 {
            return Err(Refused::TooLarge);
        }
        let (events, n_unknown) = read_events(&header, body);
        Ok(Self { header, events, n_unknown })
    }
}

/// A line and what follows its end; nothing if it has no end.
fn first_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().take(MAX_HEAD_BYTES).position(|it| *it == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// What a file without a first line is.
fn headless(bytes: &[u8]) -> Refused {
    let start = format!("{{\"schema\":\"{ANY_VERSION}");
    let n = bytes.len().min(start.len());
    let is_start = bytes.len() < MAX_HEAD_BYTES && bytes[..n] == start.as_bytes()[..n];
    if is_start { Refused::Truncated } else { Refused::NoBatch }
}

fn read_header(line: &[u8]) -> Result<BatchHeader, Refused> {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    let Named { schema } = serde_json::from_slice(line).map_err(|_| Refused::NoBatch)?;
    if schema == SCHEMA {
        return serde_json::from_slice(line).map_err(|_| Refused::NoBatch);
    }
    let version = schema.strip_prefix(ANY_VERSION).unwrap_or_default();
    let is_number =
        (1..=9).contains(&version.len()) && version.bytes().all(|it| it.is_ascii_digit());
    Err(if is_number { Refused::Newer { schema } } else { Refused::NoBatch })
}

/// The likeliest reason why the seal is wrong. Only words: nothing of the file is used.
fn unsealed(header: &BatchHeader, body: &[u8]) -> Refused {
    if (body.len() as u64) < header.n_bytes {
        Refused::Truncated
    } else if to_hex(&Sha256::digest(body)) == header.sha256 {
        Refused::Forged
    } else {
        Refused::Damaged
    }
}

/// The events, and how many lines are none.
fn read_events(header: &BatchHeader, body: &[u8]) -> (Vec<Event>, u64) {
    let mut events = Vec::new();
    let mut n_unknown = 0;
    let numbers = header.first_seq..=header.last_seq;
    for line in body.split(|it| *it == b'\n').filter(|it| !it.is_empty()).take(MAX_EVENTS) {
        match wire::from_bytes(line) {
            Some(event) if event.source == header.source && numbers.contains(&event.seq) => {
                events.push(event);
            }
            _ => n_unknown += 1,
        }
    }
    (events, n_unknown)
}
