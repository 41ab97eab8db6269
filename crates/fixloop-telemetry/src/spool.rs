//! The spool: events in a folder that several processes share.
//!
//! All processes append to one segment, each append under an exclusive file lock. One shared segment, and not one for each process, since
//! numbers that grow over all processes need a lock anyway, and then order in the file and by number are one. Nobody waits for the lock in
//! [`Spool::append`]: what cannot be written at once waits in memory, up to a bound, for the next append or [`Spool::sync`].
//!
//! | file | what |
//! |---|---|
//! | `00000000000000000001.events` | a segment, named by the number of its first event |
//! | `identity` | the pseudonym of this installation, and the secret of its exposure ids |
//! | `lock` | whom it belongs to may write; holds a word that changes whenever segments come or go |
//! | `flushed` | up to which number the events are in a sink |
//! | `flushing` | whom it belongs to may flush |
//! | `off` | nothing is recorded |
//!
//! Whatever could not be kept leaves a gap in the numbers, so that loss can be counted later.

pub(crate) mod cursor;
pub(crate) mod error;
pub(crate) mod folder;
pub(crate) mod identity;
pub(crate) mod lock;
pub(crate) mod pending;
pub(crate) mod read;
mod segment;

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use fixloop_model::Timestamp;

pub use error::SpoolError;

use crate::event::{Event, MAX_SEQ, NewEvent};
use crate::ids::EventId;
use crate::machine::random;
use crate::pseudonym::Pseudonyms;
use crate::wire::time;
use identity::Identity;
use lock::{Lock, Locked};
use segment::Segment;

/// What the spool may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// All segments together.
    pub max_bytes: u64,
    /// What is older goes, segment by segment; a segment spans at most a day.
    pub max_age_days: u32,
    /// A segment that is larger is followed by a new one.
    pub segment_bytes: u64,
    /// Events that may wait in memory.
    pub max_waiting: usize,
}

impl Limits {
    /// 8 MB and 30 days.
    pub const STANDARD: Self =
        Self { max_bytes: 8_000_000, max_age_days: 30, segment_bytes: 256_000, max_waiting: 512 };
}

/// What became of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Appended {
    /// It is in the file; after a power failure only if [`Spool::sync`] came before that.
    Written,
    /// Another process is writing, or the disk takes nothing: in memory.
    Waiting,
    /// Too many were waiting. A gap in the numbers will tell.
    Lost,
    /// Recording was switched off meanwhile.
    Off,
}

/// A handle of one process on the spool.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    limits: Limits,
    lock: Lock,
    identity: Identity,
    /// What the lock's word was when this was last looked at.
    word: u64,
    active: Option<Segment>,
    waiting: VecDeque<(EventId, NewEvent)>,
    /// Events that got no number yet and never will.
    n_lost: u64,
    /// Written segments that were left before they reached the disk.
    unsynced: Vec<File>,
    /// After a failure only `sync` tries again, so that a dead disk costs the main thread nothing.
    has_failed: bool,
}

/// Bytes per write, about.
const MAX_BATCH_BYTES: usize = 16_000;

/// Numbers kept free for what may be lost and written at once.
const MAX_JUMP: u64 = 1 << 40;

/// How often, two milliseconds apart, whoever may wait asks for the lock.
pub(crate) const PATIENCE: u32 = 50;

