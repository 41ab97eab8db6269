//! `bench history`: a real history with 7,600 versions of lockfiles and a generated one, cold and again; beside scanning versions one by
//! one. `bench stats`: a readout of a million rows, beside lifelines where that is installed.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use super::measure::measure;
use super::{heading, imported_index, release_build, row, scratch, shared};

/// Lockfile versions that are scanned one by one, of all; the rest is extrapolated.
const N_SAMPLED: usize = 200;

const N_COMMITS: usize = 25_000;
const N_VERSIONS: usize = 4_000;
const N_PACKAGES: usize = 400;

/// Rows of the readout.
const N_ROWS: usize = 1_000_000;

pub(crate) fn history() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let index = imported_index(&fixloop)?;
    let real = scratch()?.join("crates-io.git");
    if !real.exists() {
        git(Command::new("git")
            .args(["clone", "-q", "--bare"])
            .arg(shared("data/history/crates-io.bundle")?)
            .arg(&real))?;
    }
    let generated = generated()?;
    heading();
    let cache = scratch()?.join("history-cache");
    for (name, path) in
        [("crates-io", &real), ("generated, 25,000 commits, 4,000 versions", &generated)]
    {
        let cold = || command(&fixloop, &index, path, None);
        row(&format!("fixloop history, {name}, cold"), &measure(3, cold)?);
        if cache.exists() {
            std::fs::remove_dir_all(&cache)?;
        }
        let again = || command(&fixloop, &index, path, Some(&cache));
        row(&format!("fixloop history, {name}, again"), &measure(5, again)?);
    }
    separately(&fixloop, &index, &real)
}

/// One process per run; nothing is remembered without a cache.
fn command(fixloop: &Path, index: &Path, repository: &Path, cache: Option<&Path>) -> Command {
    let mut command = Command::new(fixloop);
    command.args(["history", "--format", "json", "--index"]).arg(index).arg(repository);
    match cache {
        Some(cache) => command.arg("--cache").arg(cache),
        None => command.arg("--no-cache"),
    };
    command
}

