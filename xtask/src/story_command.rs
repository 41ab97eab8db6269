//! The command line of a story, on a simulated calendar, with a transcript.

#![expect(clippy::print_stdout, reason = "a transcript for people")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};
use fixloop_sim::Organization;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) struct Fixloop {
    program: PathBuf,
    data: PathBuf,
    now: Timestamp,
    is_quiet: bool,
    last_code: i32,
}

impl Fixloop {
    /// It begins at nine in the morning.
    pub(crate) fn new(data: &Path, midnight: Timestamp, is_quiet: bool) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no root")?;
        let program = match std::env::var_os("STORY_FIXLOOP") {
            Some(named) => PathBuf::from(named),
            None => root.join("target/debug/fixloop"),
        };
        if !program.exists() {
            bail!("{} is not there: cargo build -p fixloop", program.display());
        }
        let now = midnight.checked_add(SignedDuration::from_hours(9))?;
        let data = std::path::absolute(data)?;
        Ok(Self { program, data, now, is_quiet, last_code: 0 })
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    pub(crate) fn last_code(&self) -> i32 {
        self.last_code
    }

    pub(crate) fn later(&mut self, minutes: i64) -> anyhow::Result<()> {
        self.now = self.now.checked_add(SignedDuration::from_mins(minutes))?;
        Ok(())
    }

    /// An hour of a day, or before its midnight; time never goes back.
    pub(crate) fn is_now(&mut self, midnight: Timestamp, hour: i64) -> anyhow::Result<()> {
        let wanted = midnight.checked_add(SignedDuration::from_hours(hour))?;
        self.now = self.now.max(wanted);
        Ok(())
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .env("FIXLOOP_DATA", &self.data)
            .env("FIXLOOP_ACTOR", "Laura")
            .env("FIXLOOP_NOW", self.now.to_string())
            .env("FIXLOOP_CACHE", self.data.join("cache"))
            .env_remove("DO_NOT_TRACK");
        command
    }

    fn output(&mut self, words: &[&str]) -> anyhow::Result<Output> {
        let output = self.command(words).output()?;
        self.last_code = output.status.code().unwrap_or(-1);
        Ok(output)
    }

    /// Runs a command and prints it with what it said. It has to succeed, with a finding (exit code 1) or without.
    pub(crate) fn run(&mut self, words: &[&str]) -> anyhow::Result<()> {
        let output = self.output(words)?;
        if !self.is_quiet {
            let quoted: Vec<String> = words
                .iter()
                .map(|it| if it.contains(' ') { format!("\"{it}\"") } else { (*it).to_owned() })
                .collect();
            println!("\n[{}] $ fixloop {}", self.now, quoted.join(" "));
            print!("{}", String::from_utf8_lossy(&output.stdout));
        }
        if !matches!(self.last_code, 0 | 1) {
            let error = String::from_utf8_lossy(&output.stderr);
            bail!("fixloop {} ended with {}: {error}", words.join(" "), self.last_code);
        }
        Ok(())
    }

    pub(crate) fn json(&mut self, words: &[&str]) -> anyhow::Result<Value> {
        let words = [words, &["--format", "json"]].concat();
        let output = self.output(&words)?;
        serde_json::from_slice(&output.stdout).with_context(|| {
            let error = String::from_utf8_lossy(&output.stderr);
            format!("fixloop {} ended with {}: {error}", words.join(" "), self.last_code)
        })
    }

    /// The look that is due; it says by its exit code whether it ended or paused the experiment.
    pub(crate) fn look(&mut self, experiment: &str) -> anyhow::Result<()> {
        self.run(&["experiment", "look", experiment])
    }

    /// Advisories of the morning.
    pub(crate) fn index_of(&mut self, organization: &Organization) -> anyhow::Result<()> {
        let folder = organization.advisories_folder().display().to_string();
        let index = self.data.join("advisories.index").display().to_string();
        let output = self.output(&["db", "import", &folder, "--index", &index])?;
        if !output.status.success() {
            bail!("db import: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// What happened on the host since, as the nightly job brings it.
    pub(crate) fn mirrors(&mut self, list: &Path) -> anyhow::Result<()> {
        let (list, fleet) = (list.display().to_string(), self.data.join("fleet"));
        let output =
            self.output(&["fleet", "sync", &list, "--into", &fleet.display().to_string()])?;
        if !output.status.success() {
            bail!("fleet sync: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// For many seeds: the fleet's mirrors are links to the repositories, which a sync would only copy.
    pub(crate) fn mirrors_are(&self, organization: &Organization) -> anyhow::Result<()> {
        let fleet = self.data.join("fleet");
        fs::create_dir_all(&fleet)?;
        let mut rows = Vec::new();
        for it in organization.repositories() {
            let link = fleet.join(&it.name);
            if !link.exists() {
                std::os::unix::fs::symlink(&it.git_dir, &link)?;
            }
            let head = fs::read_to_string(it.git_dir.join("refs/heads/main")).unwrap_or_default();
            rows.push(json!({
                "name": it.name, "url": it.git_dir, "team": it.team, "folder": it.name, "branch": "main",
                "head": head.trim(), "status": "synced", "reason": null, "synced_at": self.now.to_string(), "partial": false,
            }));
        }
        let document = json!({ "schema": "fixloop.fleet/1", "repositories": rows });
        fs::write(fleet.join("fleet.json"), document.to_string())?;
        Ok(())
    }
}
