//! Sources that only a lockfile knows: whatever configures them stands outside of the tree.
//!
//! A lockfile with packages of a private registry, in a tree where no file says anything about sources of that manager, was written
//! with a configuration of somebody's machine. What the next resolution asks depends on the machine it runs on, so it is unknown.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use fixloop_manifest::Format;
use fixloop_model::{BuildCheck, Source};

use crate::answer::Manager;
use crate::feed::{Kind, kind};
use crate::place::File;
use crate::tree::{Tree, file_name, folder, upwards};

/// A lockfile, by what is read of it.
struct Lockfile {
    /// In lower case.
    name: &'static str,
    format: Format,
    ecosystem: &'static str,
    /// What stands before an address in it.
    before: &'static [&'static str],
    /// Which managers may have written it.
    managers: &'static [&'static str],
}

const fn lockfile(
    name: &'static str,
    format: Format,
    ecosystem: &'static str,
    before: &'static [&'static str],
    managers: &'static [&'static str],
) -> Lockfile {
    Lockfile { name, format, ecosystem, before, managers }
}

const NPM: &[&str] = &["\"resolved\": \"", "\"resolved\":\""];
const YARN: &[&str] = &["resolved \"", "archiveUrl="];

const LOCKFILES: &[Lockfile] = &[
    lockfile("cargo.lock", Format::CargoLock, "crates.io", &["source = \""], &["cargo"]),
    lockfile("gemfile.lock", Format::GemfileLock, "RubyGems", &["remote: "], &["bundler"]),
    lockfile("gems.locked", Format::GemfileLock, "RubyGems", &["remote: "], &["bundler"]),
    lockfile("npm-shrinkwrap.json", Format::PackageLock, "npm", NPM, &["npm"]),
    lockfile("package-lock.json", Format::PackageLock, "npm", NPM, &["npm"]),
    lockfile("pnpm-lock.yaml", Format::PnpmLock, "npm", &["tarball: "], &["npm"]),
    lockfile("poetry.lock", Format::PoetryLock, "PyPI", &["url = \""], &["poetry"]),
    lockfile("uv.lock", Format::UvLock, "PyPI", &["registry = \""], &["uv"]),
    lockfile("yarn.lock", Format::YarnLock, "npm", YARN, &["yarn", "npm"]),
];

const MANAGER: Manager = Manager {
    name: "lockfile",
    fix: "put the configuration of the private source into the repository, beside the lockfile",
    url: "",
};

pub(crate) fn names(path: &str) -> bool {
    let file = file_name(path).to_ascii_lowercase();
    LOCKFILES.iter().any(|it| it.name == file)
}

pub(crate) fn assess(tree: &Tree<'_>, answers: &[BuildCheck]) -> Vec<BuildCheck> {
    let said: HashSet<(&str, &str)> = answers
        .iter()
        .filter_map(|it| Some((it.summary.split_once(':')?.0, folder(&it.path))))
        .collect();
    let mut checks = Vec::new();
    for lockfile in LOCKFILES {
        for path in tree.named(lockfile.name) {
            let folders = || upwards(folder(path));
            let is_said = lockfile
                .managers
                .iter()
                .any(|manager| folders().any(|it| said.contains(&(*manager, it))));
            // Cargo's configuration stands in a folder of its own.
            let in_cargo = lockfile.format == Format::CargoLock
                && folders().any(|it| said.contains(&("cargo", &*crate::tree::join(it, ".cargo"))));
            if is_said || in_cargo {
                continue;
            }
            // A lockfile that cannot be read is told by the scan that reads it for its packages.
            let Ok(Some(text)) = tree.read_lockfile(path) else { continue };
            checks.extend(private(lockfile, &File::new(path, text)));
        }
    }
    checks
}

fn private(lockfile: &Lockfile, file: &File) -> Option<BuildCheck> {
    // Most lockfiles know only the public registry, and reading one in full takes its time.
    let is_other = |word: &str| {
        let addresses = file.text.match_indices(word).map(|(at, _)| &file.text[at + word.len()..]);
        addresses.map(address).any(|it| kind(lockfile.ecosystem, it) != Kind::Public)
    };
    if !lockfile.before.iter().any(|it| is_other(it)) {
        return None;
    }
    let components = lockfile.format.parse(&file.text).components;
    let found = components.iter().find_map(|it| match &it.source {
        Source::Registry { host } => Some((it, host)),
        _ => None,
    });
    let (component, host) = found?;
    let place = file.at(component.name_span);
    let why = format!(
        "`{}` comes from `{host}`, and no file of the tree says when that is asked",
        component.name
    );
    Some(MANAGER.unknown(&place, &why))
}

/// Up to what ends an address; none is longer than some hundred bytes.
fn address(text: &str) -> &str {
    let text = &text[..text.floor_char_boundary(text.len().min(500))];
    text.split(['"', '\'', ' ', ',', '\n', '\r', '}']).next().unwrap_or("")
}
