//! Benchmarks of whole processes, beside peers where they are installed. Prints a Markdown table for `docs/benchmarks.md`.

#![expect(clippy::print_stdout, reason = "the table is the output")]

pub(crate) mod campaign;
pub(crate) mod experiment;
pub(crate) mod fleet;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod lsp;
mod measure;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use measure::{Measured, measure};

/// Runs of each command after one that is not counted.
const RUNS: usize = 20;

/// `bench index`: import of all reference advisories, and opening.
pub(crate) fn index() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let advisories = unpacked("advisories")?;
    let index = scratch()?.join("bench.index");
    let import = |path: &Path| {
        let mut command = Command::new(&fixloop);
        command.args(["db", "import"]).arg(path).arg("--index").arg(&index);
        command
    };
    let json_bytes = folder_bytes(&advisories)?;
    let archive = shared("data/advisories.tar.zst")?;
    heading();
    row("import, folder of JSON files", &measure(5, || import(&advisories))?);
    row("import, tar.zst", &measure(5, || import(&archive))?);
    let empty = scratch()?.join("empty");
    std::fs::create_dir_all(&empty)?;
    row(
        "open and scan an empty folder",
        &measure(RUNS, || scan_command(&fixloop, &empty, &index))?,
    );
    row(
        "`--version` (process start alone)",
        &measure(RUNS, || {
            let mut command = Command::new(&fixloop);
            command.arg("--version");
            command
        })?,
    );
    let index_bytes = std::fs::metadata(&index)?.len();
    let percent = index_bytes as f64 / json_bytes as f64 * 100.0;
    println!("\nindex: {index_bytes} bytes, {percent:.1} % of {json_bytes} bytes of JSON");
    Ok(())
}

/// `bench scan`: the largest `Cargo.lock` of the corpus as cold processes.
pub(crate) fn scan() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let index = imported_index(&fixloop)?;
    let corpus = unpacked("corpus")?;
    let project = scratch()?.join("cargo-lock");
    std::fs::create_dir_all(&project)?;
    std::fs::copy(
        corpus.join("Cargo.lock/oxidecomputer__omicron__Cargo.lock"),
        project.join("Cargo.lock"),
    )?;
    heading();
    row(
        "fixloop scan, 1,425-package Cargo.lock",
        &measure(RUNS, || scan_command(&fixloop, &project, &index))?,
    );
    peers(&project)
}

/// `bench tree`: the whole corpus as cold processes, beside osv-scanner in the same run.
pub(crate) fn tree() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let index = imported_index(&fixloop)?;
    let tree = corpus_tree(&unpacked("corpus")?)?;
    heading();
    row("fixloop scan, the corpus", &measure(RUNS, || scan_command(&fixloop, &tree, &index))?);
    if let Some(database) = std::env::var_os("BENCH_OSV_SCANNER_DB") {
        // Two minutes a run: once is enough to know the order of magnitude.
        row("osv-scanner, the corpus", &measure(1, || osv_scanner(&database, &tree))?);
    } else {
        println!("| osv-scanner | not measured: BENCH_OSV_SCANNER_DB names no database | |");
    }
    Ok(())
}

fn imported_index(fixloop: &Path) -> anyhow::Result<PathBuf> {
    let index = scratch()?.join("bench.index");
    let advisories = unpacked("advisories")?;
    let mut import = Command::new(fixloop);
    let imported =
        import.args(["db", "import"]).arg(&advisories).arg("--index").arg(&index).output()?;
    if !imported.status.success() {
        bail!("import failed: {}", String::from_utf8_lossy(&imported.stderr));
    }
    Ok(index)
}

fn osv_scanner(database: &std::ffi::OsStr, folder: &Path) -> Command {
    let mut command = Command::new("osv-scanner");
    command.args(["scan", "source", "--offline", "--no-ignore", "--format", "json"]);
    command.arg("--local-db-path").arg(database).arg("-r").arg(folder);
    command
}

/// cargo-audit and osv-scanner on the same lockfile, where they are on the PATH and their databases are named by environment.
fn peers(project: &Path) -> anyhow::Result<()> {
    if let Some(database) = std::env::var_os("BENCH_CARGO_AUDIT_DB") {
        row(
            "cargo-audit --no-fetch",
            &measure(5, || {
                let mut command = Command::new("cargo-audit");
                command.args(["audit", "--no-fetch", "--stale", "--db"]).arg(&database);
                command.arg("--file").arg(project.join("Cargo.lock"));
                command
            })?,
        );
    } else {
        println!("| cargo-audit | not measured: BENCH_CARGO_AUDIT_DB names no database | |");
    }
    if let Some(database) = std::env::var_os("BENCH_OSV_SCANNER_DB") {
        row("osv-scanner --offline", &measure(5, || osv_scanner(&database, project))?);
    } else {
        println!("| osv-scanner | not measured: BENCH_OSV_SCANNER_DB names no database | |");
    }
    Ok(())
}

fn scan_command(fixloop: &Path, folder: &Path, index: &Path) -> Command {
    let mut command = Command::new(fixloop);
    command.args(["scan", "--format", "json", "--index"]).arg(index).arg(folder);
    command
}

fn heading() {
    println!("| work | median wall (min to max) | peak memory |\n|---|---|---|");
}

fn row(work: &str, it: &Measured) {
    let ms = |seconds: f64| format!("{:.1}", seconds * 1000.0);
    let (median, min, max) = (ms(it.median_s), ms(it.min_s), ms(it.max_s));
    let mib = it.peak_kib as f64 / 1024.0;
    println!("| {work} | {median} ms ({min} to {max}) | {mib:.1} MiB |");
}

/// Built now, unless `BENCH_FIXLOOP` names a binary.
pub(crate) fn release_build() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("BENCH_FIXLOOP") {
        return Ok(path.into());
    }
    let status =
        Command::new("cargo").args(["build", "--release", "--package", "fixloop"]).status()?;
    if !status.success() {
        bail!("the release build failed");
    }
    Ok(target().join("release/fixloop"))
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies below the root").to_owned()
}

pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn scratch() -> anyhow::Result<PathBuf> {
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn shared(path: &str) -> anyhow::Result<PathBuf> {
    let found = root().join("../shared").join(path);
    found
        .canonicalize()
        .with_context(|| format!("the reference data `{path}` is not beside this checkout"))
}

fn unpacked(name: &str) -> anyhow::Result<PathBuf> {
    fixloop_test_support::shared::unpacked(name)
        .with_context(|| format!("the reference data `{name}` is not beside this checkout"))
}

/// The corpus under its files' real names, as `MANIFEST.tsv` gives them.
fn corpus_tree(corpus: &Path) -> anyhow::Result<PathBuf> {
    let tree = scratch()?.join("tree");
    if tree.exists() {
        return Ok(tree);
    }
    let manifest = std::fs::read_to_string(corpus.join("MANIFEST.tsv"))?;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, _, _, path, _, _, file] = columns[..] else { bail!("unexpected line: {line}") };
        let folder = tree.join(file);
        std::fs::create_dir_all(&folder)?;
        let name = Path::new(path).file_name().with_context(|| line.to_owned())?;
        std::fs::copy(corpus.join(file), folder.join(name))?;
    }
    Ok(tree)
}

fn folder_bytes(folder: &Path) -> anyhow::Result<u64> {
    let mut n_bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                n_bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(n_bytes)
}
