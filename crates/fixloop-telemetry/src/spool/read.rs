//! Reading a spool: total over its bytes. Takes no part in writing, so that it also works on a read-only disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::error::SpoolError;
use super::folder::{self, Listed};
use super::pending;
use super::segment::MAX_BYTES;
use crate::event::Event;
use crate::frame::{Frame, MAGIC, frames};
use crate::wire;

/// Everything in a spool, and what is missing.
#[derive(Debug, Default)]
pub struct Contents {
    /// By number.
    pub events: Vec<Event>,
    pub n_segments: usize,
    pub n_bytes: u64,
    /// Numbers before the oldest segment: what had to make room, or grew too old.
    pub n_dropped: u64,
    /// Numbers missing among the rest: what was torn, unreadable, or could not be written.
    pub n_lost: u64,
    /// Places where records are torn or damaged.
    pub n_torn: u64,
    /// Whole records that are no event of this version.
    pub n_unreadable: u64,
    /// How many of the events are in a sink.
    pub n_flushed: u64,
    /// How many of them are no organization's, and never leave the machine.
    pub n_kept: u64,
    /// Files that could not be read, by name.
    pub failures: Vec<(String, io::Error)>,
}

/// Reads all segments of a folder. One that is not there is empty.
pub fn read(folder: &Path) -> Result<Contents, SpoolError> {
    let mut contents = Contents::default();
    let segments = match folder::segments(folder) {
        Ok(segments) => segments,
        Err(SpoolError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(contents);
        }
        Err(error) => return Err(error),
    };
    for segment in &segments {
        match bytes_of(segment) {
            Ok(bytes) => contents.add(&bytes),
            // Another process dropped it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => contents.fail(&segment.path, error),
        }
        contents.n_segments += 1;
        contents.n_bytes += segment.n_bytes;
    }
    contents.count(&segments);
    contents.n_kept = contents.events.iter().filter(|it| !it.may_leave()).count() as u64;
    match pending::n_flushed(folder, &contents.events) {
        Ok(n) => contents.n_flushed = n,
        Err((path, error)) => contents.fail(&path, error),
    }
    Ok(contents)
}

fn bytes_of(segment: &Listed) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&segment.path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Contents {
    fn fail(&mut self, path: &Path, error: io::Error) {
        let name = path.file_name().unwrap_or_default();
        self.failures.push((name.to_string_lossy().into_owned(), error));
    }

    /// Adds a segment's bytes, whatever they are.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let Some(records) = bytes.strip_prefix(MAGIC) else {
            self.n_torn += 1;
            return;
        };
        for frame in frames(records) {
            match frame {
                Frame::Damaged => self.n_torn += 1,
                Frame::Payload(payload) => match wire::from_bytes(payload) {
                    Some(event) => self.events.push(event),
                    None => self.n_unreadable += 1,
                },
            }
        }
    }

    fn count(&mut self, segments: &[Listed]) {
        self.events.sort_by_key(|it| it.seq);
        let (Some(oldest), Some(newest)) = (segments.first(), segments.last()) else { return };
        let last = self.events.last().map_or(0, |it| it.seq).max(newest.first_seq - 1);
        let first = self.events.first().map_or(oldest.first_seq, |it| it.seq.min(oldest.first_seq));
        let mut numbers: Vec<u64> = self.events.iter().map(|it| it.seq).collect();
        numbers.dedup();
        self.n_dropped = first - 1;
        self.n_lost = (last + 1).saturating_sub(first).saturating_sub(numbers.len() as u64);
    }
}
