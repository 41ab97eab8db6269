//! What is planned for small folders. Formats one by one are in the tests of `fixloop-fix` and of the command line.

use std::fmt::Write;
use std::fs;

use fixloop_index::{Builder, Index, Urgency, prepare};
use fixloop_match::Known;
use fixloop_scan::{Options, scan};

use super::*;

/// Package `a` is affected before 1.4.3; `evil` is malicious, whatever the version; `old` has no fix.
const RECORDS: &[&str] = &[
    r#"{"id":"A-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.4.3"}]}]}]}"#,
    r#"{"id":"MAL-2024-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"evil"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"C-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"old"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
];

/// The plan, then each edited file as it would be; the folder itself has to stay as it is.
fn planned(files: &[(&str, &str)]) -> String {
    let mut builder = Builder::default();
    for record in RECORDS {
        builder.add(prepare(fixloop_advisory::parse(record.as_bytes()).unwrap().advisory));
    }
    let index = Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let options = Options {
        mirrors: Vec::new(),
        respect_gitignore: true,
        with_inventory: false,
        vex: Vec::new(),
        urgency: Urgency::default(),
        today: jiff::civil::date(2026, 12, 1),
    };
    let scan = scan(folder.path(), &index, &options, &|_, _| {}).unwrap();
    let mut edited = Files::new(folder.path());
    let plan = plan(&scan, &Known::new(&index), &mut edited).unwrap();
    for (path, text) in files {
        assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), *text, "{path}");
    }
    shown(&plan, &edited.changes())
}

fn shown(plan: &Plan, changes: &[Change]) -> String {
    let mut out = String::new();
    for it in &plan.fixed {
        writeln!(out, "{}: {} {} -> {}", it.path, it.upgrade.name, it.from, it.upgrade.to).unwrap();
    }
    for it in &plan.unfixed {
        let hint = it.hint.as_ref().map_or(String::new(), |it| format!(" ({it})"));
        writeln!(out, "{}:{}: {} {}: {}{hint}", it.path, it.line, it.name, it.version, it.reason)
            .unwrap();
    }
    for it in &plan.undecided {
        writeln!(out, "undecided: {it}").unwrap();
    }
    for it in plan.commands() {
        writeln!(out, "in `{}`: {it}", it.folder).unwrap();
    }
    assert_eq!(plan.is_complete(), plan.unfixed.is_empty() && plan.undecided.is_empty());
    for it in changes {
        let is_new = if it.before.is_none() { " (new)" } else { "" };
        writeln!(out, "{}{is_new}: {}", it.path, it.after.trim_end()).unwrap();
    }
    out
}

#[test]
fn a_lockfile_decides_and_each_manifest_is_edited_once() {
    let root = r#"{"workspaces": ["x", "y"], "dependencies": {"a": "^1.2.0"}}"#;
    let member = r#"{"name": "x", "dependencies": {"a": "1.2.0"}}"#;
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1.2.0"}}, "node_modules/a": {"version": "1.2.0"}}}"#;
    let files = [("package.json", root), ("x/package.json", member), ("package-lock.json", lock)];
    insta::assert_snapshot!(planned(&files), @r#"
    package.json: a 1.2.0 -> 1.4.3
    x/package.json: a 1.2.0 -> 1.4.3
    in ``: npm install
    package.json: {"workspaces": ["x", "y"], "dependencies": {"a": "^1.4.3"}}
    x/package.json: {"name": "x", "dependencies": {"a": "1.4.3"}}
    "#);
}

#[test]
fn what_others_bring_in_is_raised_at_the_manifest_beside() {
    let manifest = r#"{"dependencies": {"x": "1.0.0"}}"#;
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"x": "1.0.0"}}, "node_modules/a": {"version": "1.2.0"}, "node_modules/x": {"version": "1.0.0", "dependencies": {"a": "^1.0.0"}}}}"#;
    let files = [("package.json", manifest), ("package-lock.json", lock)];
    insta::assert_snapshot!(planned(&files), @r#"
    package.json: a 1.2.0 -> 1.4.3
    in ``: npm install
    package.json: {"dependencies": {"x": "1.0.0"}, "overrides": { "a": "^1.4.3" }}
    "#);
}

#[test]
fn what_no_edit_clears_and_what_was_not_read_is_named() {
    let manifest = "{\"dependencies\": {\n\"evil\": \"1.0.0\",\n\"old\": \"1.0.0\"}}";
    insta::assert_snapshot!(planned(&[("package.json", manifest), ("b/package.json", "[]")]), @r"
    package.json:2: evil 1.0.0: no version of it is clear (remove it)
    package.json:3: old 1.0.0: no version is known that clears it (replace it, or add an exception)
    undecided: b/package.json: no JSON object
    ");
    assert_eq!(planned(&[("package.json", r#"{"dependencies": {"a": "1.4.3"}}"#)]), "");
}

#[test]
fn a_requirement_that_admits_only_affected_versions_is_raised_where_no_lockfile_decides() {
    let manifest = "{\"dependencies\": {\"a\": \"~1.2.0\", \"old\": \"^1\"}}\n";
    insta::assert_snapshot!(planned(&[("package.json", manifest)]), @r#"
    package.json: a ~1.2.0 -> 1.4.3
    package.json:1: old ^1: no version is known that clears it (replace it, or add an exception)
    package.json: {"dependencies": {"a": "~1.4.3", "old": "^1"}}
    "#);
    // One that admits a clear version may resolve to that, and what a lockfile decides is told by it.
    let lockfile =
        r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.4.3"}}}"#;
    let open = "{\"dependencies\": {\"a\": \"^1.2.0\"}}\n";
    assert_eq!(planned(&[("package.json", open)]), "");
    let decided = planned(&[("package.json", manifest), ("package-lock.json", lockfile)]);
    assert_eq!(decided, "");
}
