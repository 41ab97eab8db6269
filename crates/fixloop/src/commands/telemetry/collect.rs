//! `fixloop telemetry collect`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_report::visible;
use fixloop_store::{IncomingBatch, StoredEvent};
use fixloop_telemetry::{Batch, Collected, Event, Taken, collect};
use serde_json::json;

use crate::data::{DataArguments, sink_folder};
use crate::error::CommandError;
use crate::output::{Format, print};
use crate::today::exact_now;

/// Take in the batches of events that editors put into a sink
///
/// Each event is stored once, however often it comes. What was taken is moved to DIR/taken, forged or damaged batches to DIR/refused with the
/// reason beside; batches of other organizations stay where they are.
///
/// Exit code: 0 if all that is ours was taken, 2 if a batch was refused or could not be read.
#[derive(Args)]
pub(crate) struct CollectArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The sink [default: DATA/sink]
    sink: Option<PathBuf>,
}

pub(super) fn run(arguments: &CollectArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let sink = arguments.sink.clone().unwrap_or_else(|| sink_folder(&data.folder));
    let organization = data.store.organization().clone();
    let received_at = exact_now().as_microsecond();
    let mut n_new = 0;
    let mut take = |batch: &Batch| {
        let taken = data.store.take(&incoming(batch, received_at))?;
        Ok::<_, fixloop_store::StoreError>(match taken {
            fixloop_store::Taken::New { n_new: n } => {
                n_new += n;
                Taken::Stored
            }
            fixloop_store::Taken::Known => Taken::AlreadyTaken,
        })
    };
    let collected = collect(&sink, &organization.id, &organization.key, &mut take)?;
    match data.format {
        Format::Json => {
            let document = document(&collected, n_new);
            print(|out| writeln!(out, "{document:#}"))?;
        }
        Format::Text => print(|out| write_text(&collected, n_new, out))?,
    }
    let is_whole = collected.refused.is_empty() && collected.failures.is_empty();
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn incoming(batch: &Batch, received_at: i64) -> IncomingBatch {
    IncomingBatch {
        batch_id: batch.header.batch_id.to_string(),
        source: batch.header.source.to_string(),
        first_seq: batch.header.first_seq,
        last_seq: batch.header.last_seq,
        received_at,
        events: batch.events.iter().map(stored).collect(),
    }
}

fn stored(event: &Event) -> StoredEvent {
    StoredEvent {
        event_id: event.event_id.to_string(),
        source: event.source.to_string(),
        seq: event.seq,
        occurred_at: event.at.occurred_at.0,
        kind: event.kind.as_str().to_owned(),
        body: event.to_json().to_string(),
    }
}

fn document(it: &Collected, n_new: usize) -> serde_json::Value {
    let failures = it
        .failures
        .iter()
        .map(|(name, error)| json!({ "file": name, "reason": error.to_string() }));
    json!({
        "batches": it.n_batches,
        "known_batches": it.n_known,
        "events": it.n_events,
        "new_events": n_new,
        "unknown_events": it.n_unknown,
        "foreign_batches": it.n_foreign,
        "newer_batches": it.n_newer,
        "refused": it.refused,
        "failures": failures.collect::<Vec<_>>(),
        "unmoved": it.n_unmoved,
    })
}

fn write_text(it: &Collected, n_new: usize, out: &mut dyn Write) -> io::Result<()> {
    let batches = if it.n_batches == 1 { "batch" } else { "batches" };
    writeln!(out, "{n_new} new events of {} in {} {batches}", it.n_events, it.n_batches)?;
    let mut line = |n: u64, words: &str| if n > 0 { writeln!(out, "{words}: {n}") } else { Ok(()) };
    line(it.n_known, "batches that were taken before")?;
    line(it.n_unknown, "lines in them that are no events this build knows")?;
    line(it.n_foreign, "batches of another organization, which stay where they are")?;
    line(it.n_newer, "batches of a newer build, which stay where they are")?;
    line(it.n_unmoved, "batches that could not be moved, and will be met again")?;
    if let Some(error) = &it.unmoved {
        writeln!(out, "  {}: is the sink read-only, or full?", visible(&error.to_string()))?;
    }
    for (why, n) in &it.refused {
        writeln!(out, "{n} refused: {}; see the sink's folder refused", why.replace('_', " "))?;
    }
    for (name, error) in &it.failures {
        writeln!(out, "failed to read {}: {error}", visible(name))?;
    }
    Ok(())
}
