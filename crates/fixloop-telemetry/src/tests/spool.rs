//! One process: bounds, numbers, clocks, switching off, broken disks.

use std::fs;

use super::*;
use crate::{SpoolError, is_off, purge, read, switch_off, switch_on};

fn size(folder: &Path) -> u64 {
    let segments = fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    let is_segment = |it: &fs::DirEntry| it.file_name().to_string_lossy().ends_with(".events");
    segments.filter(is_segment).map(|it| it.metadata().unwrap().len()).sum()
}

#[test]
fn what_is_appended_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    append(&mut spool, 20);
    spool.append(new_event(30 * SECOND, Kind::Session(session()))).unwrap();
    spool.sync().unwrap();
    let contents = spool.events().unwrap();
    assert_eq!(contents.events.len(), 21);
    assert_eq!(
        (contents.n_dropped, contents.n_lost, contents.n_torn, contents.n_unreadable),
        (0, 0, 0, 0)
    );
    assert_eq!(seqs(folder.path()), (1..=21).collect::<Vec<u64>>());
    let (first, last) = (&contents.events[0], &contents.events[20]);
    assert_eq!(
        (&first.kind, &first.subject, first.at),
        (&Kind::Hover, &Some(subject()), moment(0))
    );
    assert_eq!((&last.kind, &last.subject), (&Kind::Session(session()), &None));
    assert!(contents.events.windows(2).all(|it| it[0].event_id < it[1].event_id));
    assert!(contents.events.iter().all(|it| it.source == first.source));
}

#[test]
fn a_folder_that_is_not_there_is_empty_and_stays_away() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/spool");
    assert!(read(&nowhere).unwrap().events.is_empty());
    assert_eq!(purge(&nowhere).unwrap().n_segments, 0);
    assert!(!switch_on(&nowhere).unwrap());
    assert!(!nowhere.exists());
}

#[test]
fn the_oldest_events_make_room_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    append(&mut spool, 300);
    let contents = spool.events().unwrap();
    assert!(contents.n_dropped > 100);
    assert!(size(folder.path()) <= SMALL.max_bytes, "{}", size(folder.path()));
    assert!(size(folder.path()) > SMALL.max_bytes / 3, "{}", size(folder.path()));
    assert_eq!(contents.n_dropped + contents.events.len() as u64, 300);
    assert_eq!((contents.n_lost, contents.events.last().unwrap().seq), (0, 300));
}

#[test]
fn what_is_older_than_30_days_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for day in 0..40 {
        spool.append(new_event(day * (DAY + SECOND), Kind::Hover)).unwrap();
    }
    let contents = spool.events().unwrap();
    let oldest = contents.events[0].at.occurred_at.0;
    let last = contents.events.last().unwrap().at.occurred_at.0;
    assert!(last - oldest <= 30 * DAY, "{} days", (last - oldest) / DAY);
    assert_eq!(contents.n_dropped + contents.events.len() as u64, 40);
    // After a long pause nothing but the new event is left.
    spool.append(new_event(400 * DAY, Kind::Hover)).unwrap();
    assert_eq!(seqs(folder.path()), [41]);
    assert_eq!(spool.events().unwrap().n_dropped, 40);
}

#[test]
fn numbers_grow_while_the_clock_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    for at in [0, -DAY, 5 * SECOND, i64::MIN / 2, i64::MAX / 4, -400 * DAY] {
        spool.append(new_event(at, Kind::AlertShown)).unwrap();
    }
    drop(spool);
    append(&mut open(folder.path()), 1);
    let contents = read(folder.path()).unwrap();
    let last = contents.events.last().unwrap().seq;
    assert_eq!(last, 7);
    assert_eq!(contents.n_dropped + contents.n_lost + contents.events.len() as u64, 7);
    assert!(contents.events.windows(2).all(|it| it[0].seq < it[1].seq));
}

