//! `cargo xtask e2e-vscode [PROGRAM]`: the packaged extension in a real VS Code (code-server in Chromium), driven by keyboard and mouse.
//!
//! Installs what it needs into `target/e2e-vscode` (npm) and from Debian, and writes `docs/editors/vscode-e2e.md` with its pictures. Without
//! PROGRAM it builds a release. The scenario is `editors/vscode/e2e/run.mjs`.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use fixloop_test_support::shared::workspace_root;

/// What code-server asks for.
const NODE: &str = "node@24.21.0";
const CODE_SERVER: &str = "code-server@4.139.1";
const PUPPETEER: &str = "puppeteer-core@25.16.0";

/// A picture in the documentation is at most so large.
const MAX_PICTURE: u64 = 300 * 1024;

pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let program = match arguments {
        [] => crate::bench::release_build()?,
        [program] => fs::canonicalize(program).with_context(|| format!("no file `{program}`"))?,
        _ => bail!("usage: cargo xtask e2e-vscode [PROGRAM]"),
    };
    let root = workspace_root();
    let cache = crate::bench::target().join("e2e-vscode");
    let tools = Tools::install(&cache)?;
    let package = package(&root, &cache, &tools)?;
    let out = cache.join("out");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let work = tempfile::tempdir()?;
    call(
        tools
            .command("node")
            .arg(root.join("editors/vscode/e2e/run.mjs"))
            .arg("--kit")
            .arg(&tools.kit)
            .args(["--chromium", "/usr/bin/chromium", "--server"])
            .arg(&program)
            .arg("--vsix")
            .arg(&package)
            .arg("--work")
            .arg(work.path())
            .arg("--out")
            .arg(&out),
    )
    .with_context(|| format!("pictures and the server's log are in `{}`", out.display()))?;
    publish(&root, &out, &program)
}

struct Tools {
    /// Holds `node` and comes first in PATH.
    bin: PathBuf,
    /// Holds code-server and puppeteer-core.
    kit: PathBuf,
}

impl Tools {
    /// Two folders, since a package's install script must find the right node before it runs.
    fn install(cache: &Path) -> anyhow::Result<Self> {
        debian()?;
        let node = cache.join("node");
        let tools = Self { bin: node.join("node_modules/.bin"), kit: cache.join("kit") };
        npm(&node, &tools.bin.join("node"), Command::new("npm").args(["install", NODE]))?;
        let done = tools.kit.join("node_modules/code-server/lib/vscode/node_modules");
        npm(&tools.kit, &done, tools.command("npm").args(["install", CODE_SERVER, PUPPETEER]))?;
        Ok(tools)
    }

    fn command(&self, program: &str) -> Command {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&rest));
        let mut command = Command::new(program);
        command.env("PATH", std::env::join_paths(all).expect("they came out of a PATH"));
        command
    }
}

/// Chromium, and the headers that one of code-server's native modules is built with.
fn debian() -> anyhow::Result<()> {
    let needed = [
        ("/usr/bin/chromium", "chromium"),
        ("/usr/include/gssapi/gssapi.h", "libkrb5-dev"),
        ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"),
    ];
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(file, _)| !Path::new(file).exists())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let apt = |arguments: &[&str]| {
        call(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
            .with_context(|| format!("as root: apt-get install {}", missing.join(" ")))
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], &missing[..]].concat())
}

/// Runs npm in `folder`, unless `done` is there already. What a broken run left is taken away first.
fn npm(folder: &Path, done: &Path, command: &mut Command) -> anyhow::Result<()> {
    if done.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("package.json"), r#"{ "private": true }"#)?;
    call(command.current_dir(folder).args(["--no-audit", "--no-fund"]))
}

fn package(root: &Path, cache: &Path, tools: &Tools) -> anyhow::Result<PathBuf> {
    let folder = root.join("editors/vscode");
    let file = cache.join("fixloop.vsix");
    call(tools.command("npm").current_dir(&folder).args(["ci", "--no-audit"]))?;
    call(
        tools
            .command("npm")
            .current_dir(&folder)
            .args(["run", "package", "--", "--out"])
            .arg(&file),
    )?;
    Ok(file)
}

fn publish(root: &Path, out: &Path, program: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(out.join("results.json"))?;
    let results: report::Results = serde_json::from_str(&text)?;
    let folder = root.join("docs/editors/vscode-e2e");
    fs::create_dir_all(&folder)?;
    for picture in &results.pictures {
        let bytes = fs::copy(out.join(&picture.file), folder.join(&picture.file))?;
        if bytes > MAX_PICTURE {
            bail!("`{}` is larger than {MAX_PICTURE} bytes", picture.file);
        }
    }
    let facts = report::Facts {
        day: output(Command::new("date").args(["-u", "+%F"]))?,
        commit: output(Command::new("git").current_dir(root).args([
            "rev-parse",
            "--short",
            "HEAD",
        ]))?,
        program: output(Command::new(program).arg("--version"))?,
        release: program.ends_with("release/fixloop"),
    };
    fs::write(root.join("docs/editors/vscode-e2e.md"), report::markdown(&results, &facts)?)?;
    Ok(())
}

fn call(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("failed to start {command:?}"))?;
    if !status.success() {
        bail!("failed: {command:?}");
    }
    Ok(())
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("failed: {command:?}");
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
