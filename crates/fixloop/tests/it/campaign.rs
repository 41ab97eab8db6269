//! Campaigns over one data directory: who is affected, what becomes of them, the pivot, and what bad input gets.

mod answers;
mod pivot;
mod refusals;

use super::*;
use crate::repository::{Repository, package_lock};

/// Repositories, each of the team of its name, and a data directory with their mirrors.
struct Organization {
    folder: TempDir,
    repositories: Vec<Repository>,
}

/// Of these, `web` and `jobs` have the affected version, `api` another one, and `docs` nothing of it.
const VERSIONS: [(&str, &str); 4] =
    [("web", "left@1.0.0"), ("jobs", "left@1.2.0"), ("api", "left@2.0.0"), ("docs", "right@1.0.0")];

const PACKAGE: [&str; 4] = ["--package", "pkg:npm/left", "--range", "<2.0.0"];

impl Organization {
    /// As of 1 June 2024, rings `pilot` (web) and `broad` (jobs, api, docs).
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let records = folder.path().join("records");
        fs::create_dir_all(&records).expect("writable");
        let record = r#"{"id": "A-1", "published": "2020-01-01T00:00:00Z", "modified": "2020-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "right"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "3.0.0"}]}]}]}"#;
        fs::write(records.join("A-1.json"), record).expect("writable");
        let repositories: Vec<Repository> = VERSIONS
            .iter()
            .map(|(name, package)| {
                let it = Repository::new(name);
                it.write("package-lock.json", &package_lock(&[package])).commit("05-01");
                it
            })
            .collect();
        let it = Self { folder, repositories };
        it.write_list(&["web", "jobs", "api", "docs"]);
        let output = it.run(
            "2024-06-01",
            &["start", &it.path("list.csv"), "--advisories", &it.path("records")],
        );
        assert!(output.status.code() == Some(0), "{}", stderr(&output));
        it.done("2024-06-01", &["ring", "set", "pilot", "--teams", "web"]);
        it.done("2024-06-01", &["ring", "set", "broad", "--teams", "jobs,api,docs"]);
        it
    }

    /// With `campaign-1` about versions of `left` before 2, open until the end of June.
    fn opened() -> Self {
        let it = Self::new();
        it.create(&PACKAGE);
        it.done("2024-06-01", &["campaign", "open", "campaign-1"]);
        it
    }

    fn create(&self, about: &[&str]) -> serde_json::Value {
        let words = ["--title", "left takes over machines", "--contact", "#supply-chain"];
        let fixed = ["campaign", "create", "--deadline", "2024-06-30"];
        let arguments = [&fixed[..], &words, about].concat();
        self.json("2024-06-01", &arguments)
    }

    fn write_list(&self, names: &[&str]) {
        let mut list = "name,url,team\n".to_owned();
        for name in names {
            let path = self.repository(name).path();
            let path = path.to_str().expect("a plain path");
            list.extend([name, ",file://", path, ",", name, "\n"]);
        }
        fs::write(self.folder.path().join("list.csv"), list).expect("writable");
    }

    fn repository(&self, name: &str) -> &Repository {
        let place = VERSIONS.iter().position(|it| it.0 == name).expect("one of them");
        &self.repositories[place]
    }

    /// A commit that brings a version, and mirrors that hold it.
    fn commit(&self, day: &str, name: &str, package: &str) {
        let repository = self.repository(name);
        repository.write("package-lock.json", &package_lock(&[package])).commit(day);
        self.sync(day);
    }

    fn sync(&self, day: &str) -> Output {
        let fleet = self.data().join("fleet");
        let fleet = fleet.to_str().expect("a plain path");
        self.run(
            &format!("2024-{day}"),
            &["fleet", "sync", &self.path("list.csv"), "--into", fleet],
        )
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a plain path").to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// At the end of the day.
    fn run(&self, day: &str, arguments: &[&str]) -> Output {
        self.run_as("Laura", day, arguments)
    }

    fn run_as(&self, who: &str, day: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fixloop"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FIXLOOP_DATA", self.data())
            .env("FIXLOOP_ACTOR", who)
            .env("FIXLOOP_NOW", format!("{day}T23:00:00Z"))
            .output()
            .expect("the binary starts")
    }

    #[track_caller]
    fn done(&self, day: &str, arguments: &[&str]) -> String {
        let output = self.run(day, arguments);
        assert_exit(&output, 0);
        stdout(&output)
    }

    #[track_caller]
    fn refused(&self, day: &str, arguments: &[&str]) -> String {
        let output = self.run(day, arguments);
        assert_exit(&output, 2);
        let folder = self.folder.path().to_str().expect("a plain path");
        stderr(&output).replace(folder, "FOLDER")
    }

    #[track_caller]
    fn json(&self, day: &str, arguments: &[&str]) -> serde_json::Value {
        json(&self.run(day, &[arguments, &["--format", "json"]].concat()))
    }

    /// `state target` of each target.
    #[track_caller]
    fn states(&self, day: &str) -> Vec<String> {
        let all = ["affected", "fixed", "clean", "unknown"].map(|it| ["--state", it]);
        let arguments = [&["campaign", "affected", "campaign-1"][..], all.as_flattened()].concat();
        let found = self.json(day, &arguments);
        let targets = found["targets"].as_array().expect("a list");
        let word = |it: &serde_json::Value, key: &str| it[key].as_str().expect("a text").to_owned();
        targets.iter().map(|it| format!("{} {}", word(it, "state"), word(it, "target"))).collect()
    }
}
