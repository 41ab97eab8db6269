//! What several test files share: a subject, and events at given times.

mod crash;
mod drafts;
mod format;
mod never;
mod permission;
mod recorder;
mod sharing;
mod spool;

use std::path::Path;

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, Timestamp};

use crate::{
    Appended, Client, ExposureId, Kind, Limits, Mode, Moment, NewEvent, PublicEcosystem, PublicIds,
    Session, SessionId, Spool, Subject, Surface, TreatmentId,
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

fn seqs(folder: &Path) -> Vec<u64> {
    crate::read(folder).unwrap().events.iter().map(|it| it.seq).collect()
}
