//! From a sink to a store.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::{CollectError, SinkError};

/// A sink with one batch for each number of events, of one spool.
fn filled(folder: &Path, sizes: &[i64]) -> PathBuf {
    let destination = sink(&folder.join("sink"));
    let spool = folder.join("spool");
    for size in sizes {
        append(&mut Spool::open(&spool, Limits::STANDARD).unwrap(), *size);
        flush(&spool, &destination).unwrap();
    }
    destination.folder
}

fn inbox(sink: &Path) -> Vec<PathBuf> {
    files(&sink.join("inbox"))
}

#[test]
fn what_was_taken_is_kept_by_month() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2, 3]);
    let before = inbox(&sink);
    let mut store = Store::default();
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_events, collected.n_known), (2, 5, 0));
    assert_eq!(store.seqs(), [1, 2, 3, 4, 5]);
    assert!(inbox(&sink).is_empty());
    let taken = files(&sink.join("taken/2026-11"));
    let names = |paths: &[PathBuf]| {
        paths.iter().map(|it| it.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&taken), names(&before));
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_known), (0, 0));
}

#[test]
fn a_replayed_batch_is_known_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2]);
    let copy = fs::read(&inbox(&sink)[0]).unwrap();
    let mut store = Store::default();
    store.collect(&sink);
    fs::write(sink.join("inbox/replay.batch"), copy).unwrap();
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_known, collected.n_events), (0, 1, 0));
    assert!(inbox(&sink).is_empty());
    assert_eq!(files(&sink.join("taken/2026-11")).len(), 1);
}

#[test]
fn what_is_refused_is_put_aside_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2, 2]);
    let place = sink.join("inbox");
    let path = &inbox(&sink)[0];
    let good = fs::read(path).unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    fs::write(place.join("cut.batch"), &good[..500]).unwrap();
    fs::write(place.join("forged.batch"), text.replacen("\"last_seq\":2", "\"last_seq\":9", 1))
        .unwrap();
    fs::write(place.join("foreign.batch"), text.replacen(ORGANIZATION, "another", 1)).unwrap();
    fs::write(place.join("newer.batch"), text.replacen("batch/1", "batch/2", 1)).unwrap();
    fs::write(place.join("text.batch"), "hello").unwrap();
    fs::write(place.join("large.batch"), vec![b'x'; 2 << 20]).unwrap();
    fs::create_dir(place.join("folder.batch")).unwrap();
    fs::write(place.join(".half.partial"), "{").unwrap();
    fs::write(place.join("readme.txt"), "").unwrap();
    let mut store = Store::default();
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_foreign, collected.n_newer), (2, 1, 1));
    let refused: Vec<(&str, u64)> = collected.refused.into_iter().collect();
    assert_eq!(refused, [("forged", 1), ("no_batch", 2), ("too_large", 1), ("truncated", 1)]);
    assert_eq!(store.seqs(), [1, 2, 3, 4]);
    let left: Vec<_> = inbox(&sink).iter().map(|it| it.file_name().unwrap().to_owned()).collect();
    assert_eq!(left, [".half.partial", "foreign.batch", "newer.batch", "readme.txt"]);
    let why = fs::read_to_string(sink.join("refused/cut.batch.why")).unwrap();
    assert_eq!(why, "its end is missing\n");
    // The next of the same name overwrites nothing.
    fs::write(place.join("cut.batch"), &good[..600]).unwrap();
    store.collect(&sink);
    assert_eq!(fs::read(sink.join("refused/cut.batch")).unwrap().len(), 500);
    assert_eq!(fs::read(sink.join("refused/cut.batch.2")).unwrap().len(), 600);
    assert!(sink.join("refused/cut.batch.2.why").exists());
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2]);
    let precious = folder.path().join("precious");
    fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, sink.join("inbox/link.batch")).unwrap();
    fs::create_dir(sink.join("refused")).unwrap();
    std::os::unix::fs::symlink(&precious, sink.join("refused/link.batch.why")).unwrap();
    let collected = Store::default().collect(&sink);
    assert_eq!((collected.n_batches, collected.refused["no_batch"]), (1, 1));
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    let why = fs::read_to_string(sink.join("refused/link.batch.why")).unwrap();
    assert_eq!(why, "it is no batch of events\n");
}

