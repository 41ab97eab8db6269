//! The starter index: well-known advisories inside the binary, so that the first run needs no download.

use fixloop_advisory::{OsvError, parse};
use fixloop_index::{BuildError, Builder, Index, IndexError, prepare};
use thiserror::Error;

/// One record a line, joined by the build script from `starter/`.
const RECORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/starter.jsonl"));

#[derive(Debug, Error)]
pub enum StarterError {
    #[error("failed to read an embedded record")]
    Record(#[from] OsvError),
    #[error("failed to build the embedded index")]
    Build(#[from] BuildError),
    #[error("failed to open the embedded index")]
    Open(#[from] IndexError),
}

/// Builds the starter index in memory; about a millisecond.
pub fn starter_index() -> Result<Index, StarterError> {
    let mut builder = Builder::default();
    for line in RECORDS.lines() {
        builder.add(prepare(parse(line.as_bytes())?.advisory));
    }
    Ok(Index::from_bytes(builder.build()?.into_bytes())?)
}
