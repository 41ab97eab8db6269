//! The file in which imported alerts are kept.

use std::io::{self, Write};

use fixloop_model::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::github::parse_time;
use super::{Alert, State};

const SCHEMA: &str = "fixloop.alerts/1";

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("it is no `{SCHEMA}`")]
    Json(#[from] serde_json::Error),
    #[error("its schema is `{0}`, and not `{SCHEMA}`")]
    Schema(String),
    #[error("alert {number} of `{repository}` has no valid `{field}`")]
    Field { repository: String, number: u64, field: &'static str },
}

#[derive(Deserialize, Serialize)]
struct StoreJson {
    schema: String,
    alerts: Vec<AlertJson>,
}

#[derive(Deserialize, Serialize)]
struct AlertJson {
    repository: String,
    number: u64,
    ecosystem: String,
    name: String,
    ids: Vec<String>,
    manifest_path: String,
    state: String,
    created_at: String,
    updated_at: String,
    closed_at: Option<String>,
    dismissed_reason: Option<String>,
}

pub fn read_store(bytes: &[u8]) -> Result<Vec<Alert>, StoreError> {
    let store: StoreJson = serde_json::from_slice(bytes)?;
    if store.schema != SCHEMA {
        return Err(StoreError::Schema(store.schema));
    }
    store.alerts.into_iter().map(alert).collect()
}

/// # Errors
/// If `out` fails.
pub fn write_store(alerts: &[Alert], out: &mut dyn Write) -> io::Result<()> {
    let text = |it: Timestamp| {
        jiff::Timestamp::from_microsecond(it.0)
            .map_or_else(|_| it.0.to_string(), |it| it.to_string())
    };
    let row = |it: &Alert| AlertJson {
        repository: it.repository.clone(),
        number: it.number,
        ecosystem: it.ecosystem.clone(),
        name: it.name.clone(),
        ids: it.ids.clone(),
        manifest_path: it.manifest_path.clone(),
        state: it.state.as_str().to_owned(),
        created_at: text(it.created),
        updated_at: text(it.updated),
        closed_at: it.closed.map(text),
        dismissed_reason: it.dismissed_reason.clone(),
    };
    let store = StoreJson { schema: SCHEMA.to_owned(), alerts: alerts.iter().map(row).collect() };
    serde_json::to_writer_pretty(&mut *out, &store)?;
    writeln!(out)
}

fn alert(it: AlertJson) -> Result<Alert, StoreError> {
    let (repository, number) = (it.repository.clone(), it.number);
    let invalid = |field| StoreError::Field { repository: repository.clone(), number, field };
    let time = |field, text: &str| parse_time(text).ok_or_else(|| invalid(field));
    Ok(Alert {
        state: State::parse(&it.state).ok_or_else(|| invalid("state"))?,
        created: time("created_at", &it.created_at)?,
        updated: time("updated_at", &it.updated_at)?,
        closed: it.closed_at.as_deref().map(|it| time("closed_at", it)).transpose()?,
        repository: it.repository,
        number,
        ecosystem: it.ecosystem,
        name: it.name,
        ids: it.ids,
        manifest_path: it.manifest_path,
        dismissed_reason: it.dismissed_reason,
    })
}
