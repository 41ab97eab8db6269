//! `fixloop fleet sync` and `scan --fleet`, against git's own server over HTTP.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fixloop_test_support::git_host::{GitHost, git};
use tempfile::TempDir;

use crate::{assert_exit, json, stderr, stdout, unknown};

/// A host with some repositories, and a folder for list and mirrors.
struct Place {
    host: GitHost,
    folder: TempDir,
}

const OLD: (&str, &str) = ("jobs/requirements.txt", "Jinja2==2.10\n");
const OTHER: (&str, &str) = ("src/main.py", "print('not fetched')\n");

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("as the test made it");
        Self { host: GitHost::start(), folder }
    }

    fn with(repositories: &[&str]) -> Self {
        let place = Self::new();
        for name in repositories {
            place.host.create(name, true);
            place.host.import(name, "main", 1, &[OLD, OTHER]);
        }
        place
    }

    fn fleet(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    /// A list of these with teams, then a sync.
    fn sync(&self, repositories: &[&str], more: &[&str]) -> Output {
        let mut list = "name,url,team\n".to_owned();
        for name in repositories {
            list.extend([name, ",", &self.host.url_of(name), ",team-", name, "\n"]);
        }
        self.sync_list(&list, more)
    }

    fn sync_list(&self, list: &str, more: &[&str]) -> Output {
        let file = self.folder.path().join("list.csv");
        fs::write(&file, list).expect("as the test made it");
        let mut arguments = vec!["fleet", "sync", file.to_str().expect("a plain path")];
        let fleet = self.fleet();
        arguments.extend(["--into", fleet.to_str().expect("a plain path")]);
        arguments.extend(more);
        run(&arguments)
    }

    /// `name status branch partial reason` of each repository.
    fn state(&self) -> String {
        let fleet = fleet_json(self);
        assert_eq!(fleet["schema"], "fixloop.fleet/1");
        let text =
            |it: &serde_json::Value| it.as_str().unwrap_or("-").replace(&self.host.url, "HOST");
        let line = |it: &serde_json::Value| {
            let partial = if it["partial"] == true { "partial" } else { "whole" };
            let (name, status) = (text(&it["name"]), text(&it["status"]));
            format!("{name} {status} {} {partial} {}", text(&it["branch"]), text(&it["reason"]))
        };
        fleet["repositories"]
            .as_array()
            .expect("as the test made it")
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn mirror(&self, name: &str) -> PathBuf {
        let found = fs::read_dir(self.fleet()).expect("as the test made it").find_map(|it| {
            let path = it.expect("as the test made it").path();
            let file = path
                .file_name()
                .expect("as the test made it")
                .to_str()
                .expect("a plain path")
                .to_owned();
            file.starts_with(&format!("{}-", name.replace('/', "."))).then_some(path)
        });
        found.unwrap_or_else(|| panic!("there is a mirror of {name}"))
    }

    fn scan(&self) -> (serde_json::Value, Output) {
        let fleet = self.fleet();
        let output =
            run(&["scan", "--fleet", fleet.to_str().expect("a plain path"), "--format", "json"]);
        (json(&output), output)
    }
}

/// With the PATH, where git is, and nobody's configuration of git.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fixloop"))
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("as the test made it"))
        .env("HOME", std::env::temp_dir().join("no-such-home-of-fixloop-tests"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("the binary starts")
}

fn fleet_json(place: &Place) -> serde_json::Value {
    let text = fs::read_to_string(place.fleet().join("fleet.json")).expect("as the test made it");
    serde_json::from_str(&text).expect("as the test made it")
}

/// Whether the mirror itself has the contents of this file.
fn has(mirror: &Path, file: &str) -> bool {
    let object = git(mirror, &["rev-parse", &format!("HEAD:{file}")]);
    let kinds = git(mirror, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    kinds.lines().any(|it| it == object.trim())
}

#[test]
fn a_fleet_is_mirrored_and_kept_up_to_date() {
    let place = Place::with(&["shop", "site", "ops/run", "gone", "moved"]);
    place.host.create("nothing", true);
    place.host.create("private/vault", true);
    place.host.create("plain", false);
    place.host.import("plain", "main", 1, &[OLD, OTHER]);
    let all = ["shop", "site", "ops/run", "gone", "moved", "nothing", "private/vault", "plain"];

    let output = place.sync(&all, &[]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(place.state(), @r"
    gone synced main partial -
    moved synced main partial -
    nothing synced - whole -
    ops/run synced main partial -
    plain synced main whole -
    private/vault unknown - whole Authentication failed for 'HOST/private/vault/'
    shop synced main partial -
    site synced main partial -
    ");
    let mirror = place.mirror("shop");
    assert!(has(&mirror, OLD.0) && !has(&mirror, OTHER.0));
    assert!(has(&place.mirror("plain"), OTHER.0));
    // A mirror does not know its host: whoever reads it reaches no network.
    assert!(!fs::read_to_string(mirror.join("config")).unwrap().contains("remote"));

    place.host.push("shop", &[("package.json", "{}"), ("b.txt", "2"), ("web/.npmrc", "a=b\n")]);
    place.host.push("ops/run", &[(OLD.0, "Jinja2==3.1.6\n")]);
    place.host.push("plain", &[("go.mod", "module a\n")]);
    fs::remove_dir_all(place.host.path_of("gone")).unwrap();
    let moved = place.host.path_of("moved");
    git(&moved, &["branch", "-m", "main", "trunk"]);
    place.host.take_n_fetches();
    let output = place.sync(&all, &[]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(place.state(), @r"
    gone stale main partial repository 'HOST/gone/' not found
    moved synced trunk partial -
    nothing unchanged - whole -
    ops/run synced main partial -
    plain synced main whole -
    private/vault unknown - whole Authentication failed for 'HOST/private/vault/'
    shop synced main partial -
    site unchanged main partial -
    ");
    let text = stdout(&output).replace(&place.host.url, "HOST");
    let text = text.replace(place.fleet().to_str().unwrap(), "FLEET");
    insta::assert_snapshot!(text, @r"
    stale: 1 could not be brought up to date; an older mirror is kept
      gone  repository 'HOST/gone/' not found
    unknown: 1 could not be fetched
      private/vault  Authentication failed for 'HOST/private/vault/'
    8 repositories: 0 new, 4 updated, 2 unchanged, 2 not fetched; 1 MiB in FLEET
    1 with all their files, because the host left none out
    8 with a team (from the list's column)
    ");
    assert!(has(&mirror, "package.json") && has(&mirror, "web/.npmrc") && !has(&mirror, "b.txt"));
}

#[test]
fn a_fleet_is_scanned_as_one() {
    let place = Place::with(&["shop", "ops/run", "gone"]);
    place.host.create("private/vault", true);
    place.host.push("ops/run", &[(OLD.0, "Jinja2==3.1.6\n"), ("fixloop.toml", "what\n")]);
    let accepted = "[[exception]]\npackage = \"pkg:pypi/jinja2\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2999-01-01\n";
    place.host.create("web", true);
    place.host.import("web", "main", 1, &[OLD, ("fixloop.toml", accepted)]);
    let all = ["shop", "ops/run", "gone", "private/vault", "web"];
    assert_exit(&place.sync(&all, &[]), 2);
    fs::remove_dir_all(place.host.path_of("gone")).unwrap();
    assert_exit(&place.sync(&all, &[]), 2);

    let (scan, output) = place.scan();
    assert_exit(&output, 1);
    let mut found: Vec<&str> = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    found.sort_unstable();
    found.dedup();
    insta::assert_snapshot!(found.join("\n"), @r"
    gone/jobs/requirements.txt
    ops/run/fixloop.toml
    shop/jobs/requirements.txt
    ");
    let suppressed = scan["suppressed"].as_array().unwrap();
    assert!(suppressed.iter().all(|it| it["by"]["path"] == "web/fixloop.toml"), "{scan}");
    assert!(!suppressed.is_empty());
    let day = &fleet_json(&place)["repositories"][0]["synced_at"];
    let unknown = unknown(&scan).join("\n").replace(&place.host.url, "HOST");
    insta::assert_snapshot!(unknown.replace(day.as_str().unwrap(), "TIME"), @r"
    file gone: scanned as of TIME: repository 'HOST/gone/' not found
    file private/vault: not fetched: Authentication failed for 'HOST/private/vault/'
    ");
}

#[test]
fn an_unchanged_repository_is_not_fetched() {
    let place = Place::with(&["shop", "site"]);
    assert_exit(&place.sync(&["shop", "site"], &[]), 0);
    // For each: refs, once more with the commits, files.
    assert_eq!(place.host.take_n_fetches(), 8);
    assert_exit(&place.sync(&["shop", "site"], &[]), 0);
    assert_eq!(place.host.take_n_fetches(), 2);
    insta::assert_snapshot!(place.state(), @r"
    shop unchanged main partial -
    site unchanged main partial -
    ");
}

#[test]
fn a_rewritten_branch_is_followed_with_all_its_files() {
    let place = Place::with(&["shop"]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    git(&place.host.path_of("shop"), &["update-ref", "-d", "refs/heads/main"]);
    place.host.import("shop", "main", 2, &[("go.mod", "module a\n"), OTHER]);
    place.host.import("shop", "main", 3, &[("go.mod", "module b\n")]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    let mirror = place.mirror("shop");
    assert_eq!(git(&mirror, &["show", "main~1:go.mod"]).trim(), "module a");
    assert_eq!(git(&mirror, &["show", "main:go.mod"]).trim(), "module b");
}

#[test]
fn files_of_merged_branches_are_there_when_the_main_line_takes_them_over() {
    let place = Place::with(&["shop"]);
    let bare = place.host.path_of("shop");
    place.host.import("shop", "side", 2, &[("go.mod", "module side\n")]);
    git(&bare, &["update-ref", "refs/heads/base", "main"]);
    let merge = |first: &str, second: &str| {
        git(
            &bare,
            &[
                "commit-tree",
                "-p",
                first,
                "-p",
                second,
                "-m",
                "merge",
                &format!("{second}^{{tree}}"),
            ],
        )
    };
    let merged = merge("main", "side");
    git(&bare, &["update-ref", "refs/heads/main", merged.trim()]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    // The second parent becomes the first.
    place.host.import("shop", "side", 3, &[("go.mod", "module later\n")]);
    let swapped = merge("side", "main");
    git(&bare, &["update-ref", "refs/heads/main", swapped.trim()]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    let mirror = place.mirror("shop");
    for state in ["main:go.mod", "main~1:go.mod", "main~2:go.mod"] {
        git(&mirror, &["cat-file", "-e", state]);
    }
}

#[test]
fn a_damaged_mirror_is_made_anew() {
    let place = Place::with(&["shop"]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    let mirror = place.mirror("shop");
    fs::remove_dir_all(mirror.join("objects")).unwrap();
    fs::create_dir(mirror.join("objects")).unwrap();
    fs::create_dir(place.fleet().join(".new-half.git")).unwrap();
    assert_exit(&place.sync(&["shop"], &[]), 0);
    assert!(has(&mirror, OLD.0));
    assert!(!place.fleet().join(".new-half.git").exists());
}

#[test]
fn an_emptied_repository_keeps_its_mirror() {
    let place = Place::with(&["shop"]);
    assert_exit(&place.sync(&["shop"], &[]), 0);
    git(&place.host.path_of("shop"), &["update-ref", "-d", "refs/heads/main"]);
    assert_exit(&place.sync(&["shop"], &[]), 2);
    insta::assert_snapshot!(place.state(), @"shop stale main partial the repository has no commits any more");
    assert!(has(&place.mirror("shop"), OLD.0));
}

#[test]
fn a_host_that_is_silent_costs_its_time_and_no_more() {
    // Accepts connections, by the backlog, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Place::with(&["shop"]);
    let list = format!(
        "url,name\nhttp://{}/a.git,silent\n{},shop\n",
        silent.local_addr().unwrap(),
        place.host.url_of("shop")
    );
    assert_exit(&place.sync_list(&list, &["--timeout", "2"]), 2);
    let state = place.state();
    assert!(state.contains("shop synced main partial -"), "{state}");
    assert!(state.contains("silent unknown - whole no answer within 2 seconds"), "{state}");
}

#[test]
fn credentials_of_an_address_stay_out_of_everything() {
    let place = Place::with(&["shop"]);
    place.host.create("private/vault", true);
    let with_token = |name: &str| place.host.url_of(name).replace("http://", "http://bot:s3cret@");
    let list = format!(
        "url\n{}\n{}\n{}\n",
        with_token("shop"),
        with_token("private/vault"),
        with_token("missing")
    );
    let output = place.sync_list(&list, &["--format", "json"]);
    assert_exit(&output, 2);
    assert!(!stdout(&output).contains("s3cret"), "{}", stdout(&output));
    assert!(!stderr(&output).contains("s3cret"), "{}", stderr(&output));
    let mut folders = vec![place.fleet()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                let has = bytes.windows(6).any(|it| it == b"s3cret");
                assert!(!has, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_list_of_a_host_gets_its_teams_from_a_file() {
    let place = Place::with(&["acme/shop", "acme/site"]);
    let entry = |name: &str| {
        let url = place.host.url_of(name);
        format!(r#"{{"full_name": "{name}", "clone_url": "{url}", "default_branch": "old-name"}}"#)
    };
    let teams = place.folder.path().join("teams.csv");
    fs::write(&teams, "repository,team\n*/shop,checkout\n").unwrap();
    let pages = format!("[{}]\n[{}]\n", entry("acme/shop"), entry("acme/site"));
    assert_exit(&place.sync_list(&pages, &["--teams", teams.to_str().unwrap()]), 0);
    let fleet = fleet_json(&place);
    assert_eq!(fleet["repositories"][0]["team"], "checkout");
    assert!(fleet["repositories"][1]["team"].is_null(), "{fleet}");
    insta::assert_snapshot!(place.state(), @r"
    acme/shop synced main partial -
    acme/site synced main partial -
    ");
    // What leaves the list leaves the fleet, not the disk.
    let output = place.sync_list(&format!("[{}]", entry("acme/site")), &[]);
    assert_exit(&output, 0);
    assert!(stdout(&output).contains("1 no longer listed"), "{}", stdout(&output));
    assert!(has(&place.mirror("acme/shop"), OLD.0));
}

#[test]
fn a_list_that_cannot_be_used_says_where() {
    let place = Place::new();
    let output = place.sync_list("name,url\na,--upload-pack=touch\n", &[]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(stderr(&output).replace(place.folder.path().to_str().unwrap(), "DIR"), @"error: the list `DIR/list.csv` cannot be used: line 2: the address `--upload-pack=touch` cannot be used: git would take it for an option");
    let output = run(&["scan", "--fleet", place.folder.path().to_str().unwrap()]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("hint: fixloop fleet sync LIST"), "{}", stderr(&output));
}

#[test]
fn history_reads_the_mirrors_with_their_teams() {
    let place = Place::with(&["shop", "web"]);
    place.host.import("web", "main", 2, &[("jobs/requirements.txt", "Jinja2==3.1.6\n")]);
    assert_exit(&place.sync(&["shop", "web", "gone"], &[]), 2);
    let fleet = place.fleet();
    let fleet = fleet.to_str().expect("a plain path");
    let output = run(&["history", "--fleet", fleet, "--no-cache", "--format", "json"]);
    assert_exit(&output, 2);
    let document = json(&output);
    let rows = document["repositories"].as_array().expect("a list");
    let status: Vec<_> = rows.iter().map(|it| (&it["name"], &it["status"])).collect();
    assert_eq!(
        format!("{status:?}"),
        r#"[(String("gone"), String("unknown")), (String("shop"), String("read")), (String("web"), String("read"))]"#
    );
    let list = document["opportunities"].as_array().expect("a list");
    let mut found: Vec<String> = list
        .iter()
        .map(|it| {
            let text = |key: &str| it[key].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("target"), text("name"), text("team"), text("outcome"))
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "shop:jobs/requirements.txt Jinja2 team-shop open",
            "web:jobs/requirements.txt Jinja2 team-web upgraded",
        ]
    );
    assert_eq!(document["gaps"].as_array().map(Vec::len), Some(1));
    let missing = run(&["history", "--fleet", "/nowhere/at-all"]);
    assert_exit(&missing, 2);
    assert!(stderr(&missing).contains("hint: fixloop fleet sync"), "{}", stderr(&missing));
}

#[test]
fn a_rule_runs_over_every_mirror_and_what_was_not_fetched_is_unknown() {
    let place = Place::with(&["shop", "site"]);
    assert_exit(&place.sync(&["shop", "site", "gone"], &[]), 2);
    let rule = |files: &str| {
        let path = place.folder.path().join("r.toml");
        let text = format!(
            "schema = 'fixloop.rule/1'\nid = 'r'\ntitle = 't'\nfiles = ['{files}']\nformat = 'text'\n\
             good = 'b'\nbad = 'a==2.10'\n[when]\nmatches = '==2\\.10'\n"
        );
        fs::write(&path, text).expect("as the test made it");
        let fleet = place.fleet();
        let arguments = ["rule", "test", path.to_str().expect("a plain path"), "--fleet"];
        run(&[&arguments[..], &[fleet.to_str().expect("a plain path"), "--format", "json"]]
            .concat())
    };
    let states = |output: &Output| {
        let document = json(output);
        let one =
            |it: &serde_json::Value| format!("{} {}", it["name"], it["state"]).replace('"', "");
        let rows = document["repositories"].as_array().expect("as the test made it");
        rows.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let output = rule("requirements.txt");
    assert_exit(&output, 1);
    assert_eq!(states(&output), "gone unknown, shop affected, site affected");
    // The mirrors are partial: this file's contents are not here.
    let output = rule("main.py");
    assert_exit(&output, 2);
    assert_eq!(states(&output), "gone unknown, shop unknown, site unknown");
}
