//! `bench campaign`: 10,000 targets of 1,000 mirrors, from no component index to who is affected by a package range.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::{Map, json};

use super::measure::measure;
use super::{heading, release_build, row};

const N_REPOSITORIES: usize = 1_000;
const N_TEAMS: usize = 100;
const N_TARGETS: usize = 10;
/// Components of a target, out of so many names.
const N_COMPONENTS: usize = 150;
const N_NAMES: usize = 6_000;
/// One target in so many has the package that the campaign is about.
const ONE_IN: usize = 20;

pub(crate) fn run() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let mut list = "url,team\n".to_owned();
    for number in 0..N_REPOSITORIES {
        let bare = folder.path().join(format!("host/service-{number:04}.git"));
        repository(&bare, number)?;
        writeln!(list, "{},team-{:03}", bare.display(), number % N_TEAMS)?;
    }
    let file = folder.path().join("repositories.csv");
    fs::write(&file, list)?;
    let made = started.elapsed().as_secs();
    let data = folder.path().join("data");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&fixloop);
        command.args(arguments).arg("--data-dir").arg(&data).args(["--as", "bench"]);
        command
    };
    let started = Instant::now();
    // Its starter index will do: what is asked for is a range.
    succeed(command(&["start"]).arg(&file))?;
    println!(
        "{N_REPOSITORIES} repositories with {N_TARGETS} lockfiles of {N_COMPONENTS} packages, made in {made} s; fixloop start: {} s\n",
        started.elapsed().as_secs()
    );
    let (range, about) = ("<2.0.0", "pkg:npm/taken-over");
    succeed(&mut command(&[
        "campaign",
        "create",
        "--title",
        "Taken over",
        "--contact",
        "#bench",
        "--deadline",
        "2099-01-01",
        "--package",
        about,
        "--range",
        range,
    ]))?;
    heading();
    let index = data.join("components.index");
    let anew = || {
        // It is there but for the first time.
        let _ = fs::remove_file(&index);
        command(&["fleet", "index"])
    };
    row("fixloop fleet index, nothing indexed", &measure(3, anew)?);
    succeed(&mut command(&["fleet", "index"]))?;
    row("fixloop fleet index, nothing new", &measure(5, || command(&["fleet", "index"]))?);
    let affected = || command(&["campaign", "affected", "campaign-1", "--format", "json"]);
    row("fixloop campaign affected", &measure(5, affected)?);
    let answer: serde_json::Value = serde_json::from_slice(&affected().output()?.stdout)?;
    println!("\n{}; index: {} KiB", answer["counts"], fs::metadata(&index)?.len() >> 10);
    Ok(())
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// One commit with lockfiles that share names and versions as those of one organization do.
fn repository(bare: &Path, number: usize) -> anyhow::Result<()> {
    let mut init = Command::new("git");
    succeed(init.args(["init", "-q", "--bare", "--initial-branch=main"]).arg(bare))?;
    let mut import = Command::new("git");
    import.arg("-C").arg(bare).args(["fast-import", "--quiet"]).stdin(Stdio::piped());
    let mut child = import.spawn().context("git")?;
    let mut stream = child.stdin.take().context("a pipe")?;
    write!(stream, "commit refs/heads/main\ncommitter B <b@git.example> 1700000000 +0000\n")?;
    write!(stream, "data 1\nx\n")?;
    for target in 0..N_TARGETS {
        let text = lockfile(number * N_TARGETS + target);
        let path = format!("part-{target}/package-lock.json");
        write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
    }
    drop(stream);
    if !child.wait()?.success() {
        bail!("git fast-import in {}", bare.display());
    }
    Ok(())
}

fn lockfile(target: usize) -> String {
    let mut packages = Map::new();
    for at in 0..N_COMPONENTS {
        let name = (target * 7919 + at * 104_729) % N_NAMES;
        let version = format!("1.{}.{}", (target / 50 + at) % 4, name % 3);
        packages.insert(format!("node_modules/part-{name}"), json!({ "version": version }));
    }
    if target.is_multiple_of(ONE_IN) {
        packages.insert("node_modules/taken-over".to_owned(), json!({ "version": "1.4.1" }));
    }
    let lockfile = json!({ "name": "service", "lockfileVersion": 3, "packages": packages });
    format!("{lockfile:#}\n")
}
