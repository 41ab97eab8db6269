//! Evidence for and against problem hypotheses, from real git repositories and lists of alerts.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::repository::{Repository, index, package_lock};

/// alpha < 2 was disclosed long before, beta < 2 on 1 June.
const RECORDS: &[(&str, &str, &str, &str)] = &[
    ("GHSA-aaaa", "alpha", "2.0.0", "2020-01-01T00:00:00Z"),
    ("GHSA-bbbb", "beta", "2.0.0", "2024-06-01T00:00:00Z"),
];

/// Three repositories and a folder for files.
struct Fleet {
    repositories: Vec<Repository>,
    folder: TempDir,
    index: String,
}

impl Fleet {
    /// In `shop` alpha comes in on 1 March and beta, disclosed on 1 June; the upgrade of alpha on 11 April is undone on 15 April. In `blog`
    /// alpha comes in on 1 March and is upgraded on 21 March. In `wiki` alpha is there from the first commit.
    fn new() -> Self {
        let shop = Repository::new("shop");
        shop.write("README.md", "x").commit("01-01");
        let lock = |shop: &Repository, packages: &[&str], day: &str| {
            shop.write("package-lock.json", &package_lock(packages)).commit(day);
        };
        lock(&shop, &["alpha@1.0.0", "beta@1.0.0"], "03-01");
        lock(&shop, &["alpha@2.1.0", "beta@1.0.0"], "04-11");
        lock(&shop, &["alpha@1.0.0", "beta@1.0.0"], "04-15");
        lock(&shop, &["alpha@2.2.0", "beta@1.0.0"], "05-10");
        lock(&shop, &["alpha@2.2.0", "beta@2.0.0"], "07-01");
        let blog = Repository::new("blog");
        blog.write("README.md", "x").commit("01-01");
        lock(&blog, &["alpha@1.0.0"], "03-01");
        lock(&blog, &["alpha@2.0.0"], "03-21");
        let wiki = Repository::new("wiki");
        lock(&wiki, &["alpha@1.0.0"], "01-01");
        lock(&wiki, &["alpha@2.0.0"], "02-01");
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let index = index(folder.path(), RECORDS);
        Self { repositories: vec![shop, blog, wiki], folder, index }
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("writable");
        path.to_str().expect("a plain path").to_owned()
    }

    fn run(&self, query: &str, more: &[&str]) -> Output {
        let paths: Vec<String> = self
            .repositories
            .iter()
            .map(|it| it.path().to_str().expect("a plain path").to_owned())
            .collect();
        let mut arguments = vec!["evidence", query, "--no-cache", "--until", "2024-12-31"];
        arguments.extend(["--index", &*self.index]);
        arguments.extend(paths.iter().map(|it| &**it));
        arguments.extend(more);
        fixloop(&arguments)
    }

    fn json(&self, query: &str, more: &[&str]) -> Value {
        let output = self.run(query, &[more, &["--format", "json"]].concat());
        assert_exit(&output, 0);
        json(&output)
    }

    /// Imported alerts of `shop` (alpha on 31 March, beta on 2 June) and `blog` (alpha on 1 March, an hour after the commit).
    fn alerts(&self) -> String {
        let list = json!([
            alert("corp/shop", 1, "alpha", "GHSA-aaaa", "2024-03-31T12:00:00Z"),
            alert("corp/shop", 2, "beta", "GHSA-bbbb", "2024-06-02T00:00:00Z"),
            alert("corp/blog", 1, "alpha", "GHSA-aaaa", "2024-03-01T13:00:00Z"),
        ]);
        let file = self.file("list.json", &list.to_string());
        let into =
            self.folder.path().join("alerts.json").to_str().expect("a plain path").to_owned();
        assert_exit(&fixloop(&["import", "alerts", &file, "--into", &into]), 0);
        into
    }
}

fn alert(repository: &str, number: u64, name: &str, id: &str, created: &str) -> Value {
    json!({
        "number": number,
        "state": "open",
        "dependency": {
            "package": { "ecosystem": "npm", "name": name },
            "manifest_path": "package-lock.json",
            "scope": "runtime"
        },
        "security_advisory": { "ghsa_id": id, "cve_id": null, "summary": "a test" },
        "created_at": created,
        "updated_at": created,
        "dismissed_at": null,
        "dismissed_reason": null,
        "fixed_at": null,
        "repository": { "name": "x", "full_name": repository }
    })
}

#[test]
fn people_read_the_verdict_first() {
    let fleet = Fleet::new();
    let output = fleet.run("known-at-introduction", &[]);
    assert_exit(&output, 0);
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!(stdout(&output));
    insta::assert_snapshot!(stdout(&fleet.run("upgrade-regressions", &[])));
    let alerts = fleet.alerts();
    insta::assert_snapshot!(stdout(&fleet.run("late-alerts", &["--alerts", &alerts])));
    let detect = ["--stage", "detect", "--alerts", &*alerts];
    insta::assert_snapshot!(stdout(&fleet.run("ceiling", &detect)));
}

