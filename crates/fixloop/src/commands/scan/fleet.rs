//! `fixloop scan --fleet`: the newest commit of every mirror, each scanned as a folder of its own.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fixloop_fleet::{Fleet, FleetRepository, Status, is_wanted};
use fixloop_history::{Repository, Revision, RevisionError};
use fixloop_model::{Scan, Unknown, UnknownKind};
use fixloop_scan::{AcceptedError, Indexes, Options, ScanError, join, scan_files};
use rayon::prelude::*;
use thiserror::Error;

use crate::error::CommandError;

#[derive(Debug, Error)]
enum FleetScanError {
    #[error("failed to scan the repository `{name}`")]
    Scan { name: String, source: ScanError },
}

/// Scans the fleet in `folder`; `progress` is told repositories done, from any thread. A repository that cannot be read is unknown, and so
/// is one whose mirror is stale: what is found in it still holds for the day of its last sync.
pub(super) fn scan_fleet(
    folder: &Path,
    indexes: Indexes<'_>,
    options: &Options,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Scan, CommandError> {
    let fleet = Fleet::open(folder).map_err(|error| {
        CommandError::from(error).hint("fixloop fleet sync LIST --into DIR makes a fleet")
    })?;
    let n_done = AtomicUsize::new(0);
    let scans = fleet.repositories.par_iter().map(|repository| {
        let scan = scan_repository(repository, indexes, options);
        progress(n_done.fetch_add(1, Ordering::Relaxed) + 1);
        Ok((repository.name.clone(), scan?))
    });
    let scans: Result<Vec<(String, Scan)>, FleetScanError> = scans.collect();
    let mut joined = join(scans?);
    joined.index.get_or_insert_with(|| indexes.public.summary());
    Ok(joined)
}

fn scan_repository(
    repository: &FleetRepository,
    indexes: Indexes<'_>,
    options: &Options,
) -> Result<Scan, FleetScanError> {
    let reason = repository.reason.as_deref().unwrap_or("no reason is recorded");
    if repository.status == Status::Unknown {
        let unknown = vec![unknown(None, format!("not fetched: {reason}"))];
        return Ok(Scan { unknown, ..Scan::default() });
    }
    let revision = match head_files(repository) {
        Ok(Some(revision)) => revision,
        Ok(None) => return Ok(Scan::default()),
        Err(error) => {
            let unknown = vec![unknown(None, error.to_string())];
            return Ok(Scan { unknown, ..Scan::default() });
        }
    };
    let mut scan = match scan_files(&revision, indexes, options) {
        Ok(scan) => scan,
        // One repository's exceptions that cannot be read are its own matter.
        Err(ScanError::Accepted(error @ AcceptedError::OfTree(_))) => {
            let reason = format!("{error}; the repository was not scanned");
            Scan { unknown: vec![unknown(None, reason)], ..Scan::default() }
        }
        Err(source) => return Err(FleetScanError::Scan { name: repository.name.clone(), source }),
    };
    scan.unknown.extend(revision.faults.into_iter().map(|(path, why)| unknown(Some(path), why)));
    if repository.status == Status::Stale {
        let day = repository.synced_at.map_or("an unknown day".to_owned(), |it| it.to_string());
        scan.unknown.push(unknown(None, format!("scanned as of {day}: {reason}")));
    }
    Ok(scan)
}

fn unknown(path: Option<String>, reason: String) -> Unknown {
    Unknown { kind: UnknownKind::File, path, line: None, name: None, reason }
}

/// What the mirror holds of the newest commit; nothing if there is no commit yet.
fn head_files(repository: &FleetRepository) -> Result<Option<Revision>, RevisionError> {
    if repository.head.is_none() {
        return Ok(None);
    }
    let mirror = Repository::open(&repository.git_dir)?;
    mirror.files(mirror.head()?, "", &is_wanted).map(Some)
}
