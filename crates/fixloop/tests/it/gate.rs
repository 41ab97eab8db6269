//! `fixloop gate` on real repositories: what a change brings, by the built-in and by a signed policy, and what goes wrong.

use std::path::Path;
use std::process::Command;

use fixloop_policy::{
    BranchKind, Bundle, Campaign, GateSettings, Mode, OrganizationKey, RepositoryId, Ring, SCHEMA,
    SigningKey, Step, Telemetry, sign,
};
use fixloop_test_support::git_host::git;

use super::*;

const NOW: &str = "2026-11-15T12:00:00Z";
/// The same in microseconds.
const NOW_US: i64 = 1_794_744_000_000_000;
const HOUR: i64 = 3_600_000_000;
const OLD: &str = r#"{"name":"shop","version":"1.0.0","dependencies":{"lodash":"4.17.15"}}"#;

/// A repository with one commit on `main`, and the branch `change`.
fn shop(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["config", "user.name", "A"]);
    git(root, &["config", "user.email", "a@acme.example"]);
    git(root, &["remote", "add", "origin", "https://git.example/payments/shop.git"]);
    commit(root, files);
    git(root, &["checkout", "-q", "-b", "change"]);
    folder
}

fn commit(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder of the test");
        fs::write(path, text).expect("a file of the test");
    }
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "--allow-empty", "-m", "a change"]);
}

fn gate(root: &Path, more: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fixloop"))
        .args(["gate", "."])
        .args(more)
        .current_dir(root)
        .env_clear()
        .env("HOME", root.join(".git/home"))
        .env("FIXLOOP_NOW", NOW)
        .envs(variables.iter().copied())
        .output()
        .expect("the binary starts")
}

/// Verdict, exit code, and `package state mode` of each finding, once each.
#[track_caller]
fn check(output: &Output, verdict: &str, exit: i32, findings: &[&str]) -> serde_json::Value {
    let said = json(output);
    assert_eq!(said["verdict"], verdict, "{said:#}");
    assert_exit(output, exit);
    let mut found: Vec<String> = Vec::new();
    for it in said["findings"].as_array().expect("findings are a list") {
        let word = |key: &str| it[key].as_str().unwrap_or("-").to_owned();
        let line = format!("{} {} {}", word("name"), word("state"), word("mode"));
        if !found.contains(&line) {
            found.push(line);
        }
    }
    assert_eq!(found, findings);
    said
}

const JSON: &[&str] = &["--base", "main", "--format", "json"];

