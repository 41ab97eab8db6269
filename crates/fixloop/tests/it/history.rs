//! Histories of real git repositories.

use serde_json::Value;

use super::*;
use crate::repository::{Repository, index, package_lock, yarn_lock};

/// alpha < 2 was disclosed long before, beta < 2 on 1 June.
const RECORDS: &[(&str, &str, &str, &str)] = &[
    ("A-1", "alpha", "2.0.0", "2020-01-01T00:00:00Z"),
    ("B-1", "beta", "2.0.0", "2024-06-01T00:00:00Z"),
];

struct Run {
    output: Output,
    document: Value,
}

fn run(repositories: &[&Repository], more: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let index = index(folder.path(), RECORDS);
    let paths: Vec<String> = repositories
        .iter()
        .map(|it| it.path().to_str().expect("a plain path").to_owned())
        .collect();
    let mut arguments = vec!["history", "--format", "json", "--index", &index];
    if !more.contains(&"--until") {
        arguments.extend(["--until", "2024-12-31"]);
    }
    if !more.contains(&"--cache") {
        arguments.push("--no-cache");
    }
    arguments.extend(paths.iter().map(|it| &**it));
    arguments.extend(more);
    let output = fixloop(&arguments);
    let document = json(&output);
    Run { output, document }
}

/// `target name introduced start..end outcome before → after`, days without year.
fn exposures(document: &Value) -> Vec<String> {
    let day = |it: &Value| it.as_str().map_or("…".to_owned(), |it| it[5..10].to_owned());
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let list = document["exposures"].as_array().expect("a list");
    list.iter()
        .map(|it| {
            format!(
                "{} {} in {} {}..{} {} {} → {}",
                text(&it["target"]),
                text(&it["name"]),
                day(&it["introduced"]),
                day(&it["start"]),
                day(&it["end"]),
                text(&it["outcome"]),
                text(&it["version_before"]),
                text(&it["version_after"]),
            )
        })
        .collect()
}

fn gaps(document: &Value) -> Vec<String> {
    let list = document["gaps"].as_array().expect("a list");
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    list.iter().map(|it| format!("{}: {}", text(&it["path"]), text(&it["reason"]))).collect()
}

#[test]
fn introduced_disclosed_fixed() {
    let shop = Repository::new("shop");
    shop.write("README.md", "x").commit("01-01");
    let came = shop
        .write("package-lock.json", &package_lock(&["alpha@1.0.0", "beta@1.0.0"]))
        .commit("03-01");
    let fixed = shop
        .write("package-lock.json", &package_lock(&["alpha@2.1.0", "beta@1.0.0"]))
        .commit("04-11");
    shop.write("package-lock.json", &package_lock(&["alpha@2.1.0"])).commit("07-01");
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 0);
    assert_eq!(
        exposures(&run.document),
        [
            "shop:package-lock.json alpha in 03-01 03-01..04-11 upgraded 1.0.0 → 2.1.0",
            "shop:package-lock.json beta in 03-01 06-01..07-01 removed 1.0.0 → -",
        ]
    );
    let exposure = &run.document["exposures"][0];
    assert_eq!(exposure["introducing_commit"], came.as_str());
    assert_eq!(exposure["fixing_commit"], fixed.as_str());
    assert_eq!(exposure["ids"], serde_json::json!(["A-1"]));
    assert_eq!(exposure["direct"], true);
    assert_eq!(exposure["left_truncated"], false);
    let opportunity = &run.document["opportunities"][0];
    assert_eq!(exposure["opportunity"], opportunity["id"]);
    assert_eq!(opportunity["exposures"], serde_json::json!([0]));
    assert_eq!(run.document["schema"], "fixloop.history/1");
}

#[test]
fn a_bare_clone_says_the_same_and_the_second_run_reads_nothing() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("02-01");
    let elsewhere = tempfile::tempdir().unwrap();
    let bare = elsewhere.path().join("shop.git");
    shop.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let cache = elsewhere.path().join("cache");
    let records = index(elsewhere.path(), RECORDS);
    let history = |path: &Path| {
        let path = path.to_str().unwrap();
        let cache = cache.to_str().unwrap();
        let output = fixloop(&[
            "history",
            "--format",
            "json",
            "--index",
            &records,
            "--cache",
            cache,
            "--until",
            "2024-12-31",
            path,
        ]);
        assert_exit(&output, 0);
        json(&output)
    };
    let first = history(&bare);
    assert_eq!(first["exposures"], run(&[&shop], &[]).document["exposures"]);
    assert_eq!(first["repositories"][0]["inventories_read"], 2);
    assert_eq!(first["exposures"][0]["left_truncated"], true);
    let second = history(&bare);
    assert_eq!(second["repositories"][0]["inventories_read"], 0);
    assert_eq!(second["exposures"], first["exposures"]);
    // One more commit is one more file to read, and history is rewritten without trouble.
    shop.write("package-lock.json", &package_lock(&["beta@1.0.0"])).commit("03-01");
    shop.git(&["push", "-q", bare.to_str().unwrap(), "main"]);
    let third = history(&bare);
    assert_eq!(third["repositories"][0]["inventories_read"], 1);
    assert_eq!(third["exposures"].as_array().unwrap().len(), 2);
    shop.git(&["reset", "-q", "--hard", "HEAD~2"]);
    shop.git(&["push", "-q", "--force", bare.to_str().unwrap(), "main"]);
    let rewritten = history(&bare);
    assert_eq!(rewritten["repositories"][0]["commits"], 1);
    assert_eq!(exposures(&rewritten), exposures(&run(&[&shop], &[]).document));
}

