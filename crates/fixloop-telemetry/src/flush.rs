//! From the spool to a sink: at least once, in the order of the numbers.
//!
//! A batch is durably in the inbox before the spool's cursor passes it. Whoever dies in between flushes the same events once more in another
//! batch, and who collects knows them by their ids.
//!
//! Only what is the organization's goes ([`Event::may_leave`](crate::Event::may_leave)): the cursor passes the rest, which stays in the spool
//! and is looked at by no later flush.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use fixloop_policy::OrganizationKey;
use thiserror::Error;

use crate::batch::{self, Contents, MAX_BYTES, MAX_EVENTS, MAX_HEAD_BYTES};
use crate::durable;
use crate::ids::{BatchId, SourceId};
use crate::machine::{Machine, random};
use crate::sink::{self, INBOX, SinkError};
use crate::spool::SpoolError;
use crate::spool::cursor::Cursor;
use crate::spool::lock::Lock;
use crate::spool::pending::{Line, Pending};

pub(crate) const EXTENSION: &str = ".batch";

/// Where events go, as a signed policy bundle says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Destination {
    /// A sink that somebody prepared.
    pub folder: PathBuf,
    /// As the bundle names it.
    pub organization: String,
    pub key: OrganizationKey,
}

/// What was flushed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flushed {
    pub n_batches: u64,
    pub n_events: u64,
    /// Events that are not the organization's: they stay, and no later flush sends them.
    pub n_kept: u64,
    /// Numbers among all these without an event: dropped, torn, or never written.
    pub n_lost: u64,
    /// Another process is flushing this spool: it does the work.
    pub is_busy: bool,
}

/// Why events stay in the spool. Trying again later may help; nothing is lost by it but what the spool's bounds drop.
#[derive(Debug, Error)]
pub enum FlushError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Flushes what is not in a sink yet. Takes as long as the sink does: not for a thread that a person waits for. Does nothing where recording
/// is not allowed.
///
/// # Errors
///
/// Batches before the error are flushed, and stay so.
pub fn flush(
    machine: &Machine,
    spool: &Path,
    destination: &Destination,
) -> Result<Flushed, FlushError> {
    let mut flushed = Flushed::default();
    let is_there = spool.try_exists().map_err(SpoolError::read(spool))?;
    if !is_there || machine.denial(spool, None).is_some() {
        return Ok(flushed);
    }
    let mut lock = Lock::of_flushing(spool)?;
    let Some(_locked) = lock.wait(1)? else { return Ok(Flushed { is_busy: true, ..flushed }) };
    let pending = Pending::read(spool)?;
    let Some(source) = pending.source.filter(|_| !pending.lines.is_empty()) else {
        return Ok(flushed);
    };
    let (leaving, kept): (Vec<Line>, Vec<Line>) =
        pending.lines.into_iter().partition(|it| it.may_leave);
    let pass = |it: &Line| Cursor { source, seq: it.seq, event_id: it.event_id }.store(spool);
    if !leaving.is_empty() {
        sink::check(&destination.folder, &destination.organization)?;
    }
    durable::step();
    for lines in batches(&leaving) {
        // Somebody may have switched it off while the last batch was on its way.
        if machine.denial(spool, None).is_some() {
            return Ok(flushed);
        }
        put(lines, destination)?;
        durable::step();
        let last = lines.last().expect("a batch has events");
        pass(last)?;
        durable::step();
        flushed.n_batches += 1;
        flushed.n_events += lines.len() as u64;
    }
    let flushed_to = leaving.last().map_or(0, |it| it.seq);
    if let Some(last) = kept.last().filter(|it| it.seq > flushed_to) {
        pass(last)?;
        durable::step();
    }
    (flushed.n_kept, flushed.n_lost) = (kept.len() as u64, pending.n_lost);
    Ok(flushed)
}

/// Cuts the events where a batch is full or the source changes.
fn batches(lines: &[Line]) -> impl Iterator<Item = &[Line]> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let source = rest.first()?.source;
        let mut n_bytes = MAX_HEAD_BYTES;
        let fits = |it: &&Line| {
            n_bytes += it.json.len() + 1;
            n_bytes <= MAX_BYTES && it.source == source
        };
        let n = rest.iter().take(MAX_EVENTS).take_while(fits).count();
        let (batch, more) = rest.split_at(n);
        rest = more;
        Some(batch)
    })
}

/// Writes a batch into the inbox, where it is in full or not at all.
fn put(lines: &[Line], destination: &Destination) -> Result<(), SinkError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
    let time = lines.iter().rev().find_map(|it| it.occurred_at).map_or(0, |it| it.0);
    let random = random().map_err(|source| SinkError::Random { source })?;
    let batch_id = BatchId::new(time.div_euclid(1000), &random);
    let json: Vec<&[u8]> = lines.iter().map(|it| &it.json[..]).collect();
    let contents = Contents {
        batch_id,
        source: first.source,
        first_seq: first.seq,
        last_seq: last.seq,
        lines: &json,
    };
    let bytes = batch::seal(&destination.organization, &destination.key, &contents);
    let inbox = destination.folder.join(INBOX);
    let name = file_name(first.source, (first.seq, last.seq), batch_id);
    let partial = inbox.join(format!(".{batch_id}.partial"));
    durable::write(OpenOptions::new().create_new(true), &partial, &inbox.join(name), &bytes)
        .map_err(SinkError::write(&destination.folder))
}

/// Sorts by source and number.
pub(crate) fn file_name(source: SourceId, (first, last): (u64, u64), batch_id: BatchId) -> String {
    format!("{source}-{first:016}-{last:016}-{batch_id}{EXTENSION}")
}
