//! What several test files share: a subject, and events at given times.

mod batch;
mod collect;
mod crash;
mod delivery;
mod drafts;
mod flush;
mod format;
mod never;
mod permission;
mod recorder;
mod sharing;
mod spool;
pub(crate) mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, Timestamp};
use fixloop_policy::OrganizationKey;

use crate::{
    Appended, Batch, BatchId, Client, Collected, Destination, Event, EventId, ExposureId,
    FlushError, Flushed, Kind, Limits, Machine, Mode, Moment, NewEvent, PublicEcosystem, PublicIds,
    Session, SessionId, Spool, Subject, Surface, Taken, TreatmentId,
};

/// 2026-11-28T12:00:00Z, in microseconds.
const NOON: i64 = 1_795_867_200_000_000;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Segments of a few events.
const SMALL: Limits =
    Limits { max_bytes: 60_000, max_age_days: 30, segment_bytes: 2_000, max_waiting: 100 };

fn subject() -> Subject {
    Subject {
        exposure: ExposureId::new([7; 16]),
        ecosystem: PublicEcosystem::of("npm"),
        advisories: PublicIds::of(["GHSA-jf85-cpcp-j695", "CVE-2019-10744"]),
        severity: Some(Rating::Critical),
        class: Class::Vulnerability,
        file_kind: Some(Format::PackageJson),
        is_first_reference: Some(true),
        is_direct: Some(true),
        surface: Surface::Editor,
        mode: Mode::Alert,
        target: Some("0a".repeat(16).parse().unwrap()),
        component: None,
        treatment: TreatmentId::new("treatment-1", 3),
    }
}

fn moment(after_noon: i64) -> Moment {
    let offset_us = u64::try_from(after_noon.max(0)).unwrap();
    Moment { occurred_at: Timestamp(NOON + after_noon), offset_us }
}

fn new_event(after_noon: i64, kind: Kind) -> NewEvent {
    let subject = kind.has_subject().then(subject);
    NewEvent { session: SessionId::new([2; 16]), at: moment(after_noon), kind, subject }
}

fn session() -> Session {
    Session::started(Surface::Editor, Mode::Alert, Client::of("Neovim"), Some("0.7.2"))
}

fn open(folder: &Path) -> Spool {
    Spool::open(folder, SMALL).unwrap()
}

/// Appends `n` hovers, a second apart.
fn append(spool: &mut Spool, n: i64) {
    for at in 0..n {
        assert_eq!(spool.append(new_event(at * SECOND, Kind::Hover)).unwrap(), Appended::Written);
    }
}

const ORGANIZATION: &str = "0123456789abcdef0123456789abcdef";

fn key() -> OrganizationKey {
    OrganizationKey::new([4; 32])
}

/// Where events of the organization go; a prepared sink.
fn sink(folder: &Path) -> Destination {
    crate::prepare_sink(folder, ORGANIZATION).unwrap();
    Destination { folder: folder.to_owned(), organization: ORGANIZATION.to_owned(), key: key() }
}

fn flush(spool: &Path, destination: &Destination) -> Result<Flushed, FlushError> {
    crate::flush(&Machine::default(), spool, destination)
}

/// The files of a folder of the sink, sorted; none if it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What a store does: every event once, by its id.
#[derive(Default)]
struct Store {
    batches: BTreeSet<BatchId>,
    events: BTreeMap<EventId, Event>,
}

impl Store {
    fn take(&mut self, batch: &Batch) -> Taken {
        if !self.batches.insert(batch.header.batch_id) {
            return Taken::AlreadyTaken;
        }
        for event in &batch.events {
            self.events.entry(event.event_id).or_insert_with(|| event.clone());
        }
        Taken::Stored
    }

    fn collect(&mut self, sink: &Path) -> Collected {
        let mut take = |batch: &Batch| Ok::<_, Infallible>(self.take(batch));
        crate::collect(sink, ORGANIZATION, &key(), &mut take).unwrap()
    }

    /// By number.
    fn seqs(&self) -> Vec<u64> {
        let mut seqs: Vec<u64> = self.events.values().map(|it| it.seq).collect();
        seqs.sort_unstable();
        seqs
    }
}

fn seqs(folder: &Path) -> Vec<u64> {
    crate::read(folder).unwrap().events.iter().map(|it| it.seq).collect()
}
