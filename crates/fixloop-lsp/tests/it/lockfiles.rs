//! Lockfiles: what they resolve, what they bring in, and what happens when they change.

use std::fmt::Write;

use serde_json::json;

use crate::client::{Client, capabilities};

fn lockfile(packages: &[(&str, &str, &str)]) -> String {
    let mut text = String::from("{\"lockfileVersion\": 3, \"packages\": {");
    let direct: Vec<String> = packages
        .iter()
        .filter(|(.., by)| by.is_empty())
        .map(|(name, ..)| format!("\"{name}\": \"*\""))
        .collect();
    write!(text, "\"\": {{\"dependencies\": {{{}}}}}", direct.join(", ")).unwrap();
    for (name, version, _) in packages {
        let needs: Vec<String> = packages
            .iter()
            .filter(|(.., by)| by == name)
            .map(|(name, ..)| format!("\"{name}\": \"*\""))
            .collect();
        let needs = needs.join(", ");
        write!(
            text,
            ", \"node_modules/{name}\": {{\"version\": \"{version}\", \"dependencies\": {{{needs}}}}}"
        )
        .unwrap();
    }
    text.push_str("}}");
    text
}

const MANIFEST: &str =
    "{\n  \"dependencies\": {\n    \"express\": \"^4.0.0\",\n    \"lodash\": \"^4.17.0\"\n  }\n}\n";

#[test]
fn the_resolved_version_is_judged_and_what_it_brings_in() {
    let locked = lockfile(&[
        ("express", "4.18.0", ""),
        ("lodash", "4.17.15", ""),
        ("qs", "6.7.0", "express"),
    ]);
    let mut client = Client::new(&[("package-lock.json", &locked)]);
    client.open("package.json", MANIFEST);
    insta::assert_snapshot!(client.published("package.json").join("\n---\n"), @r"
    2:16-2:22 warning CVE-2022-24999
        express `^4.0.0` brings in 1 affected package:
        qs 6.7.0 has a known vulnerability of high severity: CVE-2022-24999, cleared by 6.7.3
    3:15-3:22 error CVE-2020-8203
        lodash 4.17.15 (locked in package-lock.json) has 2 known vulnerabilities, at worst high
        Prototype pollution through zipObjectDeep and related functions (CVE-2020-8203)
        4.17.21 is the nearest version that clears all advisories.
    ");
}

#[test]
fn a_lockfile_that_clears_a_requirement_shows_nothing_and_never_did() {
    let locked = lockfile(&[("express", "4.18.0", ""), ("lodash", "4.17.21", "")]);
    let mut client = Client::new(&[("package-lock.json", &locked)]);
    client.open("package.json", MANIFEST);
    assert_eq!(client.published("package.json"), [""; 0]);
}

#[test]
fn what_is_typed_goes_before_a_lockfile_that_does_not_know_it() {
    let locked = lockfile(&[("lodash", "4.17.21", "")]);
    let mut client = Client::new(&[("package-lock.json", &locked)]);
    client.open("package.json", MANIFEST);
    client.change("package.json", 2, &[("3:15", "3:22", "4.17.15")]);
    let shown = client.published("package.json");
    assert!(shown.len() == 1 && shown[0].contains("lodash 4.17.15 has"), "{shown:?}");
}

#[test]
fn an_install_in_a_terminal_is_told_once() {
    let before = lockfile(&[("lodash", "4.17.21", "")]);
    let mut client = Client::new(&[("package-lock.json", &before)]);
    client.open("package.json", MANIFEST);
    assert_eq!(client.messages(), [""; 0]);
    let after = lockfile(&[
        ("express", "4.18.0", ""),
        ("lodash", "4.17.15", ""),
        ("qs", "6.7.0", "express"),
        ("minimist", "1.2.0", "express"),
    ]);
    // Half of it for a moment.
    client.write("package-lock.json", &after[..after.len() / 2]);
    client.changed_on_disk(&["package-lock.json"]);
    client.write("package-lock.json", &after);
    client.changed_on_disk(&["package-lock.json"]);
    insta::assert_snapshot!(client.messages().join("\n"), @"package-lock.json: lodash 4.17.15, minimist 1.2.0, qs 6.7.0 came in and are vulnerable");
    let shown = client.published("package.json");
    assert_eq!(shown.len(), 1, "{shown:?}");
    client.changed_on_disk(&["package-lock.json"]);
    assert_eq!(client.messages(), [""; 0]);
    // And back.
    client.write("package-lock.json", &before);
    client.changed_on_disk(&["package-lock.json"]);
    assert_eq!(client.published("package.json"), [""]);
    assert_eq!(client.messages(), [""; 0]);
}

#[test]
fn an_install_is_told_where_the_manifest_is_not_open() {
    let mut client = Client::new(&[("package.json", MANIFEST)]);
    client.write("package-lock.json", &lockfile(&[("lodash", "4.17.15", "")]));
    client.changed_on_disk(&["package-lock.json"]);
    assert_eq!(client.messages(), ["package-lock.json: lodash 4.17.15 came in and is vulnerable"]);
    let shown = client.published("package.json");
    assert!(shown.len() == 1 && shown[0].contains("lodash 4.17.15 (locked"), "{shown:?}");
    // Opened now, nothing changes: nothing flickers.
    client.open("package.json", MANIFEST);
    assert_eq!(client.published("package.json"), [""; 0]);
    client.close("package.json");
    assert_eq!(client.published("package.json"), [""]);
}

#[test]
fn several_roots_do_not_know_each_other() {
    let mut client = Client::new(&[
        ("a/package-lock.json", &lockfile(&[("lodash", "4.17.15", "")])),
        ("b/package.json", MANIFEST),
    ]);
    let (a, b) = (client.uri("a"), client.uri("b"));
    let event = json!({"added": [{"uri": a, "name": "a"}, {"uri": b, "name": "b"}], "removed": [{"uri": client.uri(""), "name": "w"}]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    client.sync();
    client.open("a/package.json", MANIFEST);
    client.open("b/package.json", MANIFEST);
    assert!(client.published("a/package.json")[0].contains("error"));
    assert!(client.published("b/package.json")[0].contains("hint"));
}

#[test]
fn inlay_hints_show_what_is_installed_where_they_are_asked_for() {
    let locked = lockfile(&[("express", "4.18.0", ""), ("lodash", "4.17.21", "")]);
    let options = json!({"inlayHints": true});
    let mut client = Client::with(&[("package-lock.json", &locked)], options, capabilities());
    client.open("package.json", MANIFEST);
    let params = json!({
        "textDocument": {"uri": client.uri("package.json")},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}},
    });
    let hints = client.request("textDocument/inlayHint", params);
    let hints = hints.as_array().unwrap().iter();
    let shown: Vec<String> =
        hints.map(|it| format!("{}: {}", it["position"], it["label"].as_str().unwrap())).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    {"character":23,"line":2}: 4.18.0
    {"character":23,"line":3}: 4.17.21
    "#);
}

#[test]
fn a_package_that_the_last_commit_lacks_is_new_here() {
    let mut client = Client::new(&[]);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@a.example",
            "-c",
            "commit.gpgsign=false",
        ]);
        assert!(
            command.args(arguments).current_dir(client.path("")).output().unwrap().status.success()
        );
    };
    client.write("requirements.txt", "flask==0.12\n");
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "a"]);
    client.open("requirements.txt", "flask==0.12\njinja2==2.10\n");
    let shown = client.published("requirements.txt").join("\n---\n");
    assert!(shown.contains("New here: jinja2 2.10"), "{shown}");
    assert!(shown.contains("    flask 0.12"), "{shown}");
}