#[test]
fn a_purge_leaves_neither_events_nor_pseudonym() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let mut spool = open(folder.path());
    append(&mut spool, 20);
    let before = spool.events().unwrap().events[0].source;
    let purged = purge(folder.path()).unwrap();
    assert!(purged.n_segments > 1 && purged.n_bytes > 2_000, "{purged:?}");
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["lock", "notes.txt"]);
    // The process that was recording goes on under another pseudonym.
    append(&mut spool, 2);
    let contents = spool.events().unwrap();
    assert_eq!(seqs(folder.path()), [1, 2]);
    assert_ne!(contents.events[0].source, before);
    assert_eq!(contents.n_dropped, 0);
    assert!(spool.purge().unwrap().n_segments == 1);
}

#[test]
fn switched_off_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    append(&mut spool, 3);
    assert_eq!(switch_off(folder.path()).unwrap().n_segments, 1);
    assert_eq!(spool.append(new_event(0, Kind::Hover)).unwrap(), Appended::Off);
    spool.sync().unwrap();
    assert!(matches!(Spool::open(folder.path(), SMALL), Err(SpoolError::Off)));
    assert!(is_off(folder.path()) && size(folder.path()) == 0);
    assert!(!folder.path().join("identity").exists());
    assert!(switch_on(folder.path()).unwrap());
    append(&mut spool, 1);
    assert_eq!(seqs(folder.path()), [1]);
}

#[test]
fn a_spool_that_cannot_be_written_says_so_once_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { max_bytes: 1_000_000, ..SMALL };
    let mut spool = Spool::open(folder.path(), limits).unwrap();
    append(&mut spool, 1);
    // A folder in the place of the next segment fails for every user, also the one whom permissions do not bind.
    fs::remove_file(folder.path().join("00000000000000000001.events")).unwrap();
    fs::remove_file(folder.path().join("identity")).unwrap();
    fs::create_dir(folder.path().join("identity")).unwrap();
    assert!(matches!(spool.append(new_event(0, Kind::Hover)), Err(SpoolError::Read { .. })));
    let mut became = Vec::new();
    for at in 0..110 {
        became.push(spool.append(new_event(at, Kind::Hover)).unwrap());
    }
    assert_eq!(became.iter().filter(|it| **it == Appended::Waiting).count(), 99);
    assert_eq!(became.iter().filter(|it| **it == Appended::Lost).count(), 11);
    assert!(spool.sync().is_err());
    // The disk is back. Another process sees the gap too.
    fs::remove_dir(folder.path().join("identity")).unwrap();
    spool.sync().unwrap();
    append(&mut Spool::open(folder.path(), limits).unwrap(), 1);
    let contents = spool.events().unwrap();
    assert_eq!((contents.events.len(), contents.n_lost), (101, 11));
    assert_eq!(contents.events.last().unwrap().seq, 112);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_value() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut open(folder.path()), 1);
    let segment = folder.path().join("00000000000000000001.events");
    // Writes to this device fail as those to a full disk do, and reading it never ends.
    fs::remove_file(&segment).unwrap();
    std::os::unix::fs::symlink("/dev/full", &segment).unwrap();
    let mut spool = open(folder.path());
    assert!(matches!(spool.append(new_event(0, Kind::Hover)), Err(SpoolError::Write { .. })));
    assert_eq!(spool.append(new_event(0, Kind::Hover)).unwrap(), Appended::Waiting);
}

#[test]
fn a_folder_that_was_removed_is_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("spool");
    let mut spool = open(&folder);
    append(&mut spool, 3);
    fs::remove_dir_all(&folder).unwrap();
    assert!(spool.append(new_event(0, Kind::Hover)).is_err());
    spool.sync().unwrap();
    append(&mut spool, 1);
    assert_eq!(seqs(&folder), [1, 2]);
}

#[test]
fn foreign_files_are_no_segments() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "1.events",
        "0000000000000000000x.events",
        "99999999999999999999.events",
        "00000000000000000000.events",
    ] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    fs::create_dir(folder.path().join("00000000000000000005.events")).unwrap();
    append(&mut open(folder.path()), 2);
    assert_eq!(seqs(folder.path()), [1, 2]);
    purge(folder.path()).unwrap();
    assert!(folder.path().join("1.events").exists());
}