#[test]
fn what_cannot_be_kept_stays_in_the_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2, 3, 4]);
    let mut n = 0;
    let mut take = |_: &Batch| {
        n += 1;
        if n == 2 {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        } else {
            Ok(Taken::Stored)
        }
    };
    let error = crate::collect(&sink, ORGANIZATION, &key(), &mut take).unwrap_err();
    let CollectError::Take { path, .. } = error else { panic!("{error}") };
    assert_eq!(inbox(&sink).len(), 2);
    assert_eq!(path, inbox(&sink)[0]);
}

#[test]
fn a_sink_that_takes_no_move_is_collected_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let sink = filled(folder.path(), &[2, 3]);
    // As a read-only share does, also for an administrator.
    fs::write(sink.join("taken"), "").unwrap();
    let mut store = Store::default();
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_unmoved), (2, 2));
    assert!(collected.unmoved.is_some());
    let collected = store.collect(&sink);
    assert_eq!((collected.n_batches, collected.n_known, collected.n_unmoved), (0, 2, 2));
    assert_eq!(store.seqs(), [1, 2, 3, 4, 5]);
}

#[test]
fn what_is_no_sink_of_ours_is_not_collected() {
    let folder = tempfile::tempdir().unwrap();
    let collect = |sink: &Path, organization: &str| {
        let mut take = |_: &Batch| Ok::<_, Infallible>(Taken::Stored);
        match crate::collect(sink, organization, &key(), &mut take).unwrap_err() {
            CollectError::Sink(error) => error,
            CollectError::Take { .. } => panic!("nothing is there to take"),
        }
    };
    let nowhere = folder.path().join("nowhere");
    assert!(matches!(collect(&nowhere, ORGANIZATION), SinkError::Missing { .. }));
    assert!(matches!(collect(folder.path(), ORGANIZATION), SinkError::Unprepared { .. }));
    let sink = filled(folder.path(), &[1]);
    assert!(matches!(collect(&sink, "another"), SinkError::OtherOrganization { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Batches come twice, in any order, under any name, and in several rounds; with the cursor lost in between.
    #[test]
    fn every_event_is_counted_once(
        sizes in prop::collection::vec((1..6_i64, any::<bool>()), 1..6),
        copies in prop::collection::vec((any::<prop::sample::Index>(), "[a-z]{8}"), 0..8),
        is_late in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (sink, spool) = (sink(&folder.path().join("sink")), folder.path().join("spool"));
        let mut store = Store::default();
        for (size, is_cursor_lost) in &sizes {
            append(&mut Spool::open(&spool, Limits::STANDARD).unwrap(), *size);
            flush(&spool, &sink).unwrap();
            if *is_cursor_lost {
                fs::remove_file(spool.join("flushed")).unwrap();
            }
        }
        let flushed = inbox(&sink.folder);
        let bytes: Vec<Vec<u8>> = flushed.iter().map(|it| fs::read(it).unwrap()).collect();
        if is_late {
            store.collect(&sink.folder);
        }
        for (index, name) in &copies {
            fs::write(sink.folder.join("inbox").join(format!("{name}.batch")), index.get(&bytes)).unwrap();
        }
        store.collect(&sink.folder);
        let n: i64 = sizes.iter().map(|it| it.0).sum();
        prop_assert_eq!(store.seqs(), (1..=u64::try_from(n).unwrap()).collect::<Vec<_>>());
        prop_assert_eq!(inbox(&sink.folder), Vec::<PathBuf>::new());
    }
}
