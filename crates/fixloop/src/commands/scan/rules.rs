//! `fixloop scan --rule`: checks of build configuration beside the scan.

use std::path::Path;

use fixloop_client::BuildChecks;
use fixloop_fleet::{Fleet, Status};
use fixloop_history::Repository;
use fixloop_model::{BuildCheck, CheckState, Scan, Unknown, UnknownKind};
use fixloop_scan::{EXCEPTIONS_FILE, Folder, Options, accept_checks, join, read_text};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::error::CommandError;

/// Checks the folder or file `path`.
pub(super) fn add(
    scan: &mut Scan,
    rules: &BuildChecks,
    path: &Path,
    options: &Options,
) -> Result<(), CommandError> {
    if rules.is_empty() {
        return Ok(());
    }
    if path.is_dir() {
        let folder = Folder::walk(path, options.respect_gitignore, &|it| rules.names(it));
        put(scan, rules.of(&folder), folder.unknown.clone());
        return Ok(accept_checks(scan, &folder, options.today)?);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match read_text(path) {
        Ok(text) => put(scan, rules.of_file(&name, &text), Vec::new()),
        Err(error) => put(scan, Vec::new(), vec![unknown(name, error.to_string())]),
    }
    Ok(())
}

/// Checks the newest commit of every mirror. Those that are stale or cannot be read are unknown already.
pub(super) fn add_of_fleet(
    scan: &mut Scan,
    rules: &BuildChecks,
    folder: &Path,
    options: &Options,
) -> Result<(), CommandError> {
    if rules.is_empty() {
        return Ok(());
    }
    let fleet = Fleet::open(folder)?;
    let is_there =
        |it: &&fixloop_fleet::FleetRepository| it.status != Status::Unknown && it.head.is_some();
    let mirrors: Vec<_> = fleet.repositories.iter().filter(is_there).collect();
    let checked: Vec<(String, Scan)> = mirrors
        .par_iter()
        .map(|it| (it.name.clone(), of_mirror(&it.git_dir, rules, options.today)))
        .collect();
    let of_rules = join(checked);
    add_unknown(scan, of_rules.unknown);
    scan.checks = of_rules.checks;
    scan.suppressed.extend(of_rules.suppressed);
    Ok(())
}

/// What rules say of a mirror's newest commit; what cannot be read of it is unknown.
fn of_mirror(git_dir: &Path, rules: &BuildChecks, today: Date) -> Scan {
    let mut scan = Scan::default();
    let is_wanted = |it: &str| rules.names(it) || it == EXCEPTIONS_FILE;
    let revision =
        Repository::open(git_dir).and_then(|mirror| mirror.files(mirror.head()?, "", &is_wanted));
    let revision = match revision {
        Ok(revision) => revision,
        Err(error) => {
            // It is named when scans are joined.
            scan.unknown.push(Unknown { path: None, ..unknown(String::new(), error.to_string()) });
            return scan;
        }
    };
    let faults = revision.faults.iter().map(|(path, why)| unknown(path.clone(), why.clone()));
    put(&mut scan, rules.of(&revision), faults.collect());
    if let Err(error) = accept_checks(&mut scan, &revision, today) {
        scan.unknown.push(unknown(EXCEPTIONS_FILE.to_owned(), error.to_string()));
    }
    scan
}

/// What could not be decided is unknown as well: no check of it is clean.
fn put(scan: &mut Scan, checks: Vec<BuildCheck>, faults: Vec<Unknown>) {
    let undecided = checks.iter().filter(|it| it.state == CheckState::Unknown);
    let undecided = undecided.map(|it| Unknown {
        line: it.line,
        name: Some(it.rule.clone()),
        ..unknown(it.path.clone(), it.evidence.clone())
    });
    add_unknown(scan, faults.into_iter().chain(undecided).collect());
    scan.checks.extend(checks);
    scan.checks.sort_by(|a, b| (&a.path, a.line, &a.rule).cmp(&(&b.path, b.line, &b.rule)));
}

/// The scan may have met some of it, too.
fn add_unknown(scan: &mut Scan, unknown: Vec<Unknown>) {
    for it in unknown {
        if !scan.unknown.contains(&it) {
            scan.unknown.push(it);
        }
    }
}

fn unknown(path: String, reason: String) -> Unknown {
    Unknown { kind: UnknownKind::File, path: Some(path), line: None, name: None, reason }
}