impl Spool {
    /// Makes the folder if there is none. Fails if recording is switched off there.
    pub fn open(folder: impl Into<PathBuf>, limits: Limits) -> Result<Self, SpoolError> {
        let folder = folder.into();
        if folder::is_off(&folder) {
            return Err(SpoolError::Off);
        }
        folder::create(&folder)?;
        let mut lock = Lock::open(&folder)?;
        let identity = {
            let Some(locked) = lock.wait(PATIENCE)? else { return Err(SpoolError::Busy) };
            Identity::load_or_make(&folder, &locked)?
        };
        Ok(Self {
            folder,
            limits,
            lock,
            identity,
            word: 0,
            active: None,
            waiting: VecDeque::new(),
            n_lost: 0,
            unsynced: Vec::new(),
            has_failed: false,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// For the ids of exposures.
    pub fn pseudonyms(&self) -> Pseudonyms {
        self.identity.pseudonyms()
    }

    /// Appends an event. Never waits for another process, and does not wait for the disk.
    ///
    /// # Errors
    ///
    /// The first of a row of failures; until a [`Spool::sync`] succeeds, later events wait in memory and then count as lost.
    pub fn append(&mut self, event: NewEvent) -> Result<Appended, SpoolError> {
        let is_full = |it: &Self| it.waiting.len() >= it.limits.max_waiting;
        if is_full(self) && !self.has_failed {
            self.flush(1)?;
        }
        if is_full(self) {
            self.n_lost += 1;
            return Ok(Appended::Lost);
        }
        let random = random().map_err(|source| {
            self.n_lost += 1;
            SpoolError::Random { source }
        })?;
        let occurred_at = Timestamp(time::clamp(event.at.occurred_at).as_microsecond());
        let event = NewEvent { at: crate::Moment { occurred_at, ..event.at }, ..event };
        let event_id = EventId::new(occurred_at.0.div_euclid(1000), &random);
        self.waiting.push_back((event_id, event));
        if self.has_failed {
            return Ok(Appended::Waiting);
        }
        self.flush(1)
    }

    /// Writes what waits and has the disk keep it. May take some time: not for the thread that a person waits for.
    ///
    /// # Errors
    ///
    /// Also if other processes held the lock for 100 ms. What waits goes on waiting.
    pub fn sync(&mut self) -> Result<(), SpoolError> {
        if !self.lock.is_current() {
            // Somebody removed the folder: begin anew.
            folder::create(&self.folder)?;
            self.lock = Lock::open(&self.folder)?;
            self.active = None;
        }
        if self.flush(PATIENCE)? == Appended::Waiting {
            return Err(SpoolError::Busy);
        }
        let active = self.active.iter().map(Segment::file);
        for file in self.unsynced.iter().chain(active) {
            let path = || self.folder.clone();
            file.sync_data().map_err(|source| SpoolError::Write { path: path(), source })?;
        }
        self.unsynced.clear();
        Ok(())
    }

    /// Everything that all processes wrote.
    pub fn events(&self) -> Result<read::Contents, SpoolError> {
        read::read(&self.folder)
    }

    /// Deletes every event and this installation's pseudonym.
    pub fn purge(&mut self) -> Result<folder::Purged, SpoolError> {
        self.forget();
        folder::purge(&self.folder)
    }

    /// Forgets what waits.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
        self.n_lost = 0;
    }

    /// Writes what waits, if the lock can be had in so many attempts.
    fn flush(&mut self, attempts: u32) -> Result<Appended, SpoolError> {
        let Some(last) = self.waiting.back() else { return Ok(Appended::Written) };
        let now = last.1.at.occurred_at;
        let flushed = match self.lock.wait(attempts) {
            Err(error) => Err(error),
            Ok(None) => return Ok(Appended::Waiting),
            Ok(Some(mut locked)) => Writer {
                folder: &self.folder,
                limits: &self.limits,
                identity: &mut self.identity,
                word: &mut self.word,
                active: &mut self.active,
                unsynced: &mut self.unsynced,
            }
            .write(&mut locked, &mut self.waiting, self.n_lost, now),
        };
        self.has_failed = flushed.is_err();
        match flushed {
            Ok(appended) => {
                self.n_lost = 0;
                Ok(appended)
            }
            Err(error) => {
                self.active = None;
                Err(error)
            }
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Nobody is left to tell: who wants to know calls `sync` before.
        if !self.has_failed && self.flush(PATIENCE).is_err() {}
    }
}

/// The parts of a spool that change under the lock.
struct Writer<'a> {
    folder: &'a Path,
    limits: &'a Limits,
    identity: &'a mut Identity,
    word: &'a mut u64,
    active: &'a mut Option<Segment>,
    unsynced: &'a mut Vec<File>,
}

impl Writer<'_> {
    /// Takes from `waiting` what was written, so that no event is written twice.
    fn write(
        mut self,
        locked: &mut Locked<'_>,
        waiting: &mut VecDeque<(EventId, NewEvent)>,
        n_lost: u64,
        now: Timestamp,
    ) -> Result<Appended, SpoolError> {
        let is_there = self.active.as_ref().is_some_and(Segment::is_there);
        if !is_there || locked.word()? != *self.word {
            if folder::is_off(self.folder) {
                *self.active = None;
                waiting.clear();
                return Ok(Appended::Off);
            }
            *self.identity = Identity::load_or_make(self.folder, locked)?;
            self.look_around(locked, now)?;
        }
        while !waiting.is_empty() {
            let source = self.identity.source();
            let segment = self.usable(locked, now)?;
            let mut seq = segment.last_seq();
            let mut bytes = Vec::new();
            let mut n_taken: usize = 0;
            for (event_id, event) in waiting.iter() {
                n_taken += 1;
                // Before a record, not after it: so the gap is in the file, where every process sees it.
                seq += 1 + if n_taken == waiting.len() { n_lost } else { 0 };
                let NewEvent { session, at, kind, subject } = event.clone();
                let event = Event { event_id: *event_id, source, seq, session, at, kind, subject };
                crate::frame::encode(&crate::wire::to_bytes(&event), &mut bytes);
                if bytes.len() >= MAX_BATCH_BYTES {
                    break;
                }
            }
            segment.append(&bytes, seq, now)?;
            waiting.drain(..n_taken);
        }
        Ok(Appended::Written)
    }

    /// Finds the newest segment anew, and deletes what is too old or too much.
    fn look_around(&mut self, locked: &mut Locked<'_>, now: Timestamp) -> Result<(), SpoolError> {
        *self.word = locked.word()?;
        let segments = folder::segments(self.folder)?;
        *self.active = match segments.last() {
            Some(newest) => Some(Segment::open(&newest.path, newest.first_seq)?),
            None => Some(self.begin(locked, 1)?),
        };
        self.enforce(now)
    }

    /// The active segment, or a new one if that is full, a day old, or torn.
    fn usable(
        &mut self,
        locked: &mut Locked<'_>,
        now: Timestamp,
    ) -> Result<&mut Segment, SpoolError> {
        let mut segment = match self.active.take() {
            Some(segment) => segment.caught_up()?,
            None => self.begin(locked, 1)?,
        };
        let next = segment.next_first_seq();
        if next > MAX_SEQ - MAX_JUMP {
            return Err(SpoolError::Exhausted);
        }
        let is_full = segment.n_bytes() >= self.limits.segment_bytes;
        if segment.is_torn() || is_full || segment.is_old(now) {
            self.unsynced.push(segment.into_file());
            segment = self.begin(locked, next)?;
            *self.active = Some(segment);
            self.enforce(now)?;
        } else {
            *self.active = Some(segment);
        }
        Ok(self.active.as_mut().expect("it was set in both branches"))
    }

    fn begin(&mut self, locked: &mut Locked<'_>, first_seq: u64) -> Result<Segment, SpoolError> {
        // The word goes first: if this process dies in between, others look around for nothing.
        *self.word = locked.change_word()?;
        Segment::create(&folder::segment_path(self.folder, first_seq), first_seq)
    }

    /// Deletes the oldest segments, never the active one.
    fn enforce(&mut self, now: Timestamp) -> Result<(), SpoolError> {
        let mut segments = folder::segments(self.folder)?;
        segments.pop();
        let mut n_bytes: u64 = segments.iter().map(|it| it.n_bytes).sum();
        // The active one grows to its bound and a batch.
        let active = self.limits.segment_bytes.saturating_add(2 * MAX_BATCH_BYTES as u64);
        let room = self.limits.max_bytes.saturating_sub(active);
        let max_age = i64::from(self.limits.max_age_days).saturating_mul(segment::DAY);
        for old in segments {
            let is_too_much = n_bytes > room;
            let is_expired = || {
                segment::first_time(&old.path)
                    .map(|first| first.is_some_and(|it| now.0.saturating_sub(it.0) > max_age))
            };
            if !is_too_much && !is_expired()? {
                break;
            }
            folder::delete(&old.path)?;
            n_bytes -= old.n_bytes;
        }
        Ok(())
    }
}