#[test]
fn a_change_of_package_manager_and_a_move_invent_nothing() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package.json", r#"{"dependencies": {"alpha": "*"}}"#)
        .write("package-lock.json", &package_lock(&["alpha@1.0.0", "c@1.0.0"]))
        .commit("02-01");
    shop.remove("package-lock.json")
        .write("yarn.lock", &yarn_lock(&["alpha@1.0.0", "c@1.0.0"]))
        .commit("03-01");
    shop.remove("yarn.lock")
        .remove("package.json")
        .write("web/package.json", r#"{"dependencies": {"alpha": "*"}}"#)
        .write("web/yarn.lock", &yarn_lock(&["alpha@1.0.0", "c@1.0.0"]))
        .commit("04-01");
    shop.write("web/yarn.lock", &yarn_lock(&["alpha@2.0.0", "c@1.0.0"])).commit("05-01");
    let run = run(&[&shop], &[]);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..05-01 upgraded 1.0.0 → 2.0.0"]
    );
    assert_eq!(run.document["repositories"][0]["targets"], 1);
}

#[test]
fn an_upgrade_that_was_undone_is_a_regression_with_its_commit() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("03-01");
    shop.git_at(&["revert", "--no-edit", "HEAD"], "2024-03-10T12:00:00Z");
    let revert = shop.git(&["rev-parse", "HEAD"]);
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.1"])).commit("05-01");
    let run = run(&[&shop], &[]);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..05-01 upgraded 1.0.0 → 2.0.1"]
    );
    let regression = &run.document["exposures"][0]["regressions"][0];
    assert_eq!(regression["reverting_commit"], revert.as_str());
    assert_eq!(regression["upgraded_version"], "2.0.0");
    assert_eq!(run.document["opportunities"][0]["regressions"], 1);
}

#[test]
fn a_merged_branch_counts_when_it_lands() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["c@1.0.0"])).commit("01-01");
    shop.git(&["checkout", "-q", "-b", "fix"]);
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0", "c@1.0.0"])).commit("02-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0", "c@1.0.0"])).commit("02-10");
    shop.git(&["checkout", "-q", "main"]);
    shop.git_at(&["merge", "-q", "--no-ff", "--no-edit", "fix"], "2024-03-01T12:00:00Z");
    let run = run(&[&shop], &[]);
    assert_eq!(exposures(&run.document), [""; 0], "the affected version never landed");
    // The branch itself, if asked for.
    let branch = self::run(&[&shop], &["--branch", "fix"]);
    assert_eq!(exposures(&branch.document).len(), 1);
}

#[test]
fn clocks_are_clamped_and_counted() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["c@1.0.0"])).commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"]))
        .commit_at("2099-01-01T00:00:00Z");
    shop.write("package-lock.json", &package_lock(&["alpha@1.1.0"])).commit("03-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"]))
        .commit_at("1990-01-01T00:00:00Z");
    let run = run(&[&shop], &[]);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 01-01 01-01..03-01 upgraded 1.1.0 → 2.0.0"]
    );
    assert_eq!(run.document["repositories"][0]["corrected_clocks"], 2);
    assert_eq!(run.document["summary"]["corrected_clocks"], 2);
}

#[test]
fn a_lockfile_that_does_not_parse_is_a_gap_and_no_fix() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    shop.write("package-lock.json", "<<<<<<< HEAD").commit("03-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("04-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("05-01");
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 2);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..05-01 upgraded 1.0.0 → 2.0.0"]
    );
    assert_eq!(gaps(&run.document).len(), 1);
}

#[test]
fn exceptions_suppress_from_their_commit_until_they_expire() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    let exception = "[[exception]]\nid = \"A-1\"\nreason = \"not reachable\"\nowner = \"web\"\nexpires = \"2024-05-31\"\n";
    shop.write("fixloop.toml", exception).commit("03-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("07-01");
    let run = run(&[&shop], &[]);
    assert_eq!(
        exposures(&run.document),
        [
            "shop:package-lock.json alpha in 02-01 02-01..03-01 suppressed 1.0.0 → -",
            "shop:package-lock.json alpha in 06-01 06-01..07-01 upgraded 1.0.0 → 2.0.0",
        ]
    );
}

