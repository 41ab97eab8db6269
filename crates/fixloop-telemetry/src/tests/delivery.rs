//! Kills at every moment: what was acknowledged is collected, once.
//!
//! Children are real processes on one spool, one sink and one store. Each is ended once at every step that it takes with a file, and at
//! moments that a seed chooses from outside.

use std::env;
use std::fs;
use std::process::{Child, Command, Stdio};

use super::steps::STEPS;
use super::*;
use crate::SpoolError;
use crate::spool::cursor::Cursor;

/// Everything that these tests write stays.
const LARGE: Limits = Limits { max_bytes: 50_000_000, segment_bytes: 30_000, ..SMALL };
const FOLDER: &str = "FIXLOOP_TEST_DELIVERY";
const ROLE: &str = "FIXLOOP_TEST_ROLE";
const KILLS: &str = "FIXLOOP_TEST_KILLS";

fn spool_of(folder: &Path) -> PathBuf {
    folder.join("spool")
}

/// A store on disk that is as careful as a database: a batch's events are there together or not at all.
fn take_durably(store: &Path, batch: &Batch) -> Taken {
    let path = store.join(batch.header.batch_id.to_string());
    if path.exists() {
        return Taken::AlreadyTaken;
    }
    let ids: Vec<String> = batch.events.iter().map(|it| it.event_id.to_string()).collect();
    let partial = store.join(format!("{}.{}", std::process::id(), batch.header.batch_id));
    fs::write(&partial, ids.join("\n")).unwrap();
    fs::rename(partial, path).unwrap();
    Taken::Stored
}

/// The ids in the store, each once: events are inserted by id.
fn stored(store: &Path) -> BTreeSet<String> {
    let is_batch = |it: &PathBuf| it.extension().is_none();
    let texts = files(store).into_iter().filter(is_batch).map(|it| fs::read_to_string(it).unwrap());
    texts.flat_map(|it| it.lines().map(ToOwned::to_owned).collect::<Vec<_>>()).collect()
}

fn collect_durably(folder: &Path) {
    let store = folder.join("store");
    let mut take = |batch: &Batch| Ok::<_, Infallible>(take_durably(&store, batch));
    crate::collect(&folder.join("sink"), ORGANIZATION, &key(), &mut take).unwrap();
}

/// The body of a child process; nothing when the tests run as usual.
#[test]
fn child() {
    let (Some(folder), Ok(role)) = (env::var_os(FOLDER), env::var(ROLE)) else { return };
    let folder = PathBuf::from(folder);
    match &*role {
        "flush" => {
            flush(&spool_of(&folder), &sink(&folder.join("sink"))).unwrap();
        }
        "collect" => collect_durably(&folder),
        "write" => loop {
            // Another process may hold the lock: the next round brings it.
            match Spool::open(spool_of(&folder), LARGE) {
                Err(error) => assert!(matches!(error, SpoolError::Busy), "{error}"),
                Ok(mut spool) => append_or_wait(&mut spool, 40),
            }
            if let Err(error) = flush(&spool_of(&folder), &sink(&folder.join("sink"))) {
                assert!(matches!(error, FlushError::Spool(SpoolError::Busy)), "{error}");
            }
        },
        _ => loop {
            collect_durably(&folder);
        },
    }
}

fn append_or_wait(spool: &mut Spool, n: i64) {
    for at in 0..n {
        let appended = spool.append(new_event(at * SECOND, Kind::Hover)).unwrap();
        assert!(matches!(appended, Appended::Written | Appended::Waiting));
    }
}

/// A child that is killed at the end, also of a test that fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // One that ended by itself cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(folder: &Path, role: &str, steps: Option<u64>) -> Killed {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "tests::delivery::child", "--quiet"]);
    command.env(FOLDER, folder).env(ROLE, role);
    if let Some(steps) = steps {
        command.env(STEPS, steps.to_string());
    }
    Killed(command.stdout(Stdio::null()).spawn().unwrap())
}

fn place() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    sink(&folder.path().join("sink"));
    fs::create_dir(folder.path().join("store")).unwrap();
    folder
}

