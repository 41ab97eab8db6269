//! Mirrors that vanished, and databases that somebody else wrote.

use super::*;

/// Removes the mirror of a team.
fn lose(it: &Programme, team: &str) {
    let fleet = fs::read_dir(it.data().join("fleet")).expect("as the test made it");
    let is_of_it = |path: &PathBuf| {
        path.file_name()
            .expect("as the test made it")
            .to_str()
            .expect("as the test made it")
            .starts_with(&format!("{team}-"))
    };
    let mirror = fleet
        .map(|it| it.expect("as the test made it").path())
        .find(is_of_it)
        .expect("there is one");
    fs::remove_dir_all(mirror).expect("as the test made it");
}

#[test]
fn a_mirror_that_vanished_is_unknown_and_not_clean() {
    let it = Programme::supported();
    lose(&it, "web");
    let output = it.run(&["hypothesis", "evidence", "problem-3"]);
    assert_exit(&output, 2);
    let said = it.plain(&stderr(&output));
    assert!(said.starts_with("unknown: web: "), "{said}");
    let output = it.run(&["okr", "show", "kr-1"]);
    assert!(stderr(&output).starts_with("unknown: web: "), "{}", stderr(&output));
    for team in &TEAMS[1..] {
        lose(&it, team);
    }
    let said = it.refused(&["hypothesis", "evidence", "problem-3"]);
    assert!(said.contains("error: no repository could be read"), "{said}");
    // Nothing of it was filed.
    let evidence = it.json(&["hypothesis", "show", "problem-3"]);
    assert_eq!(evidence["evidence"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_look_is_not_taken_without_a_drawn_teams_mirror() {
    let it = Programme::running();
    lose(&it, "web");
    let look = |now: &str| {
        let mut command = it.command(&["experiment", "look", "experiment-1"]);
        command.env("FIXLOOP_NOW", now).output().unwrap()
    };
    let output = look("2025-01-15T12:00:00Z");
    assert_exit(&output, 2);
    let said = it.plain(&stderr(&output));
    assert!(
        said.contains(
            "error: the look of day 14 cannot be taken: the mirror of web cannot be read"
        ),
        "{said}"
    );
    assert_eq!(it.json(&["readout", "show"]), serde_json::json!([]));
}

fn database(it: &Programme) -> PathBuf {
    it.data().join(fixloop_store::FILE)
}

#[test]
fn a_data_directory_of_a_newer_build_is_left_alone() {
    let it = Programme::started();
    let mut bytes = fs::read(database(&it)).unwrap();
    // SQLite's user version, https://www.sqlite.org/fileformat2.html section 1.3.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(database(&it), &bytes).unwrap();
    insta::assert_snapshot!(it.refused(&["okr", "show"]), @"
    error: the data directory is of a newer build: schema 99, this build knows up to 1

    hint: use the fixloop that wrote it, or a later one; nothing was changed
    ");
    insta::assert_snapshot!(it.refused(&["okr", "activate", "kr-1"]), @"
    error: the data directory is of a newer build: schema 99, this build knows up to 1

    hint: use the fixloop that wrote it, or a later one; nothing was changed
    ");
}

#[test]
fn an_edited_entry_is_found_by_every_command() {
    let it = Programme::started();
    let mut bytes = fs::read(database(&it)).unwrap();
    let (from, to) = (b"fix vulnerable packages faster", b"fix vulnerable packages slower");
    // Wherever it stands: a page that was split leaves an old copy.
    let is_it = |it: &usize| bytes[*it..].starts_with(from);
    let places: Vec<usize> = (0..bytes.len()).filter(is_it).collect();
    assert!(!places.is_empty(), "it is stored so");
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to);
    }
    fs::write(database(&it), &bytes).unwrap();
    let expected = it.refused(&["okr", "show"]);
    insta::assert_snapshot!(expected, @"
    error: entry 1 of the record is not what was written: its hash is of something else

    hint: somebody changed the database by hand, or the disk failed: bring fixloop.sqlite back from a backup; nothing is repaired by itself
    ");
    for command in [&["hypothesis", "show"][..], &["policy", "build"], &["okr", "check", "kr-1"]] {
        assert_eq!(it.refused(command), expected, "{command:?}");
    }
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let it = Programme::listed();
    fs::create_dir_all(it.data()).unwrap();
    fs::write(database(&it), "notes\n".repeat(1_000)).unwrap();
    insta::assert_snapshot!(it.refused(&["okr", "show"]), @"
    error: failed to open the database `FOLDER/data/fixloop.sqlite`: error returned from database: (code: 26) file is not a database: (code: 26) file is not a database

    hint: is the disk full, the folder read-only, or the file another program's? nothing of this step was kept; do it again once that is mended
    ");
}
