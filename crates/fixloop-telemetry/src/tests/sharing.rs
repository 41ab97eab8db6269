//! Several processes on one spool: threads with a handle each, and real processes that are killed.

use std::env;
use std::fs::{self, File};
use std::process::{Child, Command};
use std::thread;

use super::*;
use crate::SpoolError;

/// Room for everything these tests write.
const LARGE: Limits = Limits { max_bytes: 50_000_000, segment_bytes: 30_000, ..SMALL };

/// As soon as the others let us.
fn open_large(folder: &Path) -> Spool {
    loop {
        match Spool::open(folder, LARGE) {
            Err(SpoolError::Busy) => {}
            opened => return opened.unwrap(),
        }
    }
}

/// Until the others let us.
fn sync(spool: &mut Spool) {
    while let Err(error) = spool.sync() {
        assert!(matches!(error, SpoolError::Busy), "{error}");
    }
}

#[test]
fn an_append_waits_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    append(&mut spool, 1);
    let other = File::options().read(true).write(true).open(folder.path().join("lock")).unwrap();
    other.lock().unwrap();
    assert_eq!(spool.append(new_event(SECOND, Kind::AlertShown)).unwrap(), Appended::Waiting);
    assert_eq!(spool.append(new_event(2 * SECOND, Kind::Hover)).unwrap(), Appended::Waiting);
    assert_eq!(seqs(folder.path()), [1]);
    other.unlock().unwrap();
    assert_eq!(spool.append(new_event(3 * SECOND, Kind::Hover)).unwrap(), Appended::Written);
    let events = spool.events().unwrap().events;
    assert_eq!(events.len(), 4);
    assert!(events.windows(2).all(|it| it[0].at.occurred_at < it[1].at.occurred_at));
}

#[test]
fn what_waits_is_written_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let other = File::options().read(true).write(true).open(folder.path().join("lock")).unwrap();
    other.lock().unwrap();
    assert_eq!(spool.append(new_event(0, Kind::Hover)).unwrap(), Appended::Waiting);
    other.unlock().unwrap();
    drop(spool);
    assert_eq!(seqs(folder.path()), [1]);
}

#[test]
fn writers_in_threads_number_without_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut spool = open_large(folder);
                for at in 0..100 {
                    let became = spool.append(new_event(at * SECOND, Kind::Hover)).unwrap();
                    assert!(matches!(became, Appended::Written | Appended::Waiting));
                }
                sync(&mut spool);
            });
        }
    });
    let contents = crate::read(folder).unwrap();
    assert_eq!(
        (contents.events.len(), contents.n_lost, contents.n_torn, contents.n_dropped),
        (400, 0, 0, 0)
    );
    assert_eq!(seqs(folder), (1..=contents.events.len() as u64).collect::<Vec<_>>());
    let source = contents.events[0].source;
    assert!(contents.events.iter().all(|it| it.source == source));
    let mut ids: Vec<_> = contents.events.iter().map(|it| it.event_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), contents.events.len());
}

const FOLDER: &str = "FIXLOOP_TEST_SPOOL";
const N_EVENTS: &str = "FIXLOOP_TEST_EVENTS";

/// The body of a child process; nothing when the tests run as usual.
#[test]
fn child() {
    let (Some(folder), Ok(n)) = (env::var_os(FOLDER), env::var(N_EVENTS)) else { return };
    let mut spool = open_large(Path::new(&folder));
    for at in 0..n.parse().unwrap() {
        spool.append(new_event(at * SECOND, Kind::Hover)).unwrap();
        if at % 50 == 0 {
            sync(&mut spool);
        }
    }
    sync(&mut spool);
}

fn spawn(folder: &Path, n: i64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::sharing::child", "--quiet"])
        .env(FOLDER, folder)
        .env(N_EVENTS, n.to_string())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_share_one_row_of_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let children = [spawn(folder.path(), 150), spawn(folder.path(), 150)];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(seqs(folder.path()), (1..=300).collect::<Vec<u64>>());
}

/// Kills writers at whatever they are doing; those who come later go on, and nothing that was there is gone.
#[test]
fn killed_processes_cost_no_more_than_what_they_were_writing() {
    let folder = tempfile::tempdir().unwrap();
    let mut n_before = 0;
    for round in 1..=4 {
        let mut child = spawn(folder.path(), 1_000_000);
        while crate::read(folder.path()).unwrap().events.len() < n_before + 20 * round {
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let contents = crate::read(folder.path()).unwrap();
        assert!(contents.events.len() >= n_before);
        assert!(contents.n_torn <= round as u64 && contents.n_lost <= round as u64, "{contents:?}");
        n_before = contents.events.len();
    }
    append(&mut Spool::open(folder.path(), LARGE).unwrap(), 1);
    let contents = crate::read(folder.path()).unwrap();
    let last = contents.events.last().unwrap().seq;
    assert_eq!(contents.events.len() as u64 + contents.n_lost, last);
    assert!(contents.events.windows(2).all(|it| it[0].seq < it[1].seq));
    assert!(fs::read_dir(folder.path()).unwrap().count() < 500);
}
