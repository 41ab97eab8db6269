//! Real lockfiles of this repository, made by real package managers, which the organization's are made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value};

const LOCKFILES: &[&str] = &[
    "editors/vscode/package-lock.json",
    "crates/fixloop-mcp/tests/js/package-lock.json",
    "crates/fixloop/fixtures/old-project/web/package-lock.json",
];

/// Packages of npm with their entries in a lockfile.
pub(super) type Packages = BTreeMap<String, Value>;

/// Packages that stand at the top of a real lockfile. Where several have one, the first's counts.
pub(super) fn packages() -> anyhow::Result<Packages> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no root")?;
    let mut packages = Packages::new();
    for path in LOCKFILES {
        let text = fs::read_to_string(root.join(path)).with_context(|| (*path).to_owned())?;
        let lockfile: Value = serde_json::from_str(&text)?;
        let entries = lockfile["packages"].as_object().context("no `packages`")?;
        for (place, entry) in entries {
            let Some(name) = place.strip_prefix("node_modules/") else { continue };
            let is_top = !name.contains("node_modules/") && !entry["link"].is_boolean();
            if is_top && entry["version"].is_string() {
                packages.entry(name.to_owned()).or_insert_with(|| plain(entry));
            }
        }
    }
    Ok(packages)
}

/// What says neither where to load it from nor what it needs, which may not be there.
fn plain(entry: &Value) -> Value {
    let kept = ["version", "license", "dev", "engines", "bin"];
    let fields = kept.iter().filter_map(|key| Some(((*key).to_owned(), entry.get(key)?.clone())));
    Value::Object(fields.collect::<Map<_, _>>())
}
