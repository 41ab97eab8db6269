//! From a spool to a sink, and what goes wrong there.

use std::fs;

use super::*;
use crate::{Denial, Recorder, Settings, SinkError, SpoolError, prepare_sink, purge, switch_off};

/// A spool with `n` events and a sink, in one folder.
struct Case {
    folder: tempfile::TempDir,
    destination: Destination,
}

impl Case {
    fn new(n: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let destination = sink(&folder.path().join("sink"));
        let case = Self { folder, destination };
        append(&mut case.open(), n);
        case
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    fn open(&self) -> Spool {
        Spool::open(self.spool(), LARGE).unwrap()
    }

    fn inbox(&self) -> Vec<PathBuf> {
        files(&self.destination.folder.join("inbox"))
    }

    #[track_caller]
    fn flush(&self) -> (u64, u64, u64) {
        let flushed = flush(&self.spool(), &self.destination).unwrap();
        assert!(!flushed.is_busy);
        (flushed.n_batches, flushed.n_events, flushed.n_lost)
    }

    /// What a collector then has.
    fn collected(&self) -> Vec<u64> {
        let mut store = Store::default();
        store.collect(&self.destination.folder);
        store.seqs()
    }
}

/// Room for many events.
const LARGE: Limits = Limits { max_bytes: 50_000_000, segment_bytes: 30_000, ..SMALL };

#[test]
fn each_event_is_flushed_once() {
    let case = Case::new(3);
    assert_eq!(case.flush(), (1, 3, 0));
    assert_eq!(case.flush(), (0, 0, 0));
    append(&mut case.open(), 2);
    assert_eq!(case.flush(), (1, 2, 0));
    let names: Vec<String> = case
        .inbox()
        .iter()
        .map(|it| it.file_name().unwrap().to_str().unwrap()[33..66].to_owned())
        .collect();
    assert_eq!(names, ["0000000000000001-0000000000000003", "0000000000000004-0000000000000005"]);
    assert_eq!(crate::read(&case.spool()).unwrap().n_flushed, 5);
    assert_eq!(case.collected(), [1, 2, 3, 4, 5]);
}

#[test]
fn many_events_are_cut_into_batches() {
    let case = Case::new(0);
    let mut spool = case.open();
    append(&mut spool, 4100);
    let (n_batches, n_events, _) = case.flush();
    assert!(n_batches >= 2, "{n_batches}");
    assert_eq!(n_events, 4100);
    let sizes = case.inbox().iter().map(|it| fs::metadata(it).unwrap().len()).collect::<Vec<_>>();
    assert!(sizes.iter().all(|it| *it <= 1 << 20) && sizes[0] > 1_000_000, "{sizes:?}");
    assert_eq!(case.collected(), (1..=4100).collect::<Vec<u64>>());
}

#[test]
fn what_was_dropped_before_it_was_flushed_is_counted() {
    let case = Case::new(0);
    let mut spool = Spool::open(case.spool(), SMALL).unwrap();
    append(&mut spool, 200);
    let n_dropped = crate::read(&case.spool()).unwrap().n_dropped;
    assert!(n_dropped > 0);
    assert_eq!(case.flush(), (1, 200 - n_dropped, n_dropped));
}

#[test]
fn events_of_a_newer_version_are_flushed_as_they_are() {
    let case = Case::new(1);
    let segment = case.spool().join("00000000000000000001.events");
    let mut bytes = fs::read(&segment).unwrap();
    let source = crate::read(&case.spool()).unwrap().events[0].source;
    let newer = |seq: u64, target: &str| {
        let head = format!(r#""schema":"fixloop.event/2","seq":{seq},"source":"{source}""#);
        format!(r#"{{{head},"kind":"else","subject":{{"target":{target},"else":1}}}}"#)
    };
    let ours = newer(2, &format!("\"{}\"", "0a".repeat(16)));
    // One of no organization, and one that does not say so.
    let others = [newer(3, "null"), ours.replace("target", "goal").replace(":2,", ":4,")];
    for line in std::iter::once(&ours).chain(&others) {
        crate::frame::encode(line.as_bytes(), &mut bytes);
    }
    fs::write(segment, bytes).unwrap();
    append(&mut case.open(), 1);
    let flushed = flush(&case.spool(), &case.destination).unwrap();
    assert_eq!((flushed.n_batches, flushed.n_events, flushed.n_kept), (1, 3, 2));
    let batch = fs::read_to_string(&case.inbox()[0]).unwrap();
    assert!(batch.contains(&ours) && !others.iter().any(|it| batch.contains(it)));
    let collected = Store::default().collect(&case.destination.folder);
    assert_eq!((collected.n_events, collected.n_unknown), (2, 1));
}

/// An event of a place that no policy lists.
fn private(after_noon: i64) -> NewEvent {
    let subject = Subject { target: None, ..subject() };
    NewEvent { subject: Some(subject), ..new_event(after_noon, Kind::Hover) }
}

#[test]
fn what_is_not_the_organizations_never_leaves() {
    let case = Case::new(0);
    let mut spool = case.open();
    let policy = |repository: Option<&str>| Kind::Policy {
        repository: repository.map(|it| it.parse().unwrap()),
        version: 1,
        is_refused: false,
    };
    let repository = "0b".repeat(16);
    let events = [
        private(1),
        new_event(2, Kind::Session(session())),
        new_event(3, policy(None)),
        new_event(4, policy(Some(&repository))),
        private(5),
        new_event(6, Kind::Hover),
        private(7),
    ];
    for event in events {
        spool.append(event).unwrap();
    }
    let flushed = flush(&case.spool(), &case.destination).unwrap();
    let expected = Flushed { n_batches: 1, n_events: 3, n_kept: 4, n_lost: 0, is_busy: false };
    assert_eq!(flushed, expected);
    assert_eq!(case.collected(), [2, 4, 6]);
    // They are all there, and looked at once.
    let contents = crate::read(&case.spool()).unwrap();
    assert_eq!((contents.events.len(), contents.n_flushed, contents.n_kept), (7, 3, 4));
    assert_eq!(flush(&case.spool(), &case.destination).unwrap(), Flushed::default());
    // Where there is nothing for the sink, nothing is wrong with it either.
    fs::remove_dir_all(&case.destination.folder).unwrap();
    spool.append(private(8)).unwrap();
    let flushed = flush(&case.spool(), &case.destination).unwrap();
    assert_eq!(flushed, Flushed { n_kept: 1, ..Flushed::default() });
    spool.append(new_event(9, Kind::Hover)).unwrap();
    assert!(flush(&case.spool(), &case.destination).is_err());
}

#[test]
fn another_spool_in_the_same_place_begins_anew() {
    // After a purge numbers begin anew.
    let case = Case::new(3);
    case.flush();
    purge(&case.spool()).unwrap();
    append(&mut case.open(), 2);
    assert_eq!(case.flush(), (1, 2, 0));
    // A backup was restored, or a power failure took what the system had not kept: other events with the same numbers.
    let case = Case::new(3);
    let saved = fs::read(case.spool().join("00000000000000000001.events")).unwrap();
    append(&mut case.open(), 2);
    case.flush();
    fs::write(case.spool().join("00000000000000000001.events"), saved).unwrap();
    append(&mut case.open(), 3);
    assert_eq!(case.flush(), (1, 6, 0));
    let mut store = Store::default();
    store.collect(&case.destination.folder);
    assert_eq!(store.seqs(), [1, 2, 3, 4, 4, 5, 5, 6]);
}

#[test]
fn a_damaged_cursor_costs_a_second_batch() {
    let case = Case::new(3);
    case.flush();
    for bytes in ["", "{", "{\"source\":1}"] {
        fs::write(case.spool().join("flushed"), bytes).unwrap();
        assert_eq!(case.flush(), (1, 3, 0));
    }
    assert_eq!(case.inbox().len(), 4);
    assert_eq!(case.collected(), [1, 2, 3]);
}

#[test]
fn nobody_flushes_while_another_does() {
    let case = Case::new(3);
    let other = fs::File::create(case.spool().join("flushing")).unwrap();
    other.lock().unwrap();
    assert!(flush(&case.spool(), &case.destination).unwrap().is_busy);
    other.unlock().unwrap();
    // Who only records is not kept waiting.
    let writer = fs::File::options().write(true).open(case.spool().join("lock")).unwrap();
    writer.lock().unwrap();
    let error = flush(&case.spool(), &case.destination).unwrap_err();
    assert!(matches!(error, FlushError::Spool(SpoolError::Busy)), "{error}");
    writer.unlock().unwrap();
    assert_eq!(case.flush(), (1, 3, 0));
}

#[test]
fn where_nothing_may_be_recorded_nothing_is_flushed() {
    let case = Case::new(3);
    let default_folder = case.folder.path().join("default");
    let machine = Machine { default_folder: Some(default_folder.clone()), ..Machine::default() };
    let settings = Settings { folder: Some(case.spool()), ..Settings::default() };
    let (mut recorder, _) = Recorder::start_on(machine.clone(), settings);
    switch_off(&default_folder).unwrap();
    assert_eq!(recorder.flush(&case.destination).unwrap(), Flushed::default());
    assert_eq!(recorder.denial(), Some(Denial::Command));
    let flushed = crate::flush(&machine, &case.spool(), &case.destination).unwrap();
    assert_eq!(flushed, Flushed::default());
    let machine = Machine { do_not_track: Some("1".into()), ..Machine::default() };
    crate::flush(&machine, &case.spool(), &case.destination).unwrap();
    assert_eq!(case.inbox(), [""; 0].map(PathBuf::from));
    assert!(!case.folder.path().join("nowhere").exists());
    assert_eq!(
        flush(&case.folder.path().join("nowhere"), &case.destination).unwrap(),
        Flushed::default()
    );
    assert!(!case.folder.path().join("nowhere").exists());
}

#[test]
fn a_recorder_flushes_what_it_recorded() {
    let case = Case::new(0);
    let settings = Settings { folder: Some(case.spool()), ..Settings::default() };
    let (mut recorder, _) = Recorder::start_on(Machine::default(), settings);
    recorder.record(moment(0), Kind::Session(session()), None).unwrap();
    recorder.record(moment(1), Kind::Hover, Some(subject())).unwrap();
    assert_eq!(recorder.flush(&case.destination).unwrap().n_events, 2);
    recorder.record(moment(2), Kind::Hover, Some(subject())).unwrap();
    assert_eq!(recorder.flush(&case.destination).unwrap().n_events, 1);
}

/// What a flush to this folder says; the events stay.
#[track_caller]
fn check(case: &Case, expected: &str) {
    let sink = case.destination.folder.display().to_string();
    let error = flush(&case.spool(), &case.destination).unwrap_err().to_string();
    assert_eq!(error.replace(&sink, "SINK"), expected);
    assert_eq!(crate::read(&case.spool()).unwrap().n_flushed, 0);
}

#[test]
fn a_sink_that_cannot_be_used_is_told_in_words() {
    let case = Case::new(3);
    let sink = &case.destination.folder;
    fs::write(sink.join("fixloop-sink.json"), "{").unwrap();
    check(&case, "the sink `SINK` cannot be told whose it is: `fixloop-sink.json` is damaged");
    fs::remove_file(sink.join("fixloop-sink.json")).unwrap();
    check(
        &case,
        "the folder `SINK` holds no `fixloop-sink.json`: it is no sink, or its share is not mounted",
    );
    fs::remove_dir_all(sink).unwrap();
    check(&case, "the sink `SINK` is not there: is the share mounted?");
    assert!(!sink.exists());
    prepare_sink(sink, "another").unwrap();
    check(&case, "the sink `SINK` belongs to another organization");
    let error = prepare_sink(sink, ORGANIZATION).unwrap_err();
    assert!(matches!(error, SinkError::OtherOrganization { .. }), "{error}");
    fs::remove_dir_all(sink).unwrap();
    prepare_sink(sink, ORGANIZATION).unwrap();
    prepare_sink(sink, ORGANIZATION).unwrap();
    fs::remove_dir(sink.join("inbox")).unwrap();
    fs::write(sink.join("inbox"), "").unwrap();
    check(&case, "failed to write into the sink `SINK`");
    fs::remove_file(sink.join("inbox")).unwrap();
    fs::create_dir(sink.join("inbox")).unwrap();
    assert_eq!(case.flush(), (1, 3, 0));
    assert_eq!(files(sink).len(), 2, "{:?}", files(sink));
}
