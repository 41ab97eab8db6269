//! `fixloop scan --diff`: what is new against the merge-base.

use std::path::Path;

use fixloop_gate::{Side, compare};
use fixloop_model::{Diff, Scan};
use fixloop_scan::{Indexes, Options};

use crate::error::CommandError;
use crate::merge_base::{BaseError, base_side, is_scanned};

/// Leaves what this tree brought: what it introduced or made worse. What is gone is told beside it.
pub(super) fn only_new(
    scan: &mut Scan,
    path: &Path,
    revision: &str,
    (indexes, options): (Indexes<'_>, &Options),
) -> Result<(), CommandError> {
    let no_checks = |_: &dyn fixloop_model::Files| Vec::new();
    let base = base_side(path, revision, (indexes, options), (&is_scanned, &no_checks))
        .map_err(BaseError::into_command_error)?;
    let n_findings = scan.findings.len();
    let findings = std::mem::take(&mut scan.findings);
    let suppressed = scan.suppressed.iter().map(|it| it.finding.clone());
    let head = Side {
        findings: findings.into_iter().chain(suppressed).collect(),
        checks: Vec::new(),
        paths: scan.files.iter().map(|it| it.path.clone()).collect(),
    };
    let compared = compare(&base.side, &head, Some(base.time));
    let with_changes = head.findings.into_iter().zip(&compared.findings).take(n_findings);
    scan.findings =
        with_changes.filter(|(_, change)| change.is_of_this_change()).map(|(it, _)| it).collect();
    scan.diff = Some(Diff { base: base.base, fixed: compared.fixed });
    Ok(())
}