#[test]
fn repositories_that_cannot_be_read_are_unknown_and_stop_no_other() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("01-01");
    let empty = Repository::new("empty");
    let run = run(&[&empty, &shop], &["/nowhere/at-all"]);
    assert_exit(&run.output, 2);
    let rows = run.document["repositories"].as_array().unwrap();
    let status: Vec<_> = rows.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["unknown", "read", "unknown"]);
    assert_eq!(exposures(&run.document).len(), 1);
    assert_eq!(gaps(&run.document).len(), 2);
}

#[test]
fn a_shallow_clone_says_where_its_history_begins() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("01-01");
    shop.write("b", "").commit("02-01");
    shop.write("c", "").commit("03-01");
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("shop");
    let from = format!("file://{}", shop.path().display());
    shop.git(&["clone", "-q", "--depth", "2", &from, path.to_str().unwrap()]);
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path(), RECORDS);
    let cache = folder.path().join("cache");
    let cache = cache.to_str().unwrap();
    // The second run says the same: nothing remembered hides what is missing.
    for _ in 0..2 {
        let output = fixloop(&[
            "history",
            "--format",
            "json",
            "--cache",
            cache,
            "--index",
            &index,
            "--until",
            "2024-12-31",
            path.to_str().unwrap(),
        ]);
        assert_exit(&output, 2);
        let document = json(&output);
        assert_eq!(
            exposures(&document),
            ["shop:package-lock.json alpha in 02-01 02-01..… open 1.0.0 → -"]
        );
        assert_eq!(document["exposures"][0]["left_truncated"], true);
        assert!(gaps(&document)[0].contains("a shallow clone"), "{:?}", gaps(&document));
    }
}

#[test]
fn a_missing_object_is_a_gap() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.2.0"])).commit("03-01");
    let blob = shop.git(&["rev-parse", "HEAD:package-lock.json"]);
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("04-01");
    let object = shop.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    fs::remove_file(object).unwrap();
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 2);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..04-01 upgraded 1.0.0 → 2.0.0"]
    );
    assert!(gaps(&run.document)[0].contains(&blob), "{:?}", gaps(&run.document));
}

#[test]
fn a_day_in_the_past_is_seen_as_it_was() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0", "beta@1.0.0"])).commit("02-01");
    shop.write("package-lock.json", &package_lock(&["alpha@2.0.0", "beta@1.0.0"])).commit("05-01");
    shop.write("fixloop.toml", "[[exception]]\nid = \"B-1\"\nreason = \"x\"\nowner = \"w\"\n")
        .commit("08-01");
    let run = run(&[&shop], &["--until", "2024-04-30"]);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..… open 1.0.0 → -"]
    );
    assert_eq!(run.document["exposures"][0]["last_seen"], "2024-04-30T23:59:59.999999Z");
    assert_eq!(run.document["repositories"][0]["commits"], 2);
    let before = self::run(&[&shop], &["--until", "2023-12-31"]);
    assert_eq!(exposures(&before.document), [""; 0]);
    assert_eq!(before.document["repositories"][0]["commits"], 0);
}

#[test]
fn a_missing_folder_is_a_gap_and_hides_no_later_change() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("web/package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    shop.write("web/package-lock.json", &package_lock(&["alpha@1.2.0"])).commit("03-01");
    let missing = shop.git(&["rev-parse", "HEAD:web"]);
    let remove = || {
        let object = shop.path().join(".git/objects").join(&missing[..2]).join(&missing[2..]);
        fs::remove_file(object).unwrap();
    };
    shop.write("b", "").git(&["add", "-A"]);
    remove();
    // It ends unread: proved to be there until then only.
    let unread = run(&[&shop], &[]);
    assert_exit(&unread.output, 2);
    assert_eq!(unread.document["exposures"][0]["last_seen"], "2024-03-01T12:00:00Z");
    shop.git(&["write-tree"]);
    shop.write("web/package-lock.json", &package_lock(&["alpha@2.0.0"])).commit("04-01");
    remove();
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 2);
    assert_eq!(
        exposures(&run.document),
        ["shop:web/package-lock.json alpha in 02-01 02-01..04-01 upgraded 1.0.0 → 2.0.0"]
    );
    assert!(gaps(&run.document)[0].contains(&missing), "{:?}", gaps(&run.document));
}

