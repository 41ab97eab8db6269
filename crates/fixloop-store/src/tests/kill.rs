//! `kill -9` at any moment: what was acknowledged is there, once, and whole.
//!
//! Children are this test binary with one test of it, [`writes_until_it_is_killed`], which says on standard output what it was told is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::hint::spin_loop;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

const FOLDER: &str = "FIXLOOP_STORE_TEST_FOLDER";
const NAME: &str = "FIXLOOP_STORE_TEST_NAME";

/// Events of each batch: it is stored whole or not at all.
const EVENTS: usize = 3;

fn frozen(name: &str) -> Vec<u8> {
    format!("the file of {name}\n").repeat(50).into_bytes()
}

#[test]
#[ignore = "the child of the other tests here"]
fn writes_until_it_is_killed() {
    let folder = env::var(FOLDER).expect("run by its parent");
    let name = env::var(NAME).expect("run by its parent");
    let mut store = Store::open(Path::new(&folder)).unwrap();
    let mut out = io::stdout();
    for n in 0.. {
        let statement = format!("{name}.{n}");
        let changed = store.change(&author("a"), |record| {
            let files = vec![frozen(&statement)];
            Ok(Writing { files, changes: vec![objective(record, &statement)?] })
        });
        changed.unwrap();
        writeln!(out, "entry {statement}").unwrap();
        let events = (0..EVENTS).map(|it| event(&format!("{statement}-{it}"), 1)).collect();
        store.take(&batch(&statement, events)).unwrap();
        writeln!(out, "batch {statement}").unwrap();
    }
}

fn child(folder: &Path, name: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::kill::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(NAME, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// xorshift: the same moments in every run, as far as a scheduler allows.
struct Seed(u64);

impl Seed {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Waits for so many acknowledgements and a moment, kills, and tells all that was acknowledged.
fn killed(mut child: Child, seed: &mut Seed) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    let mut acknowledged = Vec::new();
    let wanted = seed.below(6);
    let is_ours = |it: &str| it.starts_with("entry ") || it.starts_with("batch ");
    while (acknowledged.len() as u64) < wanted {
        let line = String::from_utf8(lines.next().expect("it lives").unwrap()).unwrap();
        acknowledged.extend(Some(line).filter(|it| is_ours(it)));
    }
    for _ in 0..seed.below(3_000_000) {
        spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // A line that was cut tells nothing: none is, since a line is one write.
    let rest = lines.map(|it| String::from_utf8(it.unwrap()).unwrap());
    acknowledged.extend(rest.filter(|it| is_ours(it)));
    acknowledged
}

/// Reads all of the folder, and holds it against what was acknowledged by the children so far.
fn check(folder: &Path, acknowledged: &BTreeSet<String>, n_killed: usize) {
    let mut store = Store::open(folder).unwrap();
    // The chain and the rules of the record.
    let record = store.record().unwrap();
    let mut statements = BTreeMap::new();
    for it in record.objectives.values() {
        *statements.entry(it.statement.clone()).or_insert(0) += 1;
        let bytes = frozen(&it.statement);
        assert_eq!(store.file(&digest(&bytes)).unwrap(), Some(bytes), "{}", it.statement);
    }
    let mut batches = BTreeMap::new();
    for it in store.events(i64::MAX).unwrap() {
        let (of, _) = it.event_id.rsplit_once('-').unwrap();
        *batches.entry(of.to_owned()).or_insert(0) += 1;
    }
    assert!(statements.values().all(|it| *it == 1), "{statements:?}");
    assert!(batches.values().all(|it| *it == EVENTS), "{batches:?}");
    let mut n_found = 0;
    for line in acknowledged {
        let (kind, name) = line.split_once(' ').unwrap();
        let kept = if kind == "entry" { &statements } else { &batches };
        assert!(kept.contains_key(name), "{line} was acknowledged and is not there");
        n_found += 1;
    }
    // A child that was killed may have kept one thing more than it could say.
    assert!(statements.len() + batches.len() <= n_found + n_killed);
}

#[test]
fn what_was_acknowledged_survives_kills_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (mut seed, mut acknowledged) = (Seed(0x5eed_0008), BTreeSet::new());
    for n in 1..=25 {
        let said = killed(child(folder.path(), &n.to_string()), &mut seed);
        acknowledged.extend(said);
        check(folder.path(), &acknowledged, n);
    }
    assert!(acknowledged.len() > 25, "{}", acknowledged.len());
}

#[test]
fn several_processes_that_are_killed_lose_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut seed, mut acknowledged) = (Seed(0x5eed_0088), BTreeSet::new());
    let mut n_killed = 0;
    for round in 0..4 {
        let children: Vec<Child> =
            (0..3).map(|it| child(folder.path(), &format!("{round}{it}"))).collect();
        for child in children {
            acknowledged.extend(killed(child, &mut seed));
            n_killed += 1;
        }
        check(folder.path(), &acknowledged, n_killed);
    }
}

/// Decisions are made on what is there: of many that want to be the only one, one is.
#[test]
fn of_several_processes_that_want_to_be_first_one_is() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let first = |record: &Record, name: &str| {
        if record.objectives.is_empty() {
            return objective(record, name);
        }
        Err(Refusal::new("somebody was first", "look at it"))
    };
    let won: usize = thread::scope(|scope| {
        let run = |n: usize| {
            let folder = folder.path();
            scope.spawn(move || {
                let mut store = Store::open(folder).unwrap();
                let done = store.change(&author("a"), |it| first(it, &n.to_string()));
                assert!(matches!(done, Ok(_) | Err(ChangeError::Refused(_))));
                usize::from(done.is_ok())
            })
        };
        let threads: Vec<_> = (0..6).map(run).collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(won, 1);
    assert_eq!(Store::open(folder.path()).unwrap().record().unwrap().objectives.len(), 1);
}