/// What the spool says is flushed is in the store or still in the inbox; and nothing is in the store that never was.
#[track_caller]
fn check_acknowledged(folder: &Path) {
    // In this order, since editors and collectors may go on meanwhile.
    let cursor = acknowledged(folder);
    collect_durably(folder);
    let store = stored(&folder.join("store"));
    let events = crate::read(&spool_of(folder)).unwrap().events;
    for event in events.iter().filter(|it| it.seq <= cursor) {
        assert!(store.contains(&event.event_id.to_string()), "{} of {cursor} is lost", event.seq);
    }
    let known: BTreeSet<String> = events.iter().map(|it| it.event_id.to_string()).collect();
    assert!(store.is_subset(&known));
}

/// In the end everything is there, once.
#[track_caller]
fn check_all(folder: &Path) {
    check_acknowledged(folder);
    flush(&spool_of(folder), &sink(&folder.join("sink"))).unwrap();
    check_acknowledged(folder);
    let events = crate::read(&spool_of(folder)).unwrap().events;
    assert_eq!(stored(&folder.join("store")).len(), events.len());
    let left = files(&folder.join("sink/inbox"));
    assert!(left.iter().all(|it| it.extension().is_some_and(|it| it == "partial")), "{left:?}");
}

#[test]
fn a_flush_that_ends_at_any_step_loses_nothing() {
    let mut n_steps = 0;
    loop {
        let folder = place();
        let folder = folder.path();
        // Two batches: the second begins with another source.
        append(&mut Spool::open(spool_of(folder), LARGE).unwrap(), 3);
        fs::write(spool_of(folder).join("identity"), "").unwrap();
        append(&mut Spool::open(spool_of(folder), LARGE).unwrap(), 2);
        let status = spawn(folder, "flush", Some(n_steps)).0.wait().unwrap();
        check_all(folder);
        if status.success() {
            break;
        }
        n_steps += 1;
    }
    assert!(n_steps > 15, "{n_steps}");
}

#[test]
fn a_collector_that_ends_at_any_step_loses_nothing() {
    let folder = place();
    let folder = folder.path();
    let destination = sink(&folder.join("sink"));
    let mut n_steps = 0;
    loop {
        for _ in 0..2 {
            append(&mut Spool::open(spool_of(folder), LARGE).unwrap(), 3);
            flush(&spool_of(folder), &destination).unwrap();
        }
        fs::write(folder.join("sink/inbox/forged.batch"), "hello").unwrap();
        let status = spawn(folder, "collect", Some(n_steps)).0.wait().unwrap();
        if status.success() {
            break;
        }
        n_steps += 1;
    }
    assert!(n_steps > 5, "{n_steps}");
    check_all(folder);
    assert!(files(&folder.join("sink/refused")).iter().all(|it| fs::read(it).unwrap().len() >= 5));
}

/// Two editors and two collectors at once, each killed and started again at a progress that the seed chooses.
#[test]
fn killed_editors_and_collectors_lose_nothing_and_count_nothing_twice() {
    let folder = place();
    let folder = folder.path();
    let roles = ["write", "collect forever", "write", "collect forever"];
    let mut children: Vec<Killed> = roles.iter().map(|it| spawn(folder, it, None)).collect();
    let mut seed: u64 = 1;
    // More of them by hand.
    let n_kills = env::var(KILLS).map_or(12, |it| it.parse().unwrap());
    for round in 0..n_kills {
        // Knuth's generator: any fixed order does.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let enough = acknowledged(folder) + (seed >> 33) % 60;
        while acknowledged(folder) <= enough {
            for child in &mut children {
                assert!(child.0.try_wait().unwrap().is_none(), "a child ended by itself");
            }
        }
        let at = usize::try_from(seed >> 40).unwrap() % children.len();
        // The one before is killed when the new one takes its place.
        children[at] = spawn(folder, roles[at], None);
        if round % 6 == 5 {
            check_acknowledged(folder);
        }
    }
    drop(children);
    check_all(folder);
}

/// The number up to which the spool says that everything is flushed.
fn acknowledged(folder: &Path) -> u64 {
    Cursor::load(&spool_of(folder)).unwrap().map_or(0, |it| it.seq)
}
