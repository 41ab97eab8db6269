//! A disk that is full or read-only, and files that are no database: said in words, and what was kept stays.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use super::*;

const FOLDER: &str = "FIXLOOP_STORE_TEST_DISK";

/// An error with its causes, as a command prints it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(it) = next {
        text.push_str(": ");
        text.push_str(&it.to_string());
        next = it.source();
    }
    text
}

/// Runs one test of this binary on a disk of its own, which goes with the process; no where this machine does not allow that.
fn on_own_disk(options: &str, test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("mount -t tmpfs -o {options} fixloop \"${FOLDER}\" && exec \"$0\" \"$@\"");
    let can = Command::new("unshare")
        .args(["-m", "sh", "-c", &script, "true"])
        .env(FOLDER, folder.path())
        .output();
    if !can.is_ok_and(|it| it.status.success()) {
        let said = "SKIPPED: a full disk needs the right to mount one (unshare -m, mount -t tmpfs)";
        writeln!(io::stderr(), "{said}").unwrap();
        return false;
    }
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{text}");
    true
}

fn fills_its_disk(folder: &Path) {
    let mut store = Store::open(folder).unwrap();
    let mut n_kept = 0;
    let error = loop {
        let statement = format!("{n_kept} {}", "x".repeat(3_000));
        match store.change(&author("a"), |it| objective(it, &statement)) {
            Ok(_) => n_kept += 1,
            Err(error) => break error,
        }
    };
    let text = chain(&error);
    assert!(text.starts_with("the database failed at writing the record: "), "{text}");
    assert!(text.contains("database or disk is full"), "{text}");
    let ids: Vec<StoredEvent> =
        (0..400).map(|it| event(&format!("{it} {}", "x".repeat(2_000)), 1)).collect();
    let text = chain(&store.take(&batch("1", ids)).unwrap_err());
    assert!(text.contains("the database failed at taking in a batch"), "{text}");
    // What was acknowledged is there, nothing else is, and once there is room it goes on.
    assert_eq!(store.record().unwrap().objectives.len(), n_kept);
    assert_eq!(store.events(i64::MAX).unwrap(), []);
    drop(store);
    fs::remove_file(folder.join("ballast")).unwrap();
    let mut store = Store::open(folder).unwrap();
    assert_eq!(store.record().unwrap().objectives.len(), n_kept);
    store.change(&author("a"), |it| objective(it, "room again")).unwrap();
}

#[test]
#[ignore = "the child of the test below, on a disk of its own"]
fn fills_its_disk_beside_ballast() {
    let folder = env::var(FOLDER).expect("run by its parent");
    fs::write(Path::new(&folder).join("ballast"), vec![1; 1 << 20]).unwrap();
    fills_its_disk(Path::new(&folder));
}

#[test]
fn a_full_disk_keeps_what_was_acknowledged() {
    on_own_disk("size=3m", "tests::disk::fills_its_disk_beside_ballast");
}

#[test]
#[ignore = "the child of the test below, on a disk of its own"]
fn finds_its_disk_read_only() {
    let folder = env::var(FOLDER).expect("run by its parent");
    let folder = Path::new(&folder);
    let mut store = Store::open(folder).unwrap();
    store.change(&author("a"), |it| objective(it, "before")).unwrap();
    drop(store);
    // The database's own thread lets go of the file a moment after the store is dropped: until then the disk is busy.
    let mut remount = Command::new("mount");
    remount.args(["-o", "remount,ro"]).arg(folder);
    assert!((0..1_000).any(|_| remount.status().unwrap().success()));
    let error = Store::open(folder).err().map_or_else(
        || {
            let mut store = Store::open(folder).unwrap();
            assert_eq!(store.record().unwrap().objectives.len(), 1);
            chain(&store.change(&author("a"), |it| objective(it, "after")).unwrap_err())
        },
        |it| chain(&it),
    );
    assert!(error.contains("database"), "{error}");
    assert!(error.contains("readonly") || error.contains("unable to open"), "{error}");
}

#[test]
fn a_read_only_disk_is_said() {
    on_own_disk("size=3m", "tests::disk::finds_its_disk_read_only");
}

#[test]
fn what_is_no_data_directory_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    fs::write(&path, "somebody's notes, and more than a page of them\n".repeat(200)).unwrap();
    let before = fs::read(&path).unwrap();
    let text = chain(&Store::open(folder.path()).err().unwrap());
    assert!(text.contains("file is not a database"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
    // A file where the folder should be.
    let text = chain(&Store::open(&path).err().unwrap());
    assert!(text.starts_with("failed to make the data directory"), "{text}");
}

#[test]
fn a_chain_that_lacks_a_link_is_found() {
    for (edit, expected) in [
        ("delete from entry where seq = 2", "entry 3 of the record is not what was written"),
        ("delete from entry where seq = 1", "entry 2 of the record is not what was written"),
        ("update entry set seq = 9 where seq = 3", "it calls itself 3"),
        ("update entry set hash = 'x' where seq = 2", "entry 2 of the record"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        for statement in ["one", "two", "three"] {
            store.change(&author("a"), |it| objective(it, statement)).unwrap();
        }
        store.runtime.block_on(sqlx::query(edit).execute(&mut store.connection)).unwrap();
        let text = chain(&store.record().unwrap_err());
        assert!(text.contains(expected), "{edit}: {text}");
        // Nobody writes on top of it.
        let error = store.change(&author("a"), |it| objective(it, "four")).unwrap_err();
        assert!(matches!(error, ChangeError::Store(_)), "{edit}");
    }
}
