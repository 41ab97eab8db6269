//! Dependency confusion: whether private and public package sources can answer for the same name.
//!
//! One module per package manager says how that manager decides where a package comes from, with the address of its documentation.
//! All of them only read files of one tree; nothing is asked anywhere.
//!
//! - **An answer per declared configuration.** A file, or the files that a manager merges, that names a source of its own gets one
//!   answer. Where nothing but the default public registry is declared, nothing is said.
//! - **Public** is the ecosystem's default registry, by registrable domain; everything else is private (`feed.rs`).
//! - **Unknown is never safe.** A file that cannot be read or contradicts itself, an address that is a variable, two private sources
//!   whose upstreams nobody sees, and a source that only a lockfile knows are unknown, with the reason.
//! - **Pinned is less urgent.** Where hashes admit only files that were seen before, a mixed configuration is rated medium.

mod answer;
mod bun;
mod cargo;
mod composer;
mod document;
mod env;
mod feed;
mod go;
mod gradle;
mod ini;
mod maven;
mod npm;
mod nuget;
mod order;
mod outside;
mod pdm;
mod pip;
mod pipfile;
mod place;
mod poetry;
mod rubygems;
mod scopes;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod uv;
mod yarn;

use std::collections::HashSet;

use fixloop_model::{BuildCheck, CheckState, Files};

/// The rule's id, as policies and campaigns name it.
pub const RULE: &str = "dependency-confusion";

/// Each package manager's word on whether a file matters to it.
const NAMES: &[fn(&str) -> bool] = &[
    bun::names,
    cargo::names,
    composer::names,
    env::names,
    gradle::names,
    maven::names,
    npm::names,
    nuget::names,
    outside::names,
    pdm::names,
    pip::names,
    pipfile::names,
    poetry::names,
    rubygems::names,
    uv::names,
    yarn::names,
];

/// Whether this file can matter to the answer; `/` between the parts of the path.
pub fn names(path: &str) -> bool {
    NAMES.iter().any(|names| names(path))
}

/// Every answer about the tree, in order of path and line.
pub fn assess(files: &dyn Files) -> Vec<BuildCheck> {
    let tree = tree::Tree::new(files);
    let (scripts, unreadable) = env::scripts(&tree);
    let mut checks: Vec<BuildCheck> =
        unreadable.iter().map(|(path, why)| env::MANAGER.unreadable(path, why)).collect();
    checks.extend(bun::assess(&tree));
    checks.extend(cargo::assess(&tree));
    checks.extend(composer::assess(&tree));
    checks.extend(go::assess(&scripts));
    checks.extend(gradle::assess(&tree));
    checks.extend(maven::assess(&tree));
    checks.extend(npm::assess(&tree, &scripts));
    checks.extend(nuget::assess(&tree));
    checks.extend(pdm::assess(&tree));
    checks.extend(pip::assess(&tree, &scripts));
    checks.extend(pipfile::assess(&tree));
    checks.extend(poetry::assess(&tree));
    checks.extend(rubygems::assess(&tree));
    checks.extend(uv::assess(&tree, &scripts));
    checks.extend(yarn::assess(&tree, &scripts));
    checks.extend(outside::assess(&tree, &checks));
    without_overruled(&mut checks);
    checks.sort_by(|a, b| {
        let key = |it: &BuildCheck| (it.path.clone(), it.line, it.state, it.summary.clone());
        key(a).cmp(&key(b))
    });
    checks.dedup();
    checks
}

/// Takes out what is safe at a place where something else is not: two commands that share a variable, say.
fn without_overruled(checks: &mut Vec<BuildCheck>) {
    let place = |it: &BuildCheck| (it.path.clone(), it.line, it.url.clone());
    let findings = checks.iter().filter(|it| it.state != CheckState::Safe);
    let overruled: HashSet<_> = findings.map(place).collect();
    checks.retain(|it| it.state != CheckState::Safe || !overruled.contains(&place(it)));
}