#[test]
fn scripts_read_the_documented_contract() {
    let fleet = Fleet::new();
    let it = fleet.json("known-at-introduction", &[]);
    assert_eq!(it["schema"], "fixloop.evidence/1");
    assert_eq!(it["query"], "known-at-introduction");
    assert_eq!((it["x"].as_u64(), it["n"].as_u64()), (Some(2), Some(3)));
    assert_eq!((it["kill_line"].as_f64(), it["confirm_line"].as_f64()), (Some(0.2), Some(0.5)));
    // alpha: 70 days in shop and 20 in blog; beta: 30 days and a half.
    assert_eq!(it["open_days"]["x"], 90);
    assert_eq!(it["open_days"]["n"], 120.5);
    assert_eq!(it["verdict"], "open");
    assert_eq!(it["teams"].as_array().unwrap().len(), 2);
    let commit = it["examples"][0]["introducing_commit"].as_str().unwrap();
    assert_eq!(commit, fleet.repositories[0].git(&["rev-parse", "HEAD~4"]));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/evidence-1.json");
    let schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let required = |it: &Value| {
        let names = it["required"].as_array().unwrap().iter();
        names.map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let sorted = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut names = required(&schema);
    names.sort();
    assert_eq!(sorted(&it), names);
    let mut names = required(&schema["$defs"]["example"]);
    names.sort();
    assert_eq!(sorted(&it["examples"][0]), names);
}

#[test]
fn an_undone_upgrade_is_told_with_its_commit() {
    let fleet = Fleet::new();
    let it = fleet.json("upgrade-regressions", &[]);
    assert_eq!((it["x"].as_u64(), it["n"].as_u64()), (Some(1), Some(5)));
    let undone = &it["examples"][0]["regression"];
    let shop = &fleet.repositories[0];
    assert_eq!(undone["reverting_commit"], shop.git(&["rev-parse", "HEAD~2"]).as_str());
    assert_eq!(undone["upgraded_version"], "2.1.0");
    // The history's fact has the same definition.
    let path = shop.path();
    let output = fixloop(&[
        "history",
        path.to_str().unwrap(),
        "--no-cache",
        "--until",
        "2024-12-31",
        "--index",
        &fleet.index,
        "--format",
        "json",
    ]);
    let facts = json(&output)["summary"]["facts"].to_string();
    assert!(facts.contains("1 of 3 upgrades of a vulnerable package were undone"), "{facts}");
    assert!(facts.contains("1 of 2 vulnerable packages came in when"), "{facts}");
}

#[test]
fn lines_decide_the_verdict() {
    let fleet = Fleet::new();
    let verdict = |kill: &str, confirm: &str| {
        let lines = ["--kill", kill, "--confirm", confirm];
        fleet.json("known-at-introduction", &lines)["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict("0", "0%"), "supported");
    assert_eq!(verdict("100%", "1"), "rejected");
    assert_eq!(verdict("10 %", "0.9"), "open");
    let output = fleet.run("known-at-introduction", &["--kill", "60%"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("the kill line `0.6` is above the confirm line `0.5`"));
    let output = fleet.run("known-at-introduction", &["--kill", "60"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("write `20%` or `0.2`"), "{}", stderr(&output));
}

#[test]
fn without_alerts_nobody_can_tell() {
    let fleet = Fleet::new();
    for (query, more) in [("late-alerts", &[][..]), ("ceiling", &["--stage", "detect"])] {
        let it = fleet.json(query, more);
        assert_eq!(it["verdict"], "cannot tell", "{query}");
        assert_eq!((it["n"].as_u64(), &it["share"]), (Some(0), &Value::Null));
        assert!(it["reason"].as_str().unwrap().contains("fixloop import alerts"), "{it}");
    }
    let output = fleet.run("late-alerts", &["--alerts", "/nowhere/alerts.json"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("failed to read `/nowhere/alerts.json`"));
    let it = fleet.json("ceiling", &["--stage", "first-reference", "--wanted", "90%"]);
    assert_eq!((it["kill_line"].as_f64(), it["confirm_line"].as_f64()), (Some(0.9), Some(0.9)));
    assert_eq!(it["x"], 90);
}

#[test]
fn alert_times_split_the_open_days() {
    let fleet = Fleet::new();
    let alerts = fleet.alerts();
    let it = fleet.json("late-alerts", &["--alerts", &alerts]);
    assert_eq!((it["x"].as_u64(), it["n"].as_u64()), (Some(3), Some(3)));
    // 30 days, 1 day and an hour.
    let before = it["open_days"]["x"].as_f64().unwrap();
    assert!((before - (31.0 + 1.0 / 24.0)).abs() < 1e-9, "{before}");
    let it = fleet.json("ceiling", &["--stage", "react", "--alerts", &alerts]);
    assert_eq!(it["verdict"], "cannot tell");
    assert!(it["share"].as_f64().unwrap() > 0.7, "{it}");
}

#[test]
fn a_gap_is_told_and_makes_the_exit_code_2() {
    let fleet = Fleet::new();
    let output = fleet.run("upgrade-regressions", &["/nowhere/at-all", "--format", "json"]);
    assert_exit(&output, 2);
    assert_eq!(json(&output)["gaps"].as_array().unwrap().len(), 1);
}

#[test]
fn imports_add_up_and_the_later_update_wins() {
    let fleet = Fleet::new();
    let into = fleet.alerts();
    let mut fixed = alert("corp/shop", 1, "alpha", "GHSA-aaaa", "2024-03-31T12:00:00Z");
    fixed["state"] = "fixed".into();
    fixed["updated_at"] = "2024-05-10T12:00:00Z".into();
    fixed["fixed_at"] = "2024-05-10T12:00:00Z".into();
    let new = alert("corp/wiki", 1, "alpha", "GHSA-aaaa", "2024-01-02T00:00:00Z");
    let odd = json!({ "number": 9, "state": "\u{1b}[31m" });
    let file = fleet.file("more.json", &format!("{}\n{}", json!([fixed, odd]), json!([new])));
    let output = fixloop(&["import", "alerts", &file, "--into", &into]);
    assert_exit(&output, 2);
    let text = stdout(&output).replace(&into, "ALERTS");
    insta::assert_snapshot!(text, @r"
    read 3 alerts: 1 new, 1 changed, 0 as they were, 1 skipped
      skipped entry 2: missing field `dependency`
    ALERTS holds 4 alerts
    ");
    let kept: Value = serde_json::from_slice(&fs::read(&into).unwrap()).unwrap();
    assert_eq!(kept["schema"], "fixloop.alerts/1");
    let states: Vec<_> = kept["alerts"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["open", "fixed", "open", "open"]);
    assert_eq!(kept["alerts"][1]["closed_at"], "2024-05-10T12:00:00Z");
}

#[test]
fn what_is_no_list_leaves_the_imported_alerts_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.json");
    let into = folder.path().join("alerts.json");
    let import = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        let (file, into) = (file.to_str().unwrap(), into.to_str().unwrap());
        fixloop(&["import", "alerts", file, "--into", into])
    };
    assert_exit(&import(b"[]"), 0);
    let before = fs::read(&into).unwrap();
    let cases: &[(&[u8], &str)] = &[
        (b"", "there is no JSON in it"),
        (b"not JSON", "it is no list of Dependabot alerts"),
        (br#"{"message": "Not Found"}"#, "an error of the server in place of a list: `Not Found`"),
        (br#"[{"number": 1, "state": "open""#, "EOF while parsing"),
        (b"5", "expected a list of alerts"),
        (&[0xff, 0xfe, b'[', 0], "it is no list"),
    ];
    for (content, reason) in cases {
        let output = import(content);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(reason), "{reason}: {}", stderr(&output));
        assert_eq!(fs::read(&into).unwrap(), before);
    }
    // A sparse file takes no room.
    fs::File::create(&file).unwrap().set_len(200 << 20).unwrap();
    let arguments = ["import", "alerts", file.to_str().unwrap(), "--into", into.to_str().unwrap()];
    let output = fixloop(&arguments);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("is larger than 128 MiB"), "{}", stderr(&output));
    // A store that is none is never overwritten.
    fs::write(&into, "{}").unwrap();
    let output = import(b"[]");
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("failed to read the imported alerts"));
    assert_eq!(fs::read(&into).unwrap(), b"{}");
}

#[test]
fn a_publication_in_1970_is_no_date() {
    let shop = Repository::new("shop");
    shop.write("README.md", "x").commit("01-01");
    shop.write("package-lock.json", &package_lock(&["alpha@1.0.0"])).commit("03-01");
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path(), &[("N-1", "alpha", "2.0.0", "1970-01-01T00:00:00Z")]);
    let path = shop.path();
    let output = fixloop(&[
        "evidence",
        "known-at-introduction",
        path.to_str().unwrap(),
        "--no-cache",
        "--until",
        "2024-12-31",
        "--index",
        &index,
        "--format",
        "json",
    ]);
    assert_exit(&output, 0);
    let it = json(&output);
    // The record's modification is the first that is known of it.
    assert_eq!(it["examples"][0]["kind"], "disclosed later");
    assert_eq!(it["examples"][0]["disclosed"], "2024-12-01T00:00:00Z");
}
