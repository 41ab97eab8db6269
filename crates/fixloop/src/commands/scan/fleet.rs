//! `fixloop scan --fleet`: the newest commit of every mirror, each scanned as a folder of its own.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fixloop_fleet::{FilesError, Fleet, FleetRepository, Git, Status, write_head_files};
use fixloop_index::Index;
use fixloop_model::{Scan, Unknown, UnknownKind};
use fixloop_scan::{AcceptedError, EXCEPTIONS_FILE, Options, ScanError, join, scan};
use rayon::prelude::*;
use thiserror::Error;

use crate::error::CommandError;

#[derive(Debug, Error)]
enum FleetScanError {
    #[error("failed to make a temporary folder")]
    Temporary(#[source] std::io::Error),
    #[error("failed to scan the repository `{name}`")]
    Scan { name: String, source: ScanError },
}

/// Scans the fleet in `folder`; `progress` is told repositories done, from any thread. A repository that cannot be read is unknown, and so
/// is one whose mirror is stale: what is found in it still holds for the day of its last sync.
pub(super) fn scan_fleet(
    folder: &Path,
    index: &Index,
    options: &Options,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Scan, CommandError> {
    let fleet = Fleet::open(folder).map_err(|error| {
        CommandError::from(error).hint("fixloop fleet sync LIST --into DIR makes a fleet")
    })?;
    let git = Git::find()?;
    let n_done = AtomicUsize::new(0);
    let scans = fleet.repositories.par_iter().map(|repository| {
        let scan = scan_repository(&git, repository, index, options);
        progress(n_done.fetch_add(1, Ordering::Relaxed) + 1);
        Ok((repository.name.clone(), scan?))
    });
    let scans: Result<Vec<(String, Scan)>, FleetScanError> = scans.collect();
    let mut joined = join(scans?);
    joined.index.get_or_insert_with(|| index.summary());
    Ok(joined)
}

fn scan_repository(
    git: &Git,
    repository: &FleetRepository,
    index: &Index,
    options: &Options,
) -> Result<Scan, FleetScanError> {
    let reason = repository.reason.as_deref().unwrap_or("no reason is recorded");
    if repository.status == Status::Unknown {
        let unknown = vec![unknown(None, format!("not fetched: {reason}"))];
        return Ok(Scan { unknown, ..Scan::default() });
    }
    let temporary = tempfile::tempdir().map_err(FleetScanError::Temporary)?;
    let files = match write_head_files(git, repository, temporary.path()) {
        Ok(files) => files,
        Err(error) => {
            let unknown = vec![unknown(None, with_cause(&error))];
            return Ok(Scan { unknown, ..Scan::default() });
        }
    };
    let mut scan = match scan(temporary.path(), index, options, &|_, _| {}) {
        Ok(scan) => scan,
        // One repository's exceptions that cannot be read are its own matter.
        Err(ScanError::Accepted(AcceptedError::Read { path, source }))
            if path.starts_with(temporary.path()) =>
        {
            let reason = format!("{EXCEPTIONS_FILE}: {source}; the repository was not scanned");
            Scan { unknown: vec![unknown(None, reason)], ..Scan::default() }
        }
        Err(source) => return Err(FleetScanError::Scan { name: repository.name.clone(), source }),
    };
    scan.unknown.extend(files.unknown.into_iter().map(|(path, why)| unknown(Some(path), why)));
    if repository.status == Status::Stale {
        let day = repository.synced_at.map_or("an unknown day".to_owned(), |it| it.to_string());
        scan.unknown.push(unknown(None, format!("scanned as of {day}: {reason}")));
    }
    Ok(scan)
}

fn unknown(path: Option<String>, reason: String) -> Unknown {
    Unknown { kind: UnknownKind::File, path, line: None, name: None, reason }
}

fn with_cause(error: &FilesError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
