//! `bench gate`: the gate as cold processes on checkouts of real repositories, beside osv-scanner on the same folders.

use std::path::PathBuf;
use std::process::Command;

use super::measure::measure;
use super::{
    RUNS, bail, heading, imported_index, osv_scanner, release_build, row, scan_command, scratch,
    shared,
};

/// First parents between the merge-base and the build.
const BASE: &str = "HEAD~50";

pub(crate) fn run() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let index = imported_index(&fixloop)?;
    // Its events are not those of whoever runs this.
    let home = scratch()?.join("gate-home");
    let database = std::env::var_os("BENCH_OSV_SCANNER_DB");
    heading();
    for name in ["crates-io", "warehouse", "parse-server"] {
        let checkout = checkout(name)?;
        let gate = || {
            let mut command = Command::new(&fixloop);
            command.args(["gate", "--base", BASE, "--format", "json", "--index"]).arg(&index);
            command.arg(&checkout).env("HOME", &home).env_remove("XDG_STATE_HOME");
            command
        };
        row(&format!("fixloop gate, {name}"), &measure(RUNS, gate)?);
        let scan = || scan_command(&fixloop, &checkout, &index);
        row(&format!("fixloop scan, {name}"), &measure(RUNS, scan)?);
        if let Some(database) = &database {
            let scan = || osv_scanner(database, &checkout);
            row(&format!("osv-scanner, {name}"), &measure(5, scan)?);
        } else {
            println!("| osv-scanner | not measured: BENCH_OSV_SCANNER_DB names no database | |");
        }
    }
    Ok(())
}

fn checkout(name: &str) -> anyhow::Result<PathBuf> {
    let folder = scratch()?.join("gate").join(name);
    if !folder.exists() {
        let bundle = shared(&format!("data/history/{name}.bundle"))?;
        let status = Command::new("git").args(["clone", "-q"]).arg(bundle).arg(&folder).status()?;
        if !status.success() {
            bail!("git clone of {name}: {status}");
        }
    }
    Ok(folder)
}