#[test]
fn owners_that_cannot_be_read_are_a_gap() {
    let shop = Repository::new("shop");
    shop.write("CODEOWNERS", "* @corp/core\n").commit("01-01");
    let blob = shop.git(&["rev-parse", "HEAD:CODEOWNERS"]);
    fs::remove_file(shop.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let run = run(&[&shop], &["--by-team"]);
    assert_exit(&run.output, 2);
    assert!(
        gaps(&run.document)[0].contains("`CODEOWNERS` could not be read"),
        "{:?}",
        gaps(&run.document)
    );
}

#[test]
fn exceptions_that_cannot_be_read_are_a_gap_and_hold() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("02-01");
    let exception =
        "[[exception]]\nid = \"A-1\"\nreason = \"x\"\nowner = \"web\"\nexpires = \"2027-01-31\"\n";
    shop.write("fixloop.toml", exception).commit("03-01");
    shop.write("fixloop.toml", &format!("{exception}# more\n")).commit("05-01");
    let blob = shop.git(&["rev-parse", "HEAD:fixloop.toml"]);
    fs::remove_file(shop.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 2);
    assert_eq!(
        exposures(&run.document),
        ["shop:package-lock.json alpha in 02-01 02-01..03-01 suppressed 1.0.0 → -"]
    );
    assert!(gaps(&run.document)[0].starts_with("fixloop.toml: "), "{:?}", gaps(&run.document));
}

#[test]
fn a_repository_without_lockfiles_has_nothing_to_say() {
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    let run = run(&[&shop], &[]);
    assert_exit(&run.output, 0);
    assert_eq!(run.document["exposures"], serde_json::json!([]));
    assert_eq!(run.document["repositories"][0]["targets"], 0);
}

#[test]
fn teams_come_from_a_mapping_or_from_codeowners() {
    let shop = Repository::new("shop");
    shop.write("CODEOWNERS", "* @corp/core\n/web/ @corp/web\n").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"]))
        .write("web/package-lock.json", &package_lock(&["alpha@1.0.0", "beta@1.0.0"]))
        .commit("02-01");
    let teams = |more: &[&str]| {
        let document = run(&[&shop], more).document;
        let list = document["opportunities"].as_array().unwrap().clone();
        list.iter().map(|it| it["team"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(teams(&[]), ["shop", "shop", "shop"]);
    assert_eq!(teams(&["--by-team"]), ["core", "web", "web"]);
    let folder = folder(&[("teams.csv", b"repository,path,team\nsh*,web,frontend\n")]);
    let file = folder.path().join("teams.csv");
    let file = file.to_str().unwrap();
    assert_eq!(teams(&["--teams", file]), ["shop", "frontend", "frontend"]);
    assert_eq!(teams(&["--teams", file, "--by-team"]), ["core", "frontend", "frontend"]);
}

#[test]
fn a_vulnerability_without_a_date_is_in_no_number() {
    let shop = Repository::new("shop");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("01-01");
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    fs::create_dir_all(&records).unwrap();
    let record = r#"{"id": "A-1", "modified": "1970-01-01T00:00:00Z", "summary": "x", "affected": [{"package": {"ecosystem": "npm",
        "name": "alpha"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]}"#;
    fs::write(records.join("A-1.json"), record).unwrap();
    let index = folder.path().join("index");
    let (records, index) = (records.to_str().unwrap(), index.to_str().unwrap());
    assert_exit(&fixloop(&["db", "import", records, "--index", index]), 0);
    let path = shop.path();
    let path = path.to_str().unwrap();
    let output = fixloop(&["history", "--no-cache", "--format", "json", "--index", index, path]);
    let document = json(&output);
    assert_eq!(document["exposures"], serde_json::json!([]));
    assert_eq!(document["summary"]["undated"], serde_json::json!(["A-1"]));
    let limits = document["summary"]["limits"].to_string();
    assert!(limits.contains("tell no date"), "{limits}");
}

#[test]
fn nothing_to_read_is_said_in_one_line() {
    let none = fixloop(&["history"]);
    assert_exit(&none, 2);
    assert!(stderr(&none).starts_with("error: no repository named\n\nhint: "), "{}", stderr(&none));
    let output = fixloop(&["history", "--no-cache", "/nowhere/at-all"]);
    assert_exit(&output, 2);
    assert!(stdout(&output).is_empty());
    assert!(
        stderr(&output).starts_with("error: no repository could be read: `/nowhere/at-all` is")
    );
    let shop = Repository::new("shop");
    shop.write("a", "").commit("01-01");
    let path = shop.path();
    let path = path.to_str().unwrap();
    let branch = fixloop(&["history", "--no-cache", path, "--branch", "nope"]);
    assert_exit(&branch, 2);
    assert!(stderr(&branch).contains("has no branch `nope`"), "{}", stderr(&branch));
    let teams = fixloop(&["history", "--no-cache", path, "--teams", "/nowhere.csv"]);
    assert_exit(&teams, 2);
    assert!(stderr(&teams).contains("failed to read `/nowhere.csv`"), "{}", stderr(&teams));
}
