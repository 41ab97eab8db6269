//! The binary as its users run it.

mod analyze;
mod assign;
mod bad_input;
mod campaign;
mod db;
mod evidence;
mod examples;
mod exceptions;
mod experiment;
mod experiment_export;
mod experiment_health;
mod experiment_pages;
mod explain;
mod fix;
mod fleet;
mod gate;
mod history;
mod interview;
mod lsp;
mod manifests;
mod mcp;
mod okr;
mod plan;
mod policy;
mod programme;
mod repository;
mod rule;
mod scan;
mod server;
mod telemetry;
mod update;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs the binary with nothing from the environment: no index of the user, no color.
fn fixloop(arguments: &[&str]) -> Output {
    let nowhere = std::env::temp_dir().join("no-such-home-of-fixloop-tests");
    Command::new(env!("CARGO_BIN_EXE_fixloop"))
        .args(arguments)
        .env_clear()
        .env("HOME", &nowhere)
        .output()
        .expect("the binary starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("the output is UTF-8")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", stdout(output), stderr(output));
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("below the folder"))
            .expect("the folder is writable");
        fs::write(path, content).expect("the folder is writable");
    }
    folder
}

fn scan_json(folder: &Path, more: &[&str]) -> (serde_json::Value, Output) {
    let mut arguments = vec!["scan", folder.to_str().expect("a plain path"), "--format", "json"];
    arguments.extend(more);
    let output = fixloop(&arguments);
    (json(&output), output)
}

/// `path: reason` of everything unknown.
fn unknown(scan: &serde_json::Value) -> Vec<String> {
    let list = scan["unknown"].as_array().expect("a list");
    let text = |it: &serde_json::Value, key: &str| it[key].as_str().unwrap_or("-").to_owned();
    list.iter()
        .map(|it| format!("{} {}: {}", text(it, "kind"), text(it, "path"), text(it, "reason")))
        .collect()
}

fn old_project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/old-project")
}

const GOOD: &[u8] = b"Jinja2==2.10\n";
