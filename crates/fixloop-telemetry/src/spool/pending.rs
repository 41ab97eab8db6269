//! What of a spool was not flushed yet.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fixloop_model::Timestamp;

use super::PATIENCE;
use super::cursor::Cursor;
use super::error::SpoolError;
use super::folder::{self, Listed};
use super::identity::Identity;
use super::lock::Lock;
use super::segment::MAX_BYTES;
use crate::durable::sync_folder;
use crate::event::Event;
use crate::frame::{Frame, MAGIC, frames};
use crate::ids::{EventId, SourceId};
use crate::wire;

/// An event as it leaves the machine.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) source: SourceId,
    /// Nothing for events of another version.
    pub(crate) event_id: Option<EventId>,
    pub(crate) occurred_at: Option<Timestamp>,
    /// Whether it is the organization's; what is not never leaves the machine.
    pub(crate) may_leave: bool,
    /// One line of JSON, without its end.
    pub(crate) json: Vec<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// By number.
    pub(crate) lines: Vec<Line>,
    /// The spool's pseudonym; nothing where there is no spool.
    pub(crate) source: Option<SourceId>,
    /// Numbers since the last flush of which there is no event: dropped, torn, or never written.
    pub(crate) n_lost: u64,
}

impl Pending {
    /// Holds the spool's lock while it reads, so that nobody is in the middle of a record, and has the disk keep what it returns: a number
    /// that is flushed must never be given to another event.
    pub(crate) fn read(folder: &Path) -> Result<Self, SpoolError> {
        let mut lock = Lock::open(folder)?;
        let Some(_locked) = lock.wait(PATIENCE)? else { return Err(SpoolError::Busy) };
        let Some(identity) = Identity::load(folder).map_err(unread)? else {
            return Ok(Self::default());
        };
        let segments = folder::segments(folder)?;
        let cursor =
            Cursor::load(folder).map_err(unread)?.filter(|it| it.source == identity.source());
        let mut lines = lines(folder, &segments, cursor.map_or(0, |it| it.seq))?;
        let flushed = match cursor {
            Some(cursor) if is_current(&cursor, &lines, segments.last()) => cursor.seq,
            Some(_) => {
                lines = self::lines(folder, &segments, 0)?;
                0
            }
            None => 0,
        };
        lines.retain(|it| it.seq > flushed);
        let last = lines.last().map_or(flushed, |it| it.seq);
        let n_lost = (last - flushed).saturating_sub(lines.len() as u64);
        Ok(Self { lines, source: Some(identity.source()), n_lost })
    }
}

fn unread((path, source): (PathBuf, io::Error)) -> SpoolError {
    SpoolError::Read { path, source }
}

/// Whether the cursor was written for this spool as it is now.
fn is_current(cursor: &Cursor, lines: &[Line], newest: Option<&Listed>) -> bool {
    match lines.iter().find(|it| it.seq == cursor.seq) {
        Some(line) => line.event_id == cursor.event_id,
        None => {
            lines.last().is_some_and(|it| it.seq > cursor.seq)
                || newest.is_some_and(|it| it.first_seq > cursor.seq)
        }
    }
}

/// The events of all segments that may hold numbers from `from` on.
fn lines(folder: &Path, segments: &[Listed], from: u64) -> Result<Vec<Line>, SpoolError> {
    let mut lines = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        if segments.get(at + 1).is_some_and(|it| it.first_seq <= from) {
            continue;
        }
        let path = &segment.path;
        let mut file = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => file,
            // Somebody purges who did not get the lock.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(SpoolError::Read { path: path.clone(), source }),
        };
        let mut bytes = Vec::new();
        file.by_ref().take(MAX_BYTES).read_to_end(&mut bytes).map_err(SpoolError::read(path))?;
        file.sync_data().map_err(SpoolError::write(path))?;
        let records = bytes.strip_prefix(MAGIC).unwrap_or_default();
        lines.extend(frames(records).filter_map(|it| match it {
            Frame::Payload(payload) => line(payload),
            Frame::Damaged => None,
        }));
    }
    sync_folder(folder).map_err(SpoolError::write(folder))?;
    lines.sort_by_key(|it| it.seq);
    Ok(lines)
}

/// Nothing if it has no number or source, or is more than a line.
fn line(payload: &[u8]) -> Option<Line> {
    if let Some(event) = wire::from_bytes(payload) {
        let json = wire::to_bytes(&event);
        return Some(Line {
            seq: event.seq,
            source: event.source,
            event_id: Some(event.event_id),
            occurred_at: Some(event.at.occurred_at),
            may_leave: event.may_leave(),
            json,
        });
    }
    let (seq, source) = (wire::seq_of(payload)?, wire::source_of(payload)?);
    let is_line = !payload.contains(&b'\n');
    is_line.then(|| Line {
        seq,
        source,
        event_id: None,
        occurred_at: None,
        may_leave: wire::may_leave(payload),
        json: payload.to_vec(),
    })
}

/// How many of these events are in a sink, or the file that does not tell.
pub(crate) fn n_flushed(folder: &Path, events: &[Event]) -> Result<u64, (PathBuf, io::Error)> {
    let (Some(cursor), Some(identity)) = (Cursor::load(folder)?, Identity::load(folder)?) else {
        return Ok(0);
    };
    if cursor.source != identity.source() {
        return Ok(0);
    }
    Ok(events.iter().filter(|it| it.seq <= cursor.seq && it.may_leave()).count() as u64)
}