fn git(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().context("git")?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Every n-th version of the real history written to a folder and scanned by a process of its own.
fn separately(fixloop: &Path, index: &Path, repository: &Path) -> anyhow::Result<()> {
    let log = [
        "log",
        "--first-parent",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--diff-merges=first-parent",
        "--format=",
    ];
    let log = git(Command::new("git").arg("-C").arg(repository).args(log))?;
    let versions: Vec<(&str, &str)> = log
        .lines()
        .filter_map(|line| {
            let (fields, path) = line.split_once('\t')?;
            let blob = fields.split(' ').nth(3)?;
            (blob.bytes().any(|it| it != b'0')).then_some((blob, path))
        })
        .collect();
    let folder = tempfile::tempdir()?;
    let step = versions.len() / N_SAMPLED;
    let started = Instant::now();
    for (blob, path) in versions.iter().step_by(step.max(1)).take(N_SAMPLED) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut show = Command::new("git");
        show.arg("-C").arg(repository).args(["cat-file", "blob", blob]);
        let file = folder.path().join(name);
        show.stdout(std::fs::File::create(&file)?);
        if !show.status()?.success() {
            bail!("{show:?} failed");
        }
        let mut scan = Command::new(fixloop);
        scan.args(["scan", "--format", "json", "--index"]).arg(index).arg(&file);
        scan.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        std::fs::remove_file(&file)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let all = seconds / N_SAMPLED as f64 * versions.len() as f64;
    println!(
        "\n{N_SAMPLED} of {} versions written and scanned one by one: {seconds:.1} s, so {all:.0} s for all (extrapolated)",
        versions.len()
    );
    Ok(())
}

/// A bare repository made by `git fast-import`, once.
fn generated() -> anyhow::Result<PathBuf> {
    let path = scratch()?.join("generated.git");
    if path.exists() {
        return Ok(path);
    }
    let partial = path.with_extension("part");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    git(Command::new("git").args(["init", "-q", "--bare", "-b", "main"]).arg(&partial))?;
    let mut import = Command::new("git");
    import.arg("-C").arg(&partial).args(["fast-import", "--quiet"]).stdin(Stdio::piped());
    let mut child = import.spawn().context("git fast-import")?;
    let mut out = BufWriter::new(child.stdin.take().context("standard input")?);
    let mut patch = vec![0_usize; N_PACKAGES];
    for commit in 0..N_COMMITS {
        let time = 1_500_000_000 + commit * 9_000;
        write!(
            out,
            "commit refs/heads/main\ncommitter x <x@corp.example> {time} +0000\ndata 1\nx\n"
        )?;
        if commit * N_VERSIONS / N_COMMITS != (commit + 1) * N_VERSIONS / N_COMMITS || commit == 0 {
            patch[commit * 7919 % N_PACKAGES] += 1;
            let text = lockfile(&patch)?;
            write!(out, "M 100644 inline package-lock.json\ndata {}\n{text}\n", text.len())?;
        } else {
            write!(out, "M 100644 inline src/main.js\ndata 8\n{commit:08}\n")?;
        }
    }
    drop(out);
    if !child.wait()?.success() {
        bail!("git fast-import failed");
    }
    git(Command::new("git").arg("-C").arg(&partial).args(["gc", "-q"]))?;
    std::fs::rename(&partial, &path)?;
    Ok(path)
}

fn lockfile(patch: &[usize]) -> anyhow::Result<String> {
    // Some names that advisories know, so that there is something to follow.
    const KNOWN: [&str; 8] = ["lodash", "minimist", "axios", "qs", "tar", "ws", "semver", "braces"];
    let mut text =
        "{\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": { \"name\": \"app\" }"
            .to_owned();
    for (index, patch) in patch.iter().enumerate() {
        let name =
            KNOWN.get(index).map_or_else(|| format!("package-{index}"), |it| (*it).to_owned());
        let minor = index % 7;
        write!(
            text,
            ",\n    \"node_modules/{name}\": {{\n      \"version\": \"1.{minor}.{patch}\",\n      \"license\": \"MIT\"\n    }}"
        )?;
    }
    text.push_str("\n  }\n}\n");
    Ok(text)
}

pub(crate) fn stats() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let table = scratch()?.join("rows.csv");
    write_rows(&table)?;
    heading();
    let analyze = || {
        let mut command = Command::new(&fixloop);
        command
            .arg("analyze")
            .arg(&table)
            .args(["--arm", "arm", "--team", "team", "--format", "json"]);
        command
    };
    row("fixloop analyze, 1,000,000 rows, 40 teams, two arms", &measure(3, analyze)?);
    let Some(python) = std::env::var_os("BENCH_PYTHON") else {
        println!("| lifelines | not measured: BENCH_PYTHON names no Python that has it | |");
        return Ok(());
    };
    let peer = || {
        let mut command = Command::new(&python);
        command.args(["-c", LIFELINES]).arg(&table);
        command
    };
    row(
        "lifelines: read, KM, restricted mean, AJ, log-rank, Cox on the same table",
        &measure(1, peer)?,
    );
    Ok(())
}

const LIFELINES: &str = "
import sys, pandas, lifelines
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time
d = pandas.read_csv(sys.argv[1])
for arm, part in list(d.groupby('arm')) + [('all', d)]:
    km = lifelines.KaplanMeierFitter().fit(part.time, part.status == 1)
    km.median_survival_time_, restricted_mean_survival_time(km, 90)
    lifelines.AalenJohansenFitter().fit(part.time, part.status, 1)
a, b = d[d.arm == 0], d[d.arm == 1]
logrank_test(a.time, b.time, a.status == 1, b.status == 1)
d['event'] = d.status == 1
lifelines.CoxPHFitter().fit(d[['time', 'event', 'arm', 'team']], 'time', 'event', cluster_col='team')
";

/// Whole days, two arms, 40 teams, some competing ends and many open rows; the same numbers each time.
fn write_rows(path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    writeln!(out, "time,status,arm,team")?;
    let mut state: u64 = 88_172_645_463_325_252;
    let mut random = || {
        // Marsaglia's xorshift: any numbers do, as long as they are the same.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for index in 0..N_ROWS {
        let team = index % 40;
        let arm = team % 2;
        let mean = if arm == 1 { 30.0 } else { 45.0 } * (0.5 + team as f64 / 40.0);
        let days = (-mean * (1.0 - random()).ln()).ceil().min(400.0);
        let censored = (random() * 180.0).ceil();
        let (time, status) = if days <= censored {
            (days, if random() < 0.9 { 1 } else { 2 })
        } else {
            (censored, 0)
        };
        writeln!(out, "{time},{status},{arm},{team}")?;
    }
    Ok(())
}
