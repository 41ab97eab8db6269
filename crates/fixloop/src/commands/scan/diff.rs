//! `fixloop scan --diff`: what is new against the merge-base.

use std::path::Path;

use fixloop_client::BuildChecks;
use fixloop_gate::{Side, compare};
use fixloop_model::{Diff, Files, Scan};
use fixloop_scan::{Indexes, Options};

use crate::error::CommandError;
use crate::merge_base::{BaseError, accepted, base_side, is_scanned};

/// Leaves what this tree brought: what it introduced or made worse. What is gone is told beside it.
pub(super) fn only_new(
    scan: &mut Scan,
    path: &Path,
    revision: &str,
    (indexes, options): (Indexes<'_>, &Options),
    rules: &BuildChecks,
) -> Result<(), CommandError> {
    let is_wanted = |it: &str| is_scanned(it) || rules.names(it);
    let checks_of = |files: &dyn Files| match files.paths() {
        // The file that was named by itself.
        [it] if !path.is_dir() => {
            let text = files.text(it).ok().flatten();
            text.map_or(Vec::new(), |text| rules.of_file(it, &text))
        }
        _ => rules.of(files),
    };
    let base = base_side(path, revision, (indexes, options), (&is_wanted, &checks_of))
        .map_err(BaseError::into_command_error)?;
    let n_findings = scan.findings.len();
    let findings = std::mem::take(&mut scan.findings);
    let n_checks = scan.checks.len();
    let checks = std::mem::take(&mut scan.checks);
    let (of_packages, of_rules) = accepted(scan);
    let scanned = scan.files.iter().map(|it| it.path.clone());
    let checked: Vec<String> = checks.iter().map(|it| it.path.clone()).collect();
    let head = Side {
        findings: findings.into_iter().chain(of_packages).collect(),
        checks: checks.into_iter().chain(of_rules).collect(),
        paths: scanned.chain(checked).collect(),
    };
    let compared = compare(&base.side, &head, Some(base.time));
    let with_changes = head.findings.into_iter().zip(&compared.findings).take(n_findings);
    scan.findings =
        with_changes.filter(|(_, change)| change.is_of_this_change()).map(|(it, _)| it).collect();
    let mut changes = compared.checks.iter();
    scan.checks = head.checks;
    scan.checks.truncate(n_checks);
    scan.checks.retain(|it| {
        !it.state.is_finding() || changes.next().is_some_and(|it| it.is_of_this_change())
    });
    scan.diff =
        Some(Diff { base: base.base, fixed: compared.fixed, fixed_checks: compared.fixed_checks });
    Ok(())
}
