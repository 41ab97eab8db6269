//! Schema versions, forward only. A step is never changed once it was released.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Executor, Row};

use crate::error::{At, StoreError};

/// In their order; the first makes version 1.
const STEPS: &[&str] = &[include_str!("../migrations/0001_record.sql")];

/// The version that this build knows.
pub(crate) const VERSION: i64 = 1;
const _: () = assert!(STEPS.len() == 1, "a step makes a version");

/// Brings the database to this build's schema. Two processes that start at once do it once.
pub(crate) async fn run(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const WHAT: &str = "bringing the schema up to date";
    if version(connection).await? == VERSION {
        return Ok(());
    }
    let mut transaction = connection.begin_with("begin immediate").await.at(WHAT)?;
    let found = version(&mut transaction).await?;
    if found > VERSION {
        return Err(StoreError::Newer { found, known: VERSION });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for step in STEPS.iter().skip(done) {
        transaction.execute(*step).await.at(WHAT)?;
    }
    let set = format!("pragma user_version = {VERSION}");
    transaction.execute(sqlx::AssertSqlSafe(set)).await.at(WHAT)?;
    transaction.commit().await.at(WHAT)
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    const WHAT: &str = "reading the schema's version";
    let row = sqlx::query("pragma user_version").fetch_one(connection).await.at(WHAT)?;
    row.try_get(0).at(WHAT)
}
