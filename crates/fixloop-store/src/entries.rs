//! The record's entries: a chain in which each hash holds the one before.

use fixloop_program::record::{Actor, Change, Entry, Record, Refusal};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};

use crate::Writing;
use crate::error::{At, ChangeError, StoreError};
use crate::files;

/// Who changes something, and when.
#[derive(Clone, Debug)]
pub struct Author {
    pub actor: Actor,
    pub at: Timestamp,
    /// The clock was set by hand.
    pub is_clock_set: bool,
}

/// What the first entry follows.
const START: &str = "fixloop.record/1";

pub(crate) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Entry>, StoreError> {
    Ok(chain(connection).await?.0)
}

/// Every entry, checked, and the last hash.
async fn chain(connection: &mut SqliteConnection) -> Result<(Vec<Entry>, String), StoreError> {
    const WHAT: &str = "reading the record";
    let rows = sqlx::query("select seq, body, hash from entry order by seq")
        .fetch_all(connection)
        .await
        .at(WHAT)?;
    let mut entries = Vec::with_capacity(rows.len());
    let mut last = START.to_owned();
    for row in rows {
        let seq: i64 = row.try_get(0).at(WHAT)?;
        let (body, hash): (String, String) = (row.try_get(1).at(WHAT)?, row.try_get(2).at(WHAT)?);
        let damaged = |reason: String| StoreError::Damaged { seq, reason };
        if linked(&last, &body) != hash {
            return Err(damaged("its hash is of something else".to_owned()));
        }
        let entry: Entry = serde_json::from_str(&body).map_err(|it| damaged(it.to_string()))?;
        if i64::try_from(entry.seq) != Ok(seq) {
            return Err(damaged(format!("it calls itself {}", entry.seq)));
        }
        entries.push(entry);
        last = hash;
    }
    Ok((entries, last))
}

fn linked(before: &str, body: &str) -> String {
    files::digest([before, "\n", body].concat().as_bytes())
}

pub(crate) async fn change(
    connection: &mut SqliteConnection,
    author: &Author,
    wanted: impl FnOnce(&Record) -> Result<Writing, Refusal>,
) -> Result<Vec<Change>, ChangeError> {
    const WHAT: &str = "writing the record";
    let mut transaction = connection.begin_with("begin immediate").await.at(WHAT)?;
    let (entries, mut last) = chain(&mut transaction).await?;
    let mut record = Record::replay(&entries).map_err(StoreError::from)?;
    let Writing { files, changes } = wanted(&record)?;
    for it in &files {
        files::put(&mut transaction, it).await?;
    }
    for change in &changes {
        let entry = Entry {
            seq: record.seq + 1,
            at: author.at,
            actor: author.actor.clone(),
            is_clock_set: author.is_clock_set,
            change: change.clone(),
        };
        // What the rules do not allow is not written, whoever wants it.
        record.add(&entry).map_err(StoreError::from)?;
        last = append(&mut transaction, &entry, &last).await?;
    }
    transaction.commit().await.at(WHAT)?;
    Ok(changes)
}

async fn append(
    connection: &mut SqliteConnection,
    entry: &Entry,
    last: &str,
) -> Result<String, StoreError> {
    const WHAT: &str = "writing the record";
    let body = serde_json::to_string(entry).map_err(|it| StoreError::Json("an entry", it))?;
    let hash = linked(last, &body);
    sqlx::query(
        "insert into entry (seq, object, at, actor, body, hash) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(i64::try_from(entry.seq).unwrap_or(i64::MAX))
    .bind(entry.change.object.to_string())
    .bind(entry.at.as_microsecond())
    .bind(entry.actor.as_str())
    .bind(body)
    .bind(&hash)
    .execute(connection)
    .await
    .at(WHAT)?;
    Ok(hash)
}