#[test]
fn each_state_of_a_finding() {
    let folder = shop(&[("package.json", OLD)]);
    let root = folder.path();
    check(&gate(root, JSON, &[]), "alert", 0, &["lodash pre-existing alert"]);
    // Introduced.
    let both = OLD.replace("}}", r#","minimist":"0.0.8"}}"#);
    commit(root, &[("package.json", &both)]);
    let expected =
        ["minimist introduced break", "minimist introduced alert", "lodash pre-existing alert"];
    check(&gate(root, JSON, &[]), "break", 1, &expected);
    // Fixed, and nothing else.
    commit(root, &[("package.json", &OLD.replace("4.17.15", "4.17.21"))]);
    let said = check(&gate(root, JSON, &[]), "pass", 0, &["lodash fixed observe"]);
    assert_eq!(said["base"]["revision"], "main");
    // Moved is not new.
    git(root, &["checkout", "-q", "-B", "change", "main"]);
    fs::create_dir(root.join("web")).unwrap();
    git(root, &["mv", "package.json", "web/package.json"]);
    commit(root, &[]);
    check(&gate(root, JSON, &[]), "alert", 0, &["lodash pre-existing alert"]);
    // Worsened.
    git(root, &["checkout", "-q", "-B", "change", "main"]);
    commit(root, &[("package.json", &OLD.replace("4.17.15", "4.17.4"))]);
    let said = json(&gate(root, JSON, &[]));
    let worsened = |it: &serde_json::Value| it["state"] == "worsened";
    assert!(said["findings"].as_array().unwrap().iter().any(worsened), "{said:#}");
}

#[test]
fn a_build_rule_is_accepted_with_owner_and_last_day() {
    const MIXED: &str = "--extra-index-url https://pypi.acme.example/simple\nacme-billing==1.0.0\n";
    let folder = shop(&[("requirements.txt", MIXED), ("README", "x")]);
    let root = folder.path();
    check(&gate(root, JSON, &[]), "alert", 0, &["dependency-confusion pre-existing alert"]);
    let accepted = [
        "exception",
        "add",
        "--rule",
        "dependency-confusion",
        "--path",
        "requirements.txt",
        "--reason",
        "the index passes on nothing",
        "--owner",
        "web",
        "--expires",
        "2099-01-01",
    ];
    let mut add = Command::new(env!("CARGO_BIN_EXE_fixloop"));
    assert_exit(&add.args(accepted).current_dir(root).output().expect("the binary starts"), 0);
    commit(root, &[]);
    let said = check(&gate(root, JSON, &[]), "pass", 0, &[]);
    let one = &said["suppressed"][0];
    assert_eq!(
        (&one["finding"]["rule"], &one["by"]["owner"]),
        (&"dependency-confusion".into(), &"web".into())
    );
    // Another file is another finding, and only that is new.
    commit(root, &[("jobs/requirements.txt", MIXED)]);
    let said =
        check(&gate(root, JSON, &[]), "alert", 0, &["dependency-confusion introduced alert"]);
    assert_eq!(said["findings"][0]["path"], "jobs/requirements.txt");
    let mut scan = Command::new(env!("CARGO_BIN_EXE_fixloop"));
    let arguments =
        ["scan", ".", "--rule", "dependency-confusion", "--diff", "main", "--format", "json"];
    let scan = scan.args(arguments).current_dir(root).output().expect("the binary starts");
    assert_exit(&scan, 1);
    let said = json(&scan);
    let paths: Vec<&serde_json::Value> =
        said["findings"].as_array().unwrap().iter().map(|it| &it["path"]).collect();
    assert_eq!(paths, ["jobs/requirements.txt"]);
    assert_eq!(said["suppressed"].as_array().unwrap().len(), 1);
}

#[test]
fn a_base_that_is_not_known_ends_nothing_and_is_said() {
    let folder = shop(&[("package.json", OLD)]);
    let root = folder.path();
    let nowhere = ["--base", "nowhere", "--format", "json"];
    let said = check(&gate(root, &nowhere, &[]), "unverified", 0, &["lodash pre-existing alert"]);
    assert!(said["unverified"][0].as_str().unwrap().contains("no commit `nowhere`"));
    let strict = [&nowhere[..], &["--fail-unverified"]].concat();
    check(&gate(root, &strict, &[]), "unverified", 2, &["lodash pre-existing alert"]);
    // Two commits without a common one, in a shallow clone: the tip of the base is not taken instead.
    commit(root, &[("a", "b")]);
    git(root, &["checkout", "-q", "main"]);
    commit(root, &[("c", "d")]);
    let shallow = tempfile::tempdir().expect("a temporary folder");
    let from = format!("file://{}", root.display());
    let clone = shallow.path().join("shop");
    let into = clone.display().to_string();
    git(
        shallow.path(),
        &["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "change", &from, &into],
    );
    let said = json(&gate(&clone, &["--base", "origin/main", "--format", "json"], &[]));
    assert_eq!((&said["verdict"], &said["base"]), (&"unverified".into(), &serde_json::Value::Null));
    assert!(said["unverified"][0].as_str().unwrap().contains("this clone is shallow"), "{said:#}");
    // What is no repository at all is scanned all the same.
    let plain = folder_of(&[("package.json", OLD)]);
    let said = json(&gate(plain.path(), JSON, &[]));
    assert!(said["unverified"][0].as_str().unwrap().contains("lies in no git repository"));
}

fn folder_of(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        fs::write(folder.path().join(path), text).expect("a file of the test");
    }
    folder
}

#[test]
fn break_glass_is_for_one_commit() {
    let folder = shop(&[("a", "b")]);
    let root = folder.path();
    commit(root, &[("package.json", r#"{"name":"shop","dependencies":{"minimist":"0.0.8"}}"#)]);
    let glass = [("FIXLOOP_BREAK_GLASS", "OPS-7: the shop is down")];
    let said = json(&gate(root, JSON, &glass));
    assert_eq!(said["verdict"], "broken-glass");
    assert_eq!(said["break_glass"]["ticket"], "OPS-7");
    assert_eq!(said["break_glass"]["until"], "2026-11-16T12:00:00Z");
    assert_exit(&gate(root, JSON, &glass), 0);
    // Without a reason, and for another commit, it does not hold.
    let bare = gate(root, JSON, &[("FIXLOOP_BREAK_GLASS", "OPS-7")]);
    assert_exit(&bare, 1);
    commit(root, &[("b", "c")]);
    let next = gate(root, JSON, &glass);
    assert_exit(&next, 1);
    assert!(json(&next)["notes"][0].as_str().unwrap().contains("another commit"));
    let spool = fs::read_dir(root.join(".git/home/.local/share/fixloop")).unwrap().count();
    assert!(spool > 0, "verdicts are recorded");
}

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

/// A campaign about lodash in break mode since ten hours, with so many hours of grace.
fn bundle(grace_hours: u32) -> Bundle {
    let organization = OrganizationKey::new([9; 32]);
    let repository = RepositoryId::of_address("https://git.example/payments/shop");
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version: 7,
        issued_at: NOW_US - 24 * HOUR,
        expires_at: NOW_US + 24 * HOUR,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: organization.clone(), sink: None },
        otherwise: Mode::Observe,
        repositories: [(organization.repository(&repository), "payments".to_owned())].into(),
        rings: vec![Ring { name: "canary".to_owned(), teams: vec!["payments".to_owned()] }],
        treatments: Vec::new(),
        assigned: Vec::new(),
        rules: Vec::new(),
        advisories: vec![serde_json::json!({
            "schema_version": "1.7.0", "id": "ACME-1", "modified": "2026-11-01T00:00:00Z",
            "published": "2026-11-01T00:00:00Z", "summary": "A private matter",
            "affected": [{
                "package": { "ecosystem": "npm", "name": "acme-billing" },
                "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "2.0.0" }] }],
            }],
        })],
        campaigns: vec![Campaign {
            id: "campaign-1".to_owned(),
            version: 2,
            title: "billing leaks".to_owned(),
            advisories: vec!["ACME-1".to_owned()],
            rules: vec!["dependency-confusion".to_owned()],
            deadline: NOW_US + 240 * HOUR,
            contact: "#supply-chain".to_owned(),
            words: Some("Ask before Friday.".to_owned()),
            link: None,
            branches: vec![BranchKind::Default, BranchKind::PullRequest],
            steps: vec![Step {
                ring: Some("canary".to_owned()),
                mode: Mode::Break,
                since: NOW_US - 10 * HOUR,
                grace_hours,
            }],
        }],
        gate: GateSettings { fail_unverified: vec![BranchKind::Release] },
    }
}

fn with_policy(root: &Path, bundle: &[u8], more: &[&str]) -> Output {
    fs::write(root.join(".git/bundle.json"), bundle).expect("a bundle is written");
    fs::write(root.join(".git/public.key"), format!("{}\n", key().public()))
        .expect("a key is written");
    let policy = ["--policy", ".git/bundle.json", "--policy-key", ".git/public.key"];
    gate(root, &[JSON, &policy, more].concat(), &[])
}

#[test]
fn a_campaign_ends_builds_after_its_grace_on_its_branches() {
    let billing = r#"{"name":"shop","dependencies":{"acme-billing":"1.0.0","lodash":"4.17.15"}}"#;
    let folder = shop(&[("package.json", billing)]);
    let root = folder.path();
    let over = sign(&bundle(2), &key());
    let expected = ["acme-billing pre-existing break", "lodash pre-existing observe"];
    let said = check(&with_policy(root, &over, &[]), "break", 1, &expected);
    assert_eq!(said["findings"][0]["rule"], "campaign-1@2");
    assert_eq!(said["findings"][0]["words"], "Ask before Friday.");
    let running = sign(&bundle(20), &key());
    let expected = ["acme-billing pre-existing alert", "lodash pre-existing observe"];
    let said = check(&with_policy(root, &running, &[]), "alert", 0, &expected);
    assert_eq!(said["findings"][0]["deadline"], "2026-11-15T22:00:00Z");
    let release = ["--branch", "release"];
    check(&with_policy(root, &over, &release), "alert", 0, &expected);
    // Dependency confusion of the same campaign.
    let pip = "--extra-index-url https://pypi.acme.example/simple\nacme-billing==1.0.0\n";
    git(root, &["rm", "-q", "package.json"]);
    commit(root, &[("requirements.txt", pip)]);
    let said = json(&with_policy(root, &over, &[]));
    assert_eq!(said["verdict"], "break", "{said:#}");
    let rules: Vec<&str> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["build_rule"].as_str())
        .collect();
    assert_eq!(rules, ["dependency-confusion"]);
}

#[test]
fn a_bundle_that_cannot_be_believed_is_a_verdict_of_its_own() {
    let folder = shop(&[("package.json", OLD)]);
    let root = folder.path();
    let stranger = sign(&bundle(2), &SigningKey::from_seed([2; 32]));
    let future = sign(&Bundle { issued_at: NOW_US + 5 * HOUR, ..bundle(2) }, &key());
    let expired = sign(&Bundle { expires_at: NOW_US, ..bundle(2) }, &key());
    for (bundle, word) in [(stranger, "sign"), (future, "2026-11-15"), (expired, "expired")] {
        let expected = ["lodash pre-existing observe"];
        let said = check(&with_policy(root, &bundle, &[]), "unverified", 0, &expected);
        let reason = said["unverified"][0].as_str().unwrap();
        assert!(reason.contains(word), "{reason}");
    }
    // An older one than the one that was believed.
    check(
        &with_policy(root, &sign(&bundle(2), &key()), &[]),
        "pass",
        0,
        &["lodash pre-existing observe"],
    );
    let older = sign(&Bundle { version: 6, ..bundle(2) }, &key());
    let said = json(&with_policy(root, &older, &[]));
    assert_eq!(said["verdict"], "unverified");
    // Without a key.
    let output = gate(root, &[JSON, &["--policy", ".git/bundle.json"]].concat(), &[]);
    check(&output, "unverified", 0, &["lodash pre-existing observe"]);
    // Gone: the kept one decides, and it is said.
    check(
        &with_policy(root, &sign(&bundle(2), &key()), &[]),
        "pass",
        0,
        &["lodash pre-existing observe"],
    );
    fs::remove_file(root.join(".git/bundle.json")).unwrap();
    let policy = ["--policy", ".git/bundle.json", "--policy-key", ".git/public.key"];
    let said = json(&gate(root, &[JSON, &policy].concat(), &[]));
    assert_eq!(said["policy"]["version"], 7);
    assert!(said["policy"]["trouble"].as_str().unwrap().contains("was kept"), "{said:#}");
}

/// A commit of a day of November that writes one file.
fn commit_on(root: &Path, (path, text): (&str, &str), day: u32) {
    fs::write(root.join(path), text).expect("a file of the test");
    git(root, &["add", "-A"]);
    let date = format!("2026-11-{day:02}T10:00:00Z");
    let message = ["-c", "user.useConfigOnly=false", "commit", "-q", "-m", "b", "--date", &date];
    let mut commit = Command::new("git");
    commit.args(message).current_dir(root).env("GIT_COMMITTER_DATE", &date);
    assert!(commit.status().expect("git starts").success());
}

#[test]
fn a_rule_is_previewed_on_the_past() {
    const MIXED: &str = "--extra-index-url https://pypi.acme.example/simple\nacme-billing==1.0.0\n";
    let folder = shop(&[("requirements.txt", "requests==2.32.4\n")]);
    let root = folder.path();
    commit_on(root, ("requirements.txt", MIXED), 3);
    commit_on(root, ("README", "x"), 4);
    commit_on(root, ("requirements.txt", "requests==2.32.4\n"), 5);
    fs::write(root.join(".git/bundle.json"), sign(&bundle(0), &key())).unwrap();
    fs::write(root.join(".git/public.key"), format!("{}\n", key().public())).unwrap();
    let policy = ["--policy", ".git/bundle.json", "--policy-key", ".git/public.key"];
    let replay = ["--replay", "30", "--format", "json"];
    let said = json(&gate(root, &[&replay[..], &policy].concat(), &[]));
    // Not the next one, which had nothing to do with it, and not the one that fixes.
    assert_eq!(said["broken"]["builds"], 1, "{said:#}");
    assert_eq!(said["ended"][0]["findings"][0]["id"], "dependency-confusion", "{said:#}");
    // With an exception beside it, it goes on.
    let exception =
        "[[exception]]\nrule='dependency-confusion'\nreason='r'\nowner='o'\nexpires=2099-01-01\n";
    commit_on(root, ("fixloop.toml", exception), 6);
    commit_on(root, ("requirements.txt", MIXED), 7);
    let said = json(&gate(root, &[&replay[..], &policy].concat(), &[]));
    assert_eq!(said["broken"]["builds"], 1, "{said:#}");
}

#[test]
fn a_policy_is_previewed_on_the_past() {
    let folder = shop(&[("a", "b")]);
    let root = folder.path();
    let commit_on = |text: &str, day: u32| commit_on(root, ("package.json", text), day);
    commit_on(r#"{"name":"shop","dependencies":{"minimist":"0.0.8"}}"#, 3);
    commit_on(r#"{"name":"shop","dependencies":{"minimist":"1.2.8"}}"#, 5);
    commit_on(r#"{"name":"shop","dependencies":{"minimist":"1.2.8","lodash":"4.17.15"}}"#, 7);
    git(root, &["branch", "release/1"]);
    let said = json(&gate(root, &["--replay", "30", "--format", "json"], &[]));
    assert_eq!(said["schema"], "fixloop.gate-replay/1");
    assert_eq!(said["release_branches"], 1);
    // The same two commits on the default branch and on the release branch.
    assert_eq!(said["broken"]["builds"], 4, "{said:#}");
    assert_eq!(said["broken"]["teams"], 1);
    assert_eq!(said["ended"][0]["has_fix"], true);
    let later = json(&gate(root, &["--replay", "9", "--format", "json"], &[]));
    assert_eq!(later["broken"]["builds"], 2, "{later:#}");
}

#[test]
fn every_format_is_written_in_one_run() {
    let folder = shop(&[("a", "b")]);
    let root = folder.path();
    commit(root, &[("package.json", OLD)]);
    let outputs = ["json=g.json", "sarif=g.sarif", "junit=g.xml", "markdown=g.md", "summary=s.md"];
    let mut words = vec!["--base", "main", "--format", "github"];
    words.extend(outputs.iter().flat_map(|it| ["--output", *it]));
    let output = gate(root, &words, &[]);
    assert_exit(&output, 1);
    assert!(stdout(&output).starts_with("::error file=package.json"), "{}", stdout(&output));
    for file in ["g.json", "g.sarif", "g.xml", "g.md", "s.md"] {
        assert!(fs::metadata(root.join(file)).unwrap().len() > 100, "{file}");
    }
    for wrong in ["sarif", "nothing=a", "json="] {
        assert_exit(&gate(root, &["--output", wrong], &[]), 2);
    }
}

#[test]
fn a_scan_tells_what_is_new_and_looks_back() {
    let folder = shop(&[("package.json", OLD)]);
    let root = folder.path();
    commit(root, &[("package.json", r#"{"name":"shop","dependencies":{"minimist":"0.0.8"}}"#)]);
    let scan = |more: &[&str]| {
        let root = root.display().to_string();
        let words = [&["scan", &root, "--format", "json"], more].concat();
        fixloop(&words)
    };
    let names = |said: &serde_json::Value, key: &str| -> Vec<String> {
        let all = said[key].as_array().unwrap().iter();
        let mut names: Vec<String> =
            all.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        names.dedup();
        names
    };
    let output = scan(&["--diff", "main"]);
    let said = json(&output);
    assert_exit(&output, 1);
    assert_eq!(
        (names(&said, "findings"), names(&said, "fixed")),
        (vec!["minimist".to_owned()], vec!["lodash".to_owned()])
    );
    assert_exit(&scan(&["--diff", "HEAD"]), 0);
    assert_exit(&scan(&["--diff", "nowhere"]), 2);
    let said = json(&scan(&["--at", "2010-01-01"]));
    assert_eq!(said["findings"].as_array().unwrap().len(), 0);
    assert_eq!(
        (&said["as_of"]["records"], &said["as_of"]["modified_since"]),
        (&0.into(), &0.into())
    );
    let said = json(&scan(&["--at", "2026-01-01"]));
    assert_eq!(names(&said, "findings"), ["minimist"]);
    assert_exit(&scan(&["--since", "2099-01-01"]), 0);
    assert_exit(&scan(&["--since", "2010-01-01"]), 1);
}
