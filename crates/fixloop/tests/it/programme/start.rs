//! `fixloop start`: the newcomer's one command.

use super::*;

#[test]
fn a_list_becomes_a_baseline_and_the_first_evidence() {
    let it = Programme::listed();
    let text = it.plain(&it.start());
    for line in [
        "kr-1  draft",
        "problem-1 reads: ",
        "problem-2 reads: ",
        "Next, with --data-dir FOLDER/data (or FIXLOOP_DATA):",
        "fixloop okr check kr-1",
        "fixloop hypothesis verdict problem-1",
        "fixloop program report",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let key_result = it.json(&["okr", "show", "kr-1"]);
    assert_eq!(key_result["baseline"]["n_events"], 40);
    assert_eq!(key_result["plan"]["owner"], "Laura");
    let problem = it.json(&["hypothesis", "show", "problem-2"]);
    assert_eq!(problem["state"], "gathering");
    assert_eq!(problem["evidence"][0]["answer"]["n"], 40.0);
    // Again: the mirrors are brought up to date, and what is recorded stays.
    let again = it.start();
    assert!(again.contains("kr-1 is recorded already"), "{again}");
    assert_eq!(it.json(&["hypothesis", "show"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn a_repository_that_cannot_be_read_is_said_and_stops_no_other() {
    let it = Programme::listed();
    let list = fs::read_to_string(it.path("list.csv")).unwrap();
    let nowhere = it.path("nowhere");
    fs::write(it.path("list.csv"), format!("{list}gone,file://{nowhere},ops\n")).unwrap();
    let output = it.run(&["start", &it.path("list.csv"), "--advisories", &it.path("records")]);
    assert_exit(&output, 2);
    assert!(stdout(&output).contains("kr-1  draft"), "{}", stdout(&output));
    assert!(stderr(&output).contains("unknown: gone: "), "{}", stderr(&output));
}

#[test]
fn a_command_without_a_data_directory_says_how_to_make_one() {
    let it = Programme::listed();
    insta::assert_snapshot!(it.refused(&["okr", "show"]), @"
    error: `FOLDER/data` is no data directory

    hint: fixloop start FILE makes one of a list of repositories; --data-dir names another
    ");
    assert!(!it.data().exists());
}

#[test]
fn a_list_that_cannot_be_used_leaves_nothing_behind() {
    let it = Programme::listed();
    let said = it.refused(&["start", &it.path("none.csv")]);
    assert!(said.starts_with("error: failed to read `FOLDER/none.csv`"), "{said}");
    assert!(!it.data().exists());
}

#[test]
fn shown_is_what_was_asked_for() {
    let it = Programme::running();
    let rings = it.json(&["ring", "show"]);
    assert_eq!(rings.as_array().map(|it| it[0]["id"].clone()), Some("ring-1".into()));
    assert_eq!(it.json(&["ring", "show", "ring-1"])["id"], "ring-1");
    insta::assert_snapshot!(it.refused(&["ring", "show", "problem-1"]), @"
    error: `problem-1` is no ring

    hint: name one such as ring-1
    ");
    insta::assert_snapshot!(it.done(&["decision", "show"]), @"no decision is recorded yet");
}
