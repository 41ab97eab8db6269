//! The lowest later version that clears advisories.

use fixloop_version::Version;

use crate::affected::{Answer, Candidate, answer};
use crate::known::KnownRow;

/// All versions after `version` that any row calls fixed, ascending.
///
/// Only these are offered: that they exist is known, which of others do is not.
pub(crate) fn later_fixes<'r>(rows: &'r [KnownRow<'_>], version: &Version) -> Vec<&'r Version> {
    let fixes = rows.iter().flat_map(|row| &row.ranges).flat_map(|(_, range)| range.fixes());
    let mut later: Vec<&Version> =
        fixes.filter(|it| it.scheme() == version.scheme() && *it > version).collect();
    later.sort();
    later.dedup();
    later
}

/// The first of `later` that none of `rows` affects; a row that cannot tell counts as affecting.
pub(crate) fn first_clear<'r, 'i: 'r>(
    later: &[&Version],
    ecosystem: &str,
    rows: &(impl Iterator<Item = &'r KnownRow<'i>> + Clone),
) -> Option<String> {
    later
        .iter()
        .find(|it| {
            let text = it.as_str();
            let candidate = Candidate { ecosystem, text, parsed: Some((**it).clone()) };
            rows.clone().all(|row| answer(row, &candidate) == Answer::No)
        })
        .map(|it| it.as_str().to_owned())
}
