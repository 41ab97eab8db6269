//! Importing advisories, and indexes that are none.

use super::*;

fn record(id: &str, name: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2024-01-01T00:00:00Z", "summary": "a test", "affected": [{{"package": {{"ecosystem": "PyPI",
        "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "2.0"}}]}}]}}]}}"#
    )
}

/// What was printed, without the path of this run.
fn shown(output: &Output, folder: &Path) -> String {
    format!("{}{}", stdout(output), stderr(output))
        .replace(folder.to_str().expect("a plain path"), "FOLDER")
}

#[test]
fn import_then_scan_then_info() {
    let folder = folder(&[
        ("records/A-1.json", record("A-1", "alpha").as_bytes()),
        ("records/cut.json", b"{\"id\": "),
        ("records/readme.md", b"# none"),
        ("project/requirements.txt", b"Alpha==1.0\nbeta==1.0\n"),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let index = at("new/folder/index");
    let imported = fixloop(&["db", "import", &at("records"), "--index", &index]);
    assert_exit(&imported, 2);
    insta::assert_snapshot!(shown(&imported, folder.path()), @r"
    read 1 records, 0 of them withdrawn (kept, not matched)
             1 file      neither JSON nor zip nor tar.zst: .md
    could not be read: 1
      FOLDER/records/cut.json: not an OSV record: EOF while parsing a value at line 1 column 7
    wrote 1 records, 1 KiB: FOLDER/new/folder/index
    ");

    let scanned = fixloop(&["scan", &at("project"), "--index", &index]);
    assert_exit(&scanned, 1);
    insta::assert_snapshot!(shown(&scanned, folder.path()), @r"
    UNRATED      Alpha 1.0 → 2.0  PyPI
        requirements.txt:1:8
        A-1 no rating
          a test

    1 vulnerable of 2 components in 1 file; 1 fixed by an upgrade
    1 advisories as of 2024-01-01: FOLDER/new/folder/index
    ");

    let info = fixloop(&["db", "info", "--index", &index, "--format", "json"]);
    assert_exit(&info, 0);
    assert_eq!(json(&info)["ecosystems"]["PyPI"]["packages"], 1);
}

#[test]
fn an_import_of_nothing_leaves_the_index_as_it_was() {
    let folder =
        folder(&[("A-1.json", record("A-1", "alpha").as_bytes()), ("empty/notes.md", b"")]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let index = at("index");
    assert_exit(&fixloop(&["db", "import", &at("A-1.json"), "--index", &index]), 0);
    let before = fs::read(&index).unwrap();
    let output = fixloop(&["db", "import", &at("empty"), "--index", &index]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("the index is left as it was"), "{}", stderr(&output));
    assert_eq!(fs::read(&index).unwrap(), before);
}

#[test]
fn an_index_that_is_none_is_an_error_that_says_what_to_do() {
    let folder = folder(&[
        ("foreign", b"PK\x03\x04 an archive"),
        ("empty", b""),
        ("A-1.json", record("A-1", "alpha").as_bytes()),
        ("requirements.txt", GOOD),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    assert_exit(&fixloop(&["db", "import", &at("A-1.json"), "--index", &at("whole")]), 0);
    let whole = fs::read(at("whole")).unwrap();
    fs::write(at("cut"), &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(at("damaged"), &damaged).unwrap();
    for (name, reason) in [
        ("foreign", "not a fixloop index"),
        ("empty", "not a fixloop index"),
        ("cut", "cut short"),
        ("missing", "No such file"),
    ] {
        let output = fixloop(&["scan", folder.path().to_str().unwrap(), "--index", &at(name)]);
        assert_exit(&output, 2);
        let said = stderr(&output);
        assert!(
            said.contains(reason) && said.contains("fixloop db import") && said.contains(name),
            "{name}: {said}"
        );
        assert_eq!(stdout(&output), "");
    }
    let output = fixloop(&["db", "info", "--index", &at("damaged")]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("damaged"), "{}", stderr(&output));
}

/// Two processes write one index: each ends well, and the file is whole.
#[test]
fn two_imports_at_once_leave_a_whole_index() {
    let folder = folder(&[
        ("A-1.json", record("A-1", "alpha").as_bytes()),
        ("B-1.json", record("B-1", "beta").as_bytes()),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let index = at("index");
    std::thread::scope(|scope| {
        for name in ["A-1.json", "B-1.json"] {
            let (record, index) = (at(name), &index);
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_exit(&fixloop(&["db", "import", &record, "--index", index]), 0);
                }
            });
        }
    });
    let info = fixloop(&["db", "info", "--index", &index, "--format", "json"]);
    assert_exit(&info, 0);
    assert_eq!(json(&info)["records"], 1);
}

#[test]
fn the_starter_index_can_be_looked_at() {
    let info = fixloop(&["db", "info"]);
    assert_exit(&info, 0);
    assert!(
        stdout(&info).starts_with("starter index, embedded in this binary"),
        "{}",
        stdout(&info)
    );
}

#[test]
fn a_checkout_is_read_without_what_git_keeps() {
    let folder = folder(&[
        ("database/.git/index.json", b"{"),
        ("database/advisories/2024/A-1.json", record("A-1", "alpha").as_bytes()),
        ("database/crates/RUSTSEC-2024-0001.md", b"# no JSON"),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let imported = fixloop(&["db", "import", &at("database"), "--index", &at("index")]);
    assert_exit(&imported, 0);
    assert!(stdout(&imported).contains("neither JSON nor zip nor tar.zst: .md"), "{imported:?}");
    assert!(stdout(&imported).contains("wrote 1 records"), "{imported:?}");
}

#[test]
fn files_of_another_shape_are_no_urgency() {
    let folder =
        folder(&[("A-1.json", record("A-1", "alpha").as_bytes()), ("page.html", b"<html>")]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (option, expected) in [
        ("--kev", "is not the catalog of known exploited vulnerabilities"),
        ("--epss", "line 1: expected the columns `cve` and `epss`"),
    ] {
        let output = fixloop(&["db", "import", option, &at("page.html"), "--index", &at("index")]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{output:?}");
        assert!(!folder.path().join("index.urgency").exists());
    }
    let output = fixloop(&["db", "import", "--index", &at("index")]);
    assert_exit(&output, 2);
}
