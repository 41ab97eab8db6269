//! The structure of the workspace, checked: layers, file sizes, lints, descriptions, unsafe code, host names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Every crate with its layer: it may depend on lower layers only. ARCHITECTURE.md says what each layer is.
const LAYERS: &[(&str, u8)] = &[
    ("fixloop-model", 0),
    ("fixloop-version", 0),
    ("fixloop-stats", 0),
    ("fixloop-advisory", 1),
    ("fixloop-index", 1),
    ("fixloop-manifest", 1),
    ("fixloop-policy", 1),
    ("fixloop-experiment", 1),
    ("fixloop-exposure", 1),
    ("fixloop-readout", 1),
    ("fixloop-campaign", 2),
    ("fixloop-confusion", 2),
    ("fixloop-exceptions", 2),
    ("fixloop-gate", 2),
    ("fixloop-match", 2),
    ("fixloop-program", 2),
    ("fixloop-rules", 2),
    ("fixloop-alert", 3),
    ("fixloop-fix", 3),
    ("fixloop-report", 3),
    ("fixloop-feed", 3),
    ("fixloop-fleet", 3),
    ("fixloop-history", 3),
    ("fixloop-scan", 3),
    ("fixloop-store", 3),
    ("fixloop-telemetry", 3),
    ("fixloop-client", 4),
    ("fixloop-pilot", 4),
    ("fixloop-plan", 4),
    ("fixloop-lsp", 5),
    ("fixloop-mcp", 5),
    ("fixloop", 6),
];

/// Crates that only tests and automation use; they may be dev-dependencies of any crate.
const TOOLS: &[&str] = &["fixloop-sim", "fixloop-test-support", "xtask"];

/// A source file without its tests.
const MAX_LINES: usize = 800;

/// The one module that may hold unsafe code.
const UNSAFE_MODULE: &str = "crates/fixloop-index/src/map.rs";

pub(crate) fn run() -> anyhow::Result<()> {
    let problems = problems()?;
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} problems\n  {}", problems.len(), problems.join("\n  "))
}

fn problems() -> anyhow::Result<Vec<String>> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
    let mut problems = Vec::new();
    for package in &metadata.packages {
        check_manifest(package, &mut problems)?;
        check_edges(package, &mut problems);
    }
    for file in sources(&root())? {
        check_source(&file, &mut problems)?;
    }
    Ok(problems)
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies below the root").to_owned()
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

fn check_manifest(package: &Package, problems: &mut Vec<String>) -> anyhow::Result<()> {
    let name = &package.name;
    if package.description.as_deref().is_none_or(|it| it.len() < 20) {
        problems.push(format!("{name}: no description"));
    }
    let manifest = fs::read_to_string(&package.manifest_path)?;
    if !manifest.contains("[lints]\nworkspace = true") {
        problems.push(format!("{name}: does not inherit the workspace's lints"));
    }
    if layer(name).is_none() && !TOOLS.contains(&name.as_str()) {
        problems.push(format!("{name}: has no layer in xtask/src/tidy.rs"));
    }
    Ok(())
}

fn check_edges(package: &Package, problems: &mut Vec<String>) {
    let Some(from) = layer(&package.name) else { return };
    for dependency in &package.dependencies {
        let (name, is_dev) = (&dependency.name, dependency.kind == DependencyKind::Development);
        if TOOLS.contains(&name.as_str()) && !is_dev {
            problems.push(format!("{}: depends on `{name}`, which is for tests", package.name));
        }
        if let Some(to) = layer(name)
            && to >= from
            && !is_dev
        {
            let edge = format!("layer {from} on `{name}` of layer {to}");
            problems.push(format!("{}: depends from {edge}", package.name));
        }
    }
}

/// All Rust sources of the workspace but the build directory.
fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir()
                && !matches!(&*name, "target" | ".git" | "node_modules" | "corpus" | "artifacts")
            {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn check_source(file: &Path, problems: &mut Vec<String>) -> anyhow::Result<()> {
    let text = fs::read_to_string(file)?;
    let path = file.strip_prefix(root())?.to_string_lossy().replace('\\', "/");
    let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
    let n_lines = text.lines().count();
    if n_lines > MAX_LINES && !is_test {
        problems.push(format!("{path}: {n_lines} lines, at most {MAX_LINES}"));
    }
    // Spelled in two parts, so that this file does not name what it forbids.
    let marks_unsafe =
        text.contains(concat!("unsafe", "_code")) || text.contains(concat!("unsafe", " {"));
    if marks_unsafe && path != UNSAFE_MODULE && path != "xtask/src/tidy.rs" {
        problems.push(format!("{path}: unsafe code outside {UNSAFE_MODULE}"));
    }
    if !text.trim_start().starts_with("//!") && !is_test && path.starts_with("crates/") {
        problems.push(format!("{path}: does not say what it is (`//!`)"));
    }
    for host in [
        concat!("registry.", "npmjs"),
        concat!("files.", "pythonhosted"),
        concat!("index.", "crates.io"),
    ] {
        if text.contains(host) {
            problems.push(format!("{path}: writes out the registry host `{host}…`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_is_tidy() {
        let problems = super::problems().unwrap();
        assert!(problems.is_empty(), "{problems:#?}");
    }
}
