//! The organization whose data this is: a random name and a random key, made once.

use fixloop_policy::OrganizationKey;
use jiff::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row};

use crate::error::{At, StoreError};

#[derive(Clone, Debug)]
pub struct Organization {
    /// 32 hexadecimal digits.
    pub id: String,
    pub key: OrganizationKey,
}

pub(crate) async fn get_or_make(
    connection: &mut SqliteConnection,
) -> Result<Organization, StoreError> {
    const WHAT: &str = "reading whose data this is";
    if let Some(known) = get(connection).await? {
        return Ok(known);
    }
    let mut transaction = connection.begin_with("begin immediate").await.at(WHAT)?;
    if let Some(known) = get(&mut transaction).await? {
        return Ok(known);
    }
    let (id, key) = (hexadecimal(&random::<16>()?), hexadecimal(&random::<32>()?));
    sqlx::query("insert into organization (id, key, created_at) values ($1, $2, $3)")
        .bind(&id)
        .bind(&key)
        .bind(Timestamp::now().as_microsecond())
        .execute(&mut *transaction)
        .await
        .at(WHAT)?;
    let made = get(&mut transaction).await?;
    transaction.commit().await.at(WHAT)?;
    made.ok_or(StoreError::Query { what: WHAT, source: sqlx::Error::RowNotFound })
}

async fn get(connection: &mut SqliteConnection) -> Result<Option<Organization>, StoreError> {
    const WHAT: &str = "reading whose data this is";
    let row = sqlx::query("select id, key from organization")
        .fetch_optional(connection)
        .await
        .at(WHAT)?;
    let Some(row) = row else { return Ok(None) };
    let (id, key): (String, String) = (row.try_get(0).at(WHAT)?, row.try_get(1).at(WHAT)?);
    let key = key.parse().map_err(|reason: &str| {
        let reason = sqlx::Error::Decode(reason.into());
        StoreError::Query { what: WHAT, source: reason }
    })?;
    Ok(Some(Organization { id, key }))
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|it| StoreError::Random(Box::new(it)))?;
    Ok(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 15]);
    digits.map(|it| char::from(DIGITS[usize::from(it)])).collect()
}
