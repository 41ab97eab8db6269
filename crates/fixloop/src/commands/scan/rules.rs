//! `fixloop scan --rule`: checks of build configuration beside the scan.

use std::path::Path;

use fixloop_client::BuildChecks;
use fixloop_fleet::{Fleet, Status};
use fixloop_history::Repository;
use fixloop_model::{BuildCheck, CheckState, Scan, Unknown, UnknownKind};
use fixloop_scan::{Folder, read_text};
use rayon::prelude::*;

use crate::error::CommandError;

/// Checks the folder or file `path`.
pub(super) fn add(scan: &mut Scan, rules: &BuildChecks, path: &Path, respect_gitignore: bool) {
    if rules.is_empty() {
        return;
    }
    if path.is_dir() {
        let folder = Folder::walk(path, respect_gitignore, &|it| rules.names(it));
        put(scan, rules.of(&folder), folder.unknown);
        return;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match read_text(path) {
        Ok(text) => put(scan, rules.of_file(&name, &text), Vec::new()),
        Err(error) => put(scan, Vec::new(), vec![unknown(name, error.to_string())]),
    }
}

/// Checks the newest commit of every mirror. Those that are stale or cannot be read are unknown already.
pub(super) fn add_of_fleet(
    scan: &mut Scan,
    rules: &BuildChecks,
    folder: &Path,
) -> Result<(), CommandError> {
    if rules.is_empty() {
        return Ok(());
    }
    let fleet = Fleet::open(folder)?;
    let is_there =
        |it: &&fixloop_fleet::FleetRepository| it.status != Status::Unknown && it.head.is_some();
    let mirrors: Vec<_> = fleet.repositories.iter().filter(is_there).collect();
    let checked = mirrors.par_iter().map(|repository| {
        let below = |path: &str| format!("{}/{path}", repository.name);
        let revision = Repository::open(&repository.git_dir)
            .and_then(|mirror| mirror.files(mirror.head()?, "", &|it| rules.names(it)));
        match revision {
            Ok(revision) => {
                let mut checks = rules.of(&revision);
                for it in &mut checks {
                    it.path = below(&it.path);
                }
                let faults = revision.faults.iter();
                let faults = faults.map(|(path, why)| unknown(below(path), why.clone()));
                (checks, faults.collect())
            }
            Err(error) => (Vec::new(), vec![unknown(repository.name.clone(), error.to_string())]),
        }
    });
    let checked: Vec<(Vec<BuildCheck>, Vec<Unknown>)> = checked.collect();
    for (checks, unknown) in checked {
        put(scan, checks, unknown);
    }
    Ok(())
}

/// What could not be decided is unknown as well: no check of it is clean.
fn put(scan: &mut Scan, checks: Vec<BuildCheck>, faults: Vec<Unknown>) {
    let undecided = checks.iter().filter(|it| it.state == CheckState::Unknown);
    let undecided = undecided.map(|it| Unknown {
        line: it.line,
        name: Some(it.rule.clone()),
        ..unknown(it.path.clone(), it.evidence.clone())
    });
    for it in faults.into_iter().chain(undecided) {
        // The scan may have met it, too.
        if !scan.unknown.contains(&it) {
            scan.unknown.push(it);
        }
    }
    scan.checks.extend(checks);
    scan.checks.sort_by(|a, b| (&a.path, a.line, &a.rule).cmp(&(&b.path, b.line, &b.rule)));
}

fn unknown(path: String, reason: String) -> Unknown {
    Unknown { kind: UnknownKind::File, path: Some(path), line: None, name: None, reason }
}
