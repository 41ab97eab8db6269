//! `cargo xtask fuzz`: the fuzz targets with the fixtures as seeds.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use fixloop_manifest::Format;
use fixloop_test_support::shared::workspace_root;

const TARGETS: &[&str] = &["manifest", "osv", "index", "version", "accepted", "rules", "confusion"];
/// Stops at whichever comes first.
const RUNS: u64 = 10_000_000;
const SECONDS: u64 = 1200;

/// Runs the named targets, or all, one after the other; a format's name runs `manifest` for that reader alone. Needs a nightly compiler and `cargo install cargo-fuzz`.
pub(crate) fn run(targets: &[&str]) -> Result<()> {
    let root = workspace_root();
    let asked: Vec<&str> = match targets {
        [] => TARGETS.to_vec(),
        some => some.to_vec(),
    };
    seed(&root)?;
    for target in asked {
        let format = Format::ALL.iter().find(|it| it.name() == target);
        let target = if format.is_some() { "manifest" } else { target };
        if !TARGETS.contains(&target) {
            bail!("no fuzz target and no format `{target}`: {}", TARGETS.join(", "));
        }
        let limits = [
            format!("-runs={RUNS}"),
            format!("-max_total_time={SECONDS}"),
            "-max_len=4096".to_owned(),
            "-timeout=10".to_owned(),
        ];
        let status = Command::new("cargo")
            .current_dir(&root)
            .args(["+nightly", "fuzz", "run", target, "--"])
            .args(limits)
            .envs(format.map(|it| ("FIXLOOP_FUZZ_FORMAT", it.name())))
            .status()
            .context("failed to start cargo fuzz: cargo install cargo-fuzz")?;
        if !status.success() {
            bail!("target `{target}` found something: see fuzz/artifacts/{target}");
        }
    }
    Ok(())
}

/// Puts fixtures and starter records where the targets look for their first inputs.
fn seed(root: &Path) -> Result<()> {
    let manifest = root.join("fuzz/corpus/manifest");
    let confusion = root.join("fuzz/corpus/confusion");
    fs::create_dir_all(&manifest)?;
    fs::create_dir_all(&confusion)?;
    // Folders are called like the readers' modules, and those like the formats.
    let plain = |name: &str| name.to_ascii_lowercase().replace([' ', '-', '.'], "_");
    for folder in fs::read_dir(root.join("crates/fixloop-manifest/fixtures"))? {
        let folder = folder?.path();
        let module =
            folder.file_name().context("a folder has a name")?.to_string_lossy().into_owned();
        let choice = Format::ALL.iter().position(|it| {
            let name = plain(it.name());
            name.starts_with(&module) || name.ends_with(&module)
        });
        let choice = choice.with_context(|| format!("no format is called like `{module}`"))?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let text = fs::read(&path)?;
            let name = path.file_name().context("a file has a name")?.to_string_lossy();
            let name = format!("{module}-{name}");
            let seed = [&[u8::try_from(choice)?][..], &text].concat();
            fs::write(manifest.join(&name), seed)?;
            // A tree of one file; only a few formats decide where packages come from.
            let seed = [format!("{}\n", Format::ALL[choice].name()).as_bytes(), &text].concat();
            fs::write(confusion.join(&name), seed)?;
        }
    }
    let rules = root.join("fuzz/corpus/rules");
    fs::create_dir_all(&rules)?;
    for rule in fs::read_dir(root.join("rules"))? {
        let path = rule?.path();
        let mut seed = fs::read(&path)?;
        // What each of them looks for stands in its own examples.
        let example = [&b"\0pip.conf\0"[..], &seed].concat();
        seed.extend(example);
        fs::write(rules.join(path.file_name().context("a file has a name")?), seed)?;
    }
    let osv = root.join("fuzz/corpus/osv");
    fs::create_dir_all(&osv)?;
    for entry in fs::read_dir(root.join("crates/fixloop-feed/starter"))? {
        for record in fs::read_dir(entry?.path())? {
            let path = record?.path();
            fs::copy(&path, osv.join(path.file_name().context("a file has a name")?))?;
        }
    }
    Ok(())
}
