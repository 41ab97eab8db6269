//! `bench fleet`: 300 repositories of a host on this machine, by HTTP: first sync, a second one after ten pushes, then nothing new.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, bail};
use fixloop_test_support::git_host::GitHost;
use serde_json::Value;

use crate::bench::release_build;

const N_REPOSITORIES: usize = 300;
const N_COMMITS: u32 = 20;
const N_PUSHES: usize = 10;
const N_TEAMS: usize = 12;

/// Source code, which a mirror has no use for: 64 KiB per commit.
const N_SOURCE_LINES: usize = 2048;

pub(crate) fn run() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let host = GitHost::start();
    let names: Vec<String> =
        (0..N_REPOSITORIES).map(|it| format!("acme/service-{it:03}")).collect();
    for (place, name) in names.iter().enumerate() {
        fill(&host, name, place);
    }
    let mut list = "name,url,team\n".to_owned();
    for (place, name) in names.iter().enumerate() {
        writeln!(list, "{name},{},team-{}", host.url_of(name), place % N_TEAMS)?;
    }
    writeln!(list, "private/vault,{},team-0", host.url_of("private/vault"))?;
    let file = folder.path().join("fleet.csv");
    std::fs::write(&file, list)?;
    let mib = super::folder_bytes(&host.path_of("acme"))? >> 20;
    println!(
        "{N_REPOSITORIES} repositories of {N_COMMITS} commits, {mib} MiB, made in {} s",
        started.elapsed().as_secs()
    );
    println!(
        "\n| work | seconds | requests for refs and objects | synced | unchanged | stale | unknown | exit |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let fleet = folder.path().join("mirrors");
    let sync = |work: &str| sync(&fixloop, &file, &fleet, &host, work);
    host.take_n_fetches();
    sync("first sync")?;
    for name in names.iter().take(N_PUSHES) {
        host.push(name, &[("requirements.txt", "Jinja2==3.1.6\n"), ("src/new.py", "pass\n")]);
    }
    let gone = names.last().context("there are repositories")?;
    std::fs::remove_dir_all(host.path_of(gone))?;
    host.take_n_fetches();
    sync("second sync, ten pushes, one vanished")?;
    sync("third sync, nothing new")?;
    let kib = super::folder_bytes(&fleet)? >> 10;
    println!("\nmirrors: {kib} KiB");
    let started = Instant::now();
    let output = Command::new(&fixloop)
        .args(["scan", "--format", "json", "--fleet"])
        .arg(&fleet)
        .output()?;
    let scan = parsed(&output)?;
    let n = |key: &str| scan[key].as_array().map_or(0, Vec::len);
    println!(
        "scan --fleet: {:.1} s, {} files, {} findings, {} unknown, exit {}",
        started.elapsed().as_secs_f64(),
        n("files"),
        n("findings"),
        n("unknown"),
        output.status.code().unwrap_or(-1)
    );
    Ok(())
}

/// A service with a lockfile that changes now and then, and source that changes with each commit.
fn fill(host: &GitHost, name: &str, place: usize) {
    host.create(name, true);
    let mut commits = Vec::new();
    for commit in 0..N_COMMITS {
        let factor = (commit as usize + 3) * 7919;
        let lines = (0..N_SOURCE_LINES).map(|line| ((line + 7 * place) * factor).to_string());
        let source = lines.collect::<Vec<_>>().join("\n");
        let mut files = vec![(format!("src/part{}.py", commit % 4), source)];
        if commit % 5 == 0 {
            let pinned = format!("Jinja2==2.{}\nrequests==2.{place}.0\n", 1 + commit / 5);
            files.push(("requirements.txt".to_owned(), pinned));
        }
        commits.push((commit, files));
    }
    host.import_all(name, "main", &commits);
}

fn sync(
    fixloop: &Path,
    list: &Path,
    fleet: &Path,
    host: &GitHost,
    work: &str,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut command = Command::new(fixloop);
    command.args(["fleet", "sync", "--format", "json", "--into"]).arg(fleet).arg(list);
    let output = command.output()?;
    let seconds = started.elapsed().as_secs_f64();
    let state = parsed(&output)?;
    let repositories = state["repositories"].as_array().context("a list")?;
    let n = |status: &str| repositories.iter().filter(|it| it["status"] == status).count();
    println!(
        "| {work} | {seconds:.1} | {} | {} | {} | {} | {} | {} |",
        host.take_n_fetches(),
        n("synced"),
        n("unchanged"),
        n("stale"),
        n("unknown"),
        output.status.code().unwrap_or(-1)
    );
    Ok(())
}

fn parsed(output: &Output) -> anyhow::Result<Value> {
    match serde_json::from_slice(&output.stdout) {
        Ok(value) => Ok(value),
        Err(error) => bail!("{error}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}
