//! The loop over one data directory: from a list of repositories to a decision, and what bad input gets.

mod damage;
mod experiments;
mod objects;
mod okr;
mod problems;
mod rules;
mod sinks;
mod start;

use std::io::Write;
use std::process::Stdio;

use tempfile::TempDir;

use super::*;
use crate::repository::package_lock;

const NOW: &str = "2024-12-31T12:00:00Z";
/// 2024-07-01.
const JULY: i64 = 1_719_792_000;
const TEAMS: [&str; 8] = ["web", "api", "jobs", "docs", "shop", "site", "ops", "lake"];

/// A data directory, and the repositories of eight teams that its mirrors are of.
struct Programme {
    folder: TempDir,
}

/// Five vulnerable packages come in at the start of July, when everybody could know; every `pace` days one is upgraded.
fn shop(folder: &Path, name: &str, pace: i64) -> PathBuf {
    let path = folder.join(name);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_SYSTEM", "/dev/null");
        command
    };
    let place = path.to_str().expect("a plain path");
    let made = git(&["init", "-q", "--bare", "-b", "main", place]).status().expect("git runs");
    assert!(made.success());
    let begin = JULY - 86_400;
    let mut history = format!(
        "commit refs/heads/main\ncommitter t <t@corp.example> {begin} +0000\ndata 1\nx\nM 100644 inline README.md\ndata 1\nx\n"
    );
    for n_fixed in 0..=5 {
        let version = |it| if it < n_fixed { "2.0.0" } else { "1.0.0" };
        let packages: Vec<String> = (0..5).map(|it| format!("p{it}@{}", version(it))).collect();
        let packages: Vec<&str> = packages.iter().map(|it| &**it).collect();
        let lock = package_lock(&packages);
        let time = JULY + n_fixed * pace * 86_400;
        let commit = format!(
            "commit refs/heads/main\ncommitter t <t@corp.example> {time} +0000\ndata 1\nx\nM 100644 inline package-lock.json\ndata {}\n{lock}\n",
            lock.len()
        );
        history.push_str(&commit);
    }
    let mut import = git(&["-C", place, "fast-import", "--quiet"]);
    let mut import = import.stdin(Stdio::piped()).spawn().expect("git runs");
    let mut into = import.stdin.take().expect("it is piped");
    into.write_all(history.as_bytes()).expect("git reads");
    drop(into);
    assert!(import.wait().expect("git ends").success());
    path
}

impl Programme {
    /// Advisories and a list of repositories beside a data directory that is not made yet.
    fn listed() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let records = folder.path().join("records");
        fs::create_dir_all(&records).expect("writable");
        for it in 0..5 {
            let text = format!(
                r#"{{"id": "A-{it}", "published": "2020-01-01T00:00:00Z", "modified": "2024-12-01T00:00:00Z", "summary": "a test",
                "affected": [{{"package": {{"ecosystem": "npm", "name": "p{it}"}},
                "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "2.0.0"}}]}}]}}]}}"#
            );
            fs::write(records.join(format!("A-{it}.json")), text).expect("writable");
        }
        let mut list = "name,url,team\n".to_owned();
        for (pace, team) in (2..).zip(TEAMS) {
            let repository = shop(folder.path(), team, 4 * pace);
            list.extend([
                team,
                ",file://",
                repository.to_str().expect("a plain path"),
                ",",
                team,
                "\n",
            ]);
        }
        fs::write(folder.path().join("list.csv"), list).expect("writable");
        Self { folder }
    }

    fn started() -> Self {
        let it = Self::listed();
        it.start();
        it
    }

    fn start(&self) -> String {
        let (list, records) = (self.path("list.csv"), self.path("records"));
        self.done(&["start", &list, "--advisories", &records])
    }

    /// `kr-1` is active, and `problem-3` is supported: all of it was known.
    fn supported() -> Self {
        let it = Self::started();
        it.run(&["okr", "check", "kr-1"]);
        it.done(&["okr", "activate", "kr-1", "--why", "a small organization"]);
        let believe =
            ["--key-result", "kr-1", "--believe", "nobody is told at the first reference"];
        it.done(&[&["hypothesis", "create"][..], &believe].concat());
        let predict = ["--predict", "known-at-introduction:1%:2%:5"];
        it.done(&[&["hypothesis", "frame", "problem-3"][..], &predict].concat());
        it.done(&["hypothesis", "evidence", "problem-3"]);
        it.done(&["hypothesis", "verdict", "problem-3", "--expect", "supported"]);
        it
    }

    /// `treatment-1`, the ring pilot of all teams, `solution-1` and `rollout-1`.
    fn planned() -> Self {
        let it = Self::supported();
        it.done(&["ring", "set", "pilot", "--teams", &TEAMS.join(",")]);
        it.done(&["treatment", "create", "--name", "alert", "--moment", "first-reference"]);
        let of = ["--problem", "problem-3", "--treatment", "treatment-1"];
        let because = ["--because", "they see it before it is committed"];
        it.done(&[&["solution", "create"][..], &of, &because].concat());
        it.done(&["rollout", "plan", "--solution", "solution-1"]);
        it
    }

    /// `experiment-1`, drawn and running.
    fn running() -> Self {
        let it = Self::planned();
        let design = ["--design", "complete", "--looks", "14,28"];
        it.done(&[&["experiment", "register", "--rollout", "rollout-1"][..], &design].concat());
        it.done(&["experiment", "start", "experiment-1"]);
        it
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a plain path").to_owned()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("FIXLOOP_DATA", self.data())
            .env("FIXLOOP_ACTOR", "Laura")
            .env("FIXLOOP_NOW", NOW);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary starts")
    }

    /// Standard output of what has to succeed.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_exit(&output, 0);
        stdout(&output)
    }

    /// Standard error of what has to be refused.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_exit(&output, 2);
        self.plain(&stderr(&output))
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        json(&self.run(&[arguments, &["--format", "json"]].concat()))
    }

    /// Without the folder of this run.
    fn plain(&self, text: &str) -> String {
        text.replace(self.folder.path().to_str().expect("a plain path"), "FOLDER")
    }
}
