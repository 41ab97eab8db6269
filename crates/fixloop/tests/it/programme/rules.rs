//! Rules in the record, in treatments and in the bundle.

use super::*;

const RULE: &str = "schema = 'fixloop.rule/1'\nid = 'no-latest'\ntitle = 'An image without a version'\nfiles = ['Dockerfile']\nformat = 'text'\n\
    good = 'FROM a:1'\nbad = 'FROM a:latest'\n[when]\nmatches = ':latest'\n";

#[test]
fn a_rule_is_recorded_named_and_published() {
    let it = Programme::supported();
    let file = it.folder.path().join("r.toml");
    fs::write(&file, RULE).expect("writable");
    let file = file.to_str().expect("a plain path").to_owned();
    let output = it.run(&[
        "treatment",
        "create",
        "--name",
        "n",
        "--moment",
        "present",
        "--rule",
        "no-latest",
    ]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(stderr(&output), @r"
    error: there is no rule `no-latest`

    hint: fixloop rule add FILE adds one; there is `dependency-confusion`
    ");
    let output = it.run(&["rule", "add", &file]);
    assert_exit(&output, 0);
    assert_eq!(stdout(&output), "rule-1  version 1  no-latest: An image without a version\n");
    assert_exit(&it.run(&["rule", "add", &file]), 2);
    let output = it.run(&[
        "treatment",
        "create",
        "--name",
        "n",
        "--moment",
        "present",
        "--rule",
        "no-latest",
    ]);
    assert_exit(&output, 0);
    assert_exit(&it.run(&["policy", "build"]), 0);
    let bundle = || {
        let file = fs::read_to_string(it.data().join("policy/bundle.json")).expect("a bundle");
        let payload: serde_json::Value = serde_json::from_str(&file).expect("an envelope");
        payload
    };
    let before = bundle();
    // Another text is published at once.
    fs::write(&file, RULE.replace("without a version", "at no version")).expect("writable");
    let output = it.run(&["rule", "add", &file, "--format", "json"]);
    assert_exit(&output, 0);
    let rule = json(&output);
    assert_eq!((&rule["id"], &rule["version"]), (&"rule-1".into(), &2.into()));
    assert_ne!(before["payload"], bundle()["payload"]);
    let output = it.run(&["rule", "show", "no-latest"]);
    assert!(stdout(&output).contains("matches = ':latest'"), "{}", stdout(&output));
    let output = it.run(&["rule", "list"]);
    assert_eq!(stdout(&output), "rule-1  version 2  no-latest: An image at no version\n");
    assert_exit(&it.run(&["rule", "show", "nothing"]), 2);
}
