//! The organization's own advisories, from OSV records to an index beside the public one.

use fixloop_advisory::OsvError;
use fixloop_index::{BuildError, Builder, Index, IndexError, prepare};
use serde_json::Value;
use thiserror::Error;

/// Why private advisories cannot be used.
#[derive(Debug, Error)]
pub enum PrivateError {
    #[error("a private advisory is no OSV record that can be used")]
    Record(#[source] OsvError),
    #[error("private advisories cannot be indexed")]
    Build(#[from] BuildError),
    #[error("private advisories cannot be read")]
    Index(#[from] IndexError),
}

/// Nothing where there are none.
///
/// # Errors
/// If one of them is no OSV record that can be indexed: then none counts, since nobody could tell which does.
pub fn private_index(advisories: &[Value]) -> Result<Option<Index>, PrivateError> {
    if advisories.is_empty() {
        return Ok(None);
    }
    let mut builder = Builder::default();
    for it in advisories {
        let record = fixloop_advisory::parse(it.to_string().as_bytes());
        builder.add(prepare(record.map_err(PrivateError::Record)?.advisory));
    }
    Ok(Some(Index::from_bytes(builder.build()?.into_bytes())?))
}
