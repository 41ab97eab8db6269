//! Builds: a checkout, and a real `fixloop gate` on it that reads the published policy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use fixloop_sim::random::rng_of;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::organization::{Organization, Repository};
use crate::story_command::Fixloop;

/// A working day's chance that a repository with something open is built.
const BUILT: f64 = 0.7;
/// Of those with nothing open, so many are built a day.
const OTHERS: usize = 4;

pub(super) struct Builds {
    folder: PathBuf,
    policy: PathBuf,
    key: PathBuf,
    /// Repositories whose last build was ended.
    ended: BTreeSet<String>,
    rng: ChaCha8Rng,
}

impl Builds {
    pub(super) fn new(folder: &Path, fixloop: &Fixloop) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let policy = fixloop.data().join("policy");
        Ok(Self {
            folder: std::path::absolute(folder)?,
            policy: policy.join("bundle.json"),
            key: policy.join("public.key"),
            ended: BTreeSet::new(),
            rng: rng_of(7, 7),
        })
    }

    pub(super) fn has_ended(&self, repository: &str) -> bool {
        self.ended.contains(repository)
    }

    /// The builds of a day: how many ended, and how many of fixed and of unaffected repositories passed; how many alerted.
    pub(super) fn of_day(
        &mut self,
        fixloop: &Fixloop,
        organization: &Organization,
        day: u32,
    ) -> anyhow::Result<[usize; 4]> {
        let mut counts = [0; 4];
        for it in organization.repositories.iter().filter(|it| !it.open.is_empty()) {
            if self.rng.random::<f64>() >= BUILT {
                continue;
            }
            match &*self.build(fixloop, it)? {
                "break" => {
                    counts[0] += 1;
                    self.ended.insert(it.name.clone());
                }
                "alert" => counts[3] += 1,
                other => bail!("the build of {} on day {day}, which is affected: {other}", it.name),
            }
        }
        let fixed = |it: &&Repository| it.open.is_empty() && !it.fixed.is_empty();
        let unaffected = |it: &&Repository| it.open.is_empty() && it.fixed.is_empty();
        let of = |which: &dyn Fn(&&Repository) -> bool| -> Vec<&Repository> {
            organization.repositories.iter().filter(|it| which(it)).collect()
        };
        for (slot, those) in [(1, of(&fixed)), (2, of(&unaffected))] {
            for _ in 0..OTHERS.min(those.len()) {
                let it = those[self.rng.random_range(0..those.len())];
                let verdict = self.build(fixloop, it)?;
                if verdict != "pass" {
                    bail!("the build of {}, which has nothing open: {verdict}", it.name);
                }
                self.ended.remove(&it.name);
                counts[slot] += 1;
            }
        }
        Ok(counts)
    }

    /// The verdict on the newest commit, which has to be what the exit code says.
    fn build(&self, fixloop: &Fixloop, repository: &Repository) -> anyhow::Result<String> {
        let tree = self.folder.join(&repository.name);
        let git = |arguments: &[&str], folder: &Path| -> anyhow::Result<()> {
            let status = Command::new("git")
                .args(arguments)
                .current_dir(folder)
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()?;
            if !status.success() {
                bail!("git {arguments:?} failed");
            }
            Ok(())
        };
        if tree.exists() {
            git(&["fetch", "-q", "origin", "main"], &tree)?;
            git(&["reset", "-q", "--hard", "FETCH_HEAD"], &tree)?;
        } else {
            let from = repository.bare.display().to_string();
            git(&["clone", "-q", &from, &repository.name], &self.folder)?;
        }
        let mut command = fixloop.command(&["gate", ".", "--base", "HEAD", "--branch", "default"]);
        let output = command
            .args(["--format", "json", "--policy"])
            .arg(&self.policy)
            .arg("--policy-key")
            .arg(&self.key)
            .current_dir(&tree)
            .env("XDG_DATA_HOME", self.folder.join(".data"))
            .output()?;
        let said: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("gate: {}", String::from_utf8_lossy(&output.stderr)))?;
        let verdict = said["verdict"].as_str().context("a gate has a verdict")?.to_owned();
        let expected = i32::from(verdict == "break");
        if output.status.code() != Some(expected) {
            bail!("`{verdict}` with exit code {:?}", output.status.code());
        }
        Ok(verdict)
    }
}
