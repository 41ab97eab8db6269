//! `fix-e2e INDEX`: small real projects with old dependencies, the real package managers, `fixloop fix --run`, and a scan that must be clean.
//!
//! Needs the network and npm, cargo, go and mvn; pnpm and uv are installed into a scratch folder by npm and pip. The projects stand in
//! `fix_e2e/projects.rs`, each locked by its tool to old versions. Results go to `docs/fix-e2e.md`.

#![expect(clippy::print_stdout, reason = "the table is the output")]

mod projects;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use projects::{PROJECTS, Project};

struct Outcome {
    version: String,
    before: usize,
    edits: usize,
    after: usize,
    seconds: f64,
    exit: Option<i32>,
}

pub(crate) fn run(index: &str) -> anyhow::Result<()> {
    let index = Path::new(index).canonicalize().context("there is no such index")?;
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies below the root")?;
    let built =
        Command::new("cargo").args(["build", "-p", "fixloop"]).current_dir(root).status()?;
    if !built.success() {
        bail!("fixloop does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let fixloop = target.join("debug/fixloop");
    let scratch = tempfile::tempdir()?;
    let tools = Tools::install(scratch.path())?;
    let mut table = "| project | tool | version | findings before | edits | findings after | exit | seconds |\n|---|---|---|---|---|---|---|---|\n".to_owned();
    let mut failures = Vec::new();
    for project in PROJECTS {
        let folder = scratch.path().join("projects").join(project.name);
        let outcome = try_project(project, &folder, &fixloop, &index, &tools)
            .with_context(|| project.name)?;
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} |",
            project.what,
            project.tool,
            outcome.version,
            outcome.before,
            outcome.edits,
            outcome.after,
            outcome.exit.map_or("-".to_owned(), |it| it.to_string()),
            outcome.seconds
        )?;
        let is_clean = outcome.before > 0 && outcome.after == 0 && outcome.exit == Some(0);
        if !is_clean {
            failures.push(project.name);
        }
    }
    println!("{table}");
    let day = text(&Command::new("date").arg("+%Y-%m-%d").output()?)?;
    let mut head = Command::new("git");
    head.args(["rev-parse", "--short", "HEAD"]).current_dir(root);
    let commit = text(&head.output()?)?;
    let page = format!(
        "# `fixloop fix` with real package managers\n\nMade by `cargo xtask fix-e2e INDEX` on {day} at commit {commit}; the projects stand in `xtask/src/fix_e2e/projects.rs`. Each is\nlocked by its tool to versions that are affected (direct and brought in by others), then `fixloop fix --run`, then `fixloop scan`.\nFindings are packages at a version. Seconds are those of `fix --run`, the package manager included; exit is its exit code.\n\n{table}"
    );
    fs::write(root.join("docs/fix-e2e.md"), page)?;
    if failures.is_empty() { Ok(()) } else { bail!("not clean: {}", failures.join(", ")) }
}

/// Folders that come first in the search path.
struct Tools {
    path: std::ffi::OsString,
}

impl Tools {
    /// pnpm from npm and uv from PyPI, for this run only.
    fn install(scratch: &Path) -> anyhow::Result<Self> {
        let (npm, python) = (scratch.join("npm"), scratch.join("python"));
        let installed = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&npm)
            .arg("pnpm")
            .output()?;
        text(&installed).context("npm install pnpm")?;
        text(&Command::new("python3").args(["-m", "venv"]).arg(&python).output()?)
            .context("python3 -m venv")?;
        text(&Command::new(python.join("bin/pip")).args(["install", "-q", "uv"]).output()?)
            .context("pip install uv")?;
        let mut folders = vec![npm.join("node_modules/.bin"), python.join("bin")];
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        Ok(Self { path: std::env::join_paths(folders)? })
    }

    fn run(&self, folder: &Path, command: &[&str]) -> anyhow::Result<Output> {
        let (program, words) = command.split_first().context("an empty command")?;
        let mut command = Command::new(program);
        command.args(words).current_dir(folder).env("PATH", &self.path);
        command.output().with_context(|| format!("failed to start {program}"))
    }
}

fn try_project(
    project: &Project,
    folder: &Path,
    fixloop: &Path,
    index: &Path,
    tools: &Tools,
) -> anyhow::Result<Outcome> {
    for (path, content) in project.files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("below the folder")?)?;
        fs::write(path, content)?;
    }
    for command in project.lock {
        text(&tools.run(folder, command)?).with_context(|| command.join(" "))?;
    }
    let version = text(&tools.run(folder, project.version)?)?;
    let version = version.lines().next().unwrap_or("").to_owned();
    let fixloop = fixloop.to_str().context("a plain path")?;
    let index = index.to_str().context("a plain path")?;
    let scan = || -> anyhow::Result<usize> {
        let output =
            tools.run(folder, &[fixloop, "scan", ".", "--index", index, "--format", "json"])?;
        n_affected(&serde_json::from_slice(&output.stdout)?)
    };
    let before = scan()?;
    let started = Instant::now();
    let fixed = tools.run(folder, &[fixloop, "fix", ".", "--index", index, "--run"])?;
    let seconds = started.elapsed().as_secs_f64();
    let shown = String::from_utf8_lossy(&fixed.stdout).into_owned();
    let told = String::from_utf8_lossy(&fixed.stderr);
    println!("== {}\n{shown}{told}", project.name);
    let edits = shown.lines().filter(|it| it.contains(" → ")).count();
    // A project that its tool cannot build is not fixed.
    for command in project.check {
        text(&tools.run(folder, command)?).with_context(|| command.join(" "))?;
    }
    Ok(Outcome { version, before, edits, after: scan()?, seconds, exit: fixed.status.code() })
}

/// Packages at a version that something is known against.
fn n_affected(scan: &Value) -> anyhow::Result<usize> {
    let findings = scan["findings"].as_array().context("a scan has findings")?;
    let mut packages: Vec<(&str, &str)> = findings
        .iter()
        .map(|it| (it["name"].as_str().unwrap_or(""), it["version"].as_str().unwrap_or("")))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    Ok(packages.len())
}

fn text(output: &Output) -> anyhow::Result<String> {
    if !output.status.success() {
        bail!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
