//! Events that came in batches. An event has an id that was minted once: it is stored once, however often and in whatever order it comes.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, QueryBuilder, Row, Sqlite};

use crate::error::{At, StoreError};

/// Rows of one statement: SQLite binds at most 32,766 values.
const ROWS: usize = 500;

/// A batch as it is handed over.
#[derive(Clone, Debug)]
pub struct IncomingBatch {
    pub batch_id: String,
    pub source: String,
    pub first_seq: u64,
    pub last_seq: u64,
    /// Microseconds since 1970, UTC.
    pub received_at: i64,
    pub events: Vec<StoredEvent>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredEvent {
    pub event_id: String,
    pub source: String,
    pub seq: u64,
    /// Microseconds since 1970, UTC, as the source says.
    pub occurred_at: i64,
    pub kind: String,
    /// The event in full, as JSON.
    pub body: String,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// So many of its events were new.
    New { n_new: usize },
    /// The batch was taken before, and nothing of it is new.
    Known,
}

pub(crate) async fn take(
    connection: &mut SqliteConnection,
    batch: &IncomingBatch,
) -> Result<Taken, StoreError> {
    const WHAT: &str = "taking in a batch";
    let mut transaction = connection.begin_with("begin immediate").await.at(WHAT)?;
    let inserted = sqlx::query(
        "insert into batch (batch_id, source, first_seq, last_seq, n_events, received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&batch.batch_id)
    .bind(&batch.source)
    .bind(number(batch.first_seq))
    .bind(number(batch.last_seq))
    .bind(i64::try_from(batch.events.len()).unwrap_or(i64::MAX))
    .bind(batch.received_at)
    .execute(&mut *transaction)
    .await
    .at(WHAT)?;
    if inserted.rows_affected() == 0 {
        return Ok(Taken::Known);
    }
    let mut n_new = 0;
    for part in batch.events.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "insert into event (event_id, source, seq, occurred_at, received_at, kind, body) ",
        );
        query.push_values(part, |mut row, it| {
            row.push_bind(&it.event_id)
                .push_bind(&it.source)
                .push_bind(number(it.seq))
                .push_bind(it.occurred_at)
                .push_bind(batch.received_at)
                .push_bind(&it.kind)
                .push_bind(&it.body);
        });
        query.push(" on conflict do nothing");
        let done = query.build().execute(&mut *transaction).await.at(WHAT)?;
        n_new += usize::try_from(done.rows_affected()).unwrap_or(0);
    }
    transaction.commit().await.at(WHAT)?;
    Ok(Taken::New { n_new })
}

/// Sequence numbers are below 2^53.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub(crate) async fn until(
    connection: &mut SqliteConnection,
    cut: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    const WHAT: &str = "reading events";
    let rows = sqlx::query(
        "select event_id, source, seq, occurred_at, kind, body from event
         where occurred_at <= $1 order by occurred_at, event_id",
    )
    .bind(cut)
    .fetch_all(connection)
    .await
    .at(WHAT)?;
    let event = |row: sqlx::sqlite::SqliteRow| {
        let seq: i64 = row.try_get(2)?;
        Ok(StoredEvent {
            event_id: row.try_get(0)?,
            source: row.try_get(1)?,
            seq: u64::try_from(seq).unwrap_or(0),
            occurred_at: row.try_get(3)?,
            kind: row.try_get(4)?,
            body: row.try_get(5)?,
        })
    };
    rows.into_iter().map(event).collect::<Result<_, sqlx::Error>>().at(WHAT)
}
