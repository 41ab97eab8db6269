//! Whether a version that somebody may come to use is clear of what is known.
//!
//! Only malicious releases and vulnerabilities count: no version clears "unmaintained".

use fixloop_index::IndexError;
use fixloop_model::Class;
use fixloop_version::{Scheme, Version};

use crate::affected::{Answer, Candidate, answer};
use crate::known::{Known, KnownRow};

/// The id of a record that affects this version or cannot be decided for it; `None` if the version is clear.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn standing_against<'i>(
    known: &Known<'i>,
    ecosystem: &str,
    name: &str,
    version: &str,
) -> Result<Option<&'i str>, IndexError> {
    let candidate = Candidate::new(ecosystem, version);
    let rows = known.rows(ecosystem, name)?;
    let standing =
        rows.iter().filter(|it| counts(it)).find(|it| answer(it, &candidate) != Answer::No);
    standing.map(|it| it.record.id()).transpose()
}

/// Versions after `version` that are affected, as far as records name them: where ranges begin, and listed ones. Ascending.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn affected_later(
    known: &Known<'_>,
    ecosystem: &str,
    name: &str,
    version: &Version,
) -> Result<Vec<Version>, IndexError> {
    let Some(scheme) = Scheme::for_ecosystem(ecosystem) else { return Ok(Vec::new()) };
    let rows = known.rows(ecosystem, name)?;
    let of_row = |row: &KnownRow<'_>| -> Vec<Version> {
        let begins = row.ranges.iter().flat_map(|(_, range)| range.introductions());
        // A range of another scheme has versions that are read in this one, too.
        let begins = begins.filter_map(|it| scheme.parse(it.as_str()).ok());
        begins.chain(row.versions.iter().filter_map(|it| it.parsed.clone())).collect()
    };
    let mut later: Vec<Version> = rows.iter().filter(|it| counts(it)).flat_map(of_row).collect();
    later.retain(|it| it > version);
    later.sort();
    later.dedup();
    let is_affected = |it: &Version| {
        let candidate = Candidate::new(ecosystem, it.as_str());
        rows.iter().filter(|it| counts(it)).any(|row| answer(row, &candidate) != Answer::No)
    };
    later.retain(is_affected);
    Ok(later)
}

fn counts(row: &KnownRow<'_>) -> bool {
    row.class <= Class::Vulnerability
}
