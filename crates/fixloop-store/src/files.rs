//! Frozen files: what a readout was computed from, and what it said. The same bytes are stored once.

use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::error::{At, StoreError};

const LEVEL: i32 = 6;

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = Sha256::digest(bytes);
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 15]);
    digits.map(|it| char::from(DIGITS[usize::from(it)])).collect()
}

pub(crate) async fn put(connection: &mut SqliteConnection, bytes: &[u8]) -> Result<(), StoreError> {
    let content = zstd::bulk::compress(bytes, LEVEL).map_err(StoreError::Compress)?;
    sqlx::query(
        "insert into file (digest, size, content) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(digest(bytes))
    .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
    .bind(content)
    .execute(connection)
    .await
    .at("freezing a file")?;
    Ok(())
}

pub(crate) async fn get(
    connection: &mut SqliteConnection,
    wanted: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    const WHAT: &str = "reading a frozen file";
    let row = sqlx::query("select size, content from file where digest = $1")
        .bind(wanted)
        .fetch_optional(connection)
        .await
        .at(WHAT)?;
    let Some(row) = row else { return Ok(None) };
    let (size, content): (i64, Vec<u8>) = (row.try_get(0).at(WHAT)?, row.try_get(1).at(WHAT)?);
    let damaged = || StoreError::DamagedFile(wanted.to_owned());
    let size = usize::try_from(size).map_err(|_| damaged())?;
    let bytes = zstd::bulk::decompress(&content, size).map_err(|_| damaged())?;
    if digest(&bytes) == wanted { Ok(Some(bytes)) } else { Err(damaged()) }
}
