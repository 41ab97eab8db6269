//! The segment that is written.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fixloop_model::Timestamp;

use super::error::SpoolError;
use super::folder;
use crate::frame::{Frame, MAGIC, MAX_PAYLOAD, frames};
use crate::wire;

/// In microseconds.
pub(crate) const DAY: i64 = 86_400_000_000;

/// No segment of ours comes near: what lies beyond in a foreign file is not read.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    path: PathBuf,
    /// The number in its name.
    first_seq: u64,
    /// The last number that is read or written.
    last_seq: u64,
    first_time: Option<Timestamp>,
    /// How far the file was read or written by this process.
    n_bytes: u64,
    /// Something in it cannot be read: it is left as it is.
    is_torn: bool,
}

impl Segment {
    pub(crate) fn create(path: &Path, first_seq: u64) -> Result<Self, SpoolError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        folder::only_for_the_user(&mut options);
        let file = options
            .open(path)
            .and_then(|mut file| file.write_all(MAGIC).map(|()| file))
            .map_err(SpoolError::write(path))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            first_seq,
            last_seq: first_seq - 1,
            first_time: None,
            n_bytes: MAGIC.len() as u64,
            is_torn: false,
        })
    }

    pub(crate) fn open(path: &Path, first_seq: u64) -> Result<Self, SpoolError> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(SpoolError::write(path))?;
        let mut segment = Self {
            file,
            path: path.to_owned(),
            first_seq,
            last_seq: first_seq - 1,
            first_time: None,
            n_bytes: 0,
            is_torn: false,
        };
        segment.read_on().map_err(SpoolError::read(path))?;
        Ok(segment)
    }

    /// Whether nobody deleted it.
    pub(crate) fn is_there(&self) -> bool {
        self.path.try_exists().unwrap_or(false)
    }

    /// Reads what other processes appended meanwhile.
    pub(crate) fn caught_up(mut self) -> Result<Self, SpoolError> {
        let size = self.file.metadata().map_err(SpoolError::read(&self.path))?.len();
        if size < self.n_bytes {
            // Cut off by somebody: what was there is unknown.
            self.is_torn = true;
        } else if size > self.n_bytes {
            self.read_on().map_err(SpoolError::read(&self.path))?;
        }
        Ok(self)
    }

    fn read_on(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.n_bytes))?;
        (&self.file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        let is_start = self.n_bytes == 0;
        self.n_bytes += bytes.len() as u64;
        let records = if is_start { bytes.strip_prefix(MAGIC) } else { Some(&bytes[..]) };
        self.is_torn |= records.is_none() || bytes.len() as u64 == MAX_BYTES;
        for frame in frames(records.unwrap_or_default()) {
            match frame {
                Frame::Damaged => self.is_torn = true,
                Frame::Payload(payload) => {
                    self.last_seq = self.last_seq.max(wire::seq_of(payload).unwrap_or(0));
                    if self.first_time.is_none() {
                        self.first_time = wire::from_bytes(payload).map(|it| it.at.occurred_at);
                    }
                }
            }
        }
        Ok(())
    }

    /// Appends records of which the last has the number `last_seq`.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        last_seq: u64,
        now: Timestamp,
    ) -> Result<(), SpoolError> {
        if let Err(source) = self.file.write_all(bytes) {
            // A full disk may have taken a part. If it cannot be cut off, the next writer sees a torn record and begins a new segment.
            if self.file.set_len(self.n_bytes).is_err() {
                self.is_torn = true;
            }
            return Err(SpoolError::Write { path: self.path.clone(), source });
        }
        self.n_bytes += bytes.len() as u64;
        self.last_seq = last_seq;
        self.first_time = self.first_time.or(Some(now));
        Ok(())
    }

    /// The first number of the segment that follows. A torn record had a number too.
    pub(crate) fn next_first_seq(&self) -> u64 {
        let next = self.last_seq.saturating_add(1 + u64::from(self.is_torn));
        next.max(self.first_seq.saturating_add(1))
    }

    pub(crate) fn is_old(&self, now: Timestamp) -> bool {
        self.first_time.is_some_and(|it| now.0.saturating_sub(it.0) > DAY)
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }
}

/// When the first event of a segment happened, if that can be read.
pub(crate) fn first_time(path: &Path) -> Result<Option<Timestamp>, SpoolError> {
    let mut bytes = Vec::new();
    let limit = (MAGIC.len() + 8 + MAX_PAYLOAD) as u64;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(SpoolError::read(path))?;
    let first = bytes.strip_prefix(MAGIC).and_then(|it| frames(it).next());
    Ok(match first {
        Some(Frame::Payload(payload)) => wire::from_bytes(payload).map(|it| it.at.occurred_at),
        Some(Frame::Damaged) | None => None,
    })
}
