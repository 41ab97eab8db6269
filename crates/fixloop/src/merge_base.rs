//! The commit that a tree and its base come from, scanned as the tree is.

use std::path::Path;

use fixloop_gate::Side;
use fixloop_history::{CommitId, Repository, Revision, RevisionError};
use fixloop_manifest::Format;
use fixloop_model::{Base, BuildCheck, Files, Finding, Scan, Suppressed, Timestamp};
use fixloop_scan::{EXCEPTIONS_FILE, Indexes, Options, ScanError, scan_files};
use thiserror::Error;

use crate::error::CommandError;

/// Why nothing can be compared.
#[derive(Debug, Error)]
pub(crate) enum BaseError {
    #[error("failed to find what `{revision}` and this have in common")]
    Revision { revision: String, source: RevisionError },
    #[error("failed to scan the merge-base `{merge_base}`")]
    Scan { merge_base: String, source: ScanError },
}

impl BaseError {
    /// With what can be done about it.
    pub(crate) fn into_command_error(self) -> CommandError {
        let hint = match &self {
            Self::Revision { source, .. } => source.hint(),
            Self::Scan { .. } => None,
        };
        let error = CommandError::from(self);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// What stood at the merge-base.
pub(crate) struct BaseSide {
    pub(crate) base: Base,
    pub(crate) side: Side,
    /// When it was committed.
    pub(crate) time: Timestamp,
}

/// Checks of build configuration, of whoever asks for some.
pub(crate) type Checks<'c> = &'c dyn Fn(&dyn Files) -> Vec<BuildCheck>;

/// Scans the merge-base of `HEAD` and `revision` below the folder or file `path`.
pub(crate) fn base_side(
    path: &Path,
    revision: &str,
    (indexes, options): (Indexes<'_>, &Options),
    (is_wanted, checks): (&dyn Fn(&str) -> bool, Checks<'_>),
) -> Result<BaseSide, BaseError> {
    let failed = |source| BaseError::Revision { revision: revision.to_owned(), source };
    let (files, id, time) = files(path, revision, is_wanted).map_err(failed)?;
    let merge_base = id.to_string();
    let scan = scan_files(&files, indexes, options)
        .map_err(|source| BaseError::Scan { merge_base: merge_base.clone(), source })?;
    let base = Base { revision: revision.to_owned(), merge_base };
    Ok(BaseSide { base, side: side(scan, checks(&files), &files), time })
}

fn files(
    path: &Path,
    revision: &str,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<(Revision, CommitId, Timestamp), RevisionError> {
    let (repository, below) = Repository::containing(path)?;
    let head = repository.head()?;
    let id = repository.merge_base(head, repository.commit(Some(revision))?)?;
    let time = repository.time(id)?;
    let files = if path.is_dir() {
        repository.files(id, &below, is_wanted)?
    } else {
        let (folder, file) = below.rsplit_once('/').unwrap_or(("", &below));
        repository.files(id, folder, &|it| it == file)?
    };
    Ok((files, id, time))
}

/// Whether a scan reads a file.
pub(crate) fn is_scanned(path: &str) -> bool {
    Format::of_path(path).is_some() || path == EXCEPTIONS_FILE
}

/// What somebody accepted, of packages and of build rules.
pub(crate) fn accepted(scan: &Scan) -> (Vec<Finding>, Vec<BuildCheck>) {
    let (of_rules, of_packages): (Vec<&Suppressed>, Vec<_>) =
        scan.suppressed.iter().partition(|it| it.check.is_some());
    let of_packages = of_packages.iter().map(|it| it.finding.clone());
    let of_rules = of_rules.iter().filter_map(|it| it.check.as_deref().cloned());
    (of_packages.collect(), of_rules.collect())
}

/// What is compared: findings that an exception covers are there as well.
pub(crate) fn side(scan: Scan, checks: Vec<BuildCheck>, files: &dyn Files) -> Side {
    let (of_packages, _) = accepted(&scan);
    let findings = scan.findings.into_iter().chain(of_packages).collect();
    Side { findings, checks, paths: files.paths().iter().cloned().collect() }
}
