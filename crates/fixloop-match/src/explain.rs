//! Why a record matches a version or does not, by the same evaluation that matching uses.

use fixloop_index::{Index, IndexError, Package, Record};
use fixloop_model::Severity;

use crate::affected::{Answer, Candidate, Rule, decide};
use crate::check::why_undecided;
use crate::known::{KnownRow, known_row};

/// Listed versions that are shown before the rest is counted.
const MAX_LISTED: usize = 5;

/// One affected package of one record, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub id: String,
    pub ecosystem: String,
    /// Normalized.
    pub name: String,
    pub severity: Option<Severity>,
    /// Intervals and listed versions, and what of the record has no effect.
    pub affected: Vec<String>,
    pub is_withdrawn: bool,
    /// Of the version asked about.
    pub decision: Option<Decision>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    pub verdict: Verdict,
    /// The rule that decided; a lower-case fragment.
    pub rule: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Affected,
    NotAffected,
    Undecided,
}

/// Every record that names the package, withdrawn ones too, in the order of the index; with the decision about `version`, if given.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn explain_package(
    index: &Index,
    ecosystem: &str,
    name: &str,
    version: Option<&str>,
) -> Result<Vec<Explained>, IndexError> {
    let Some(package) = index.package(ecosystem, name)? else { return Ok(Vec::new()) };
    let candidate = version.map(|it| Candidate::new(ecosystem, it));
    explain(&package, candidate.as_ref(), |_| Ok(true))
}

/// Every package that the records of this alias group name.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn explain_record(index: &Index, group: u32) -> Result<Vec<Explained>, IndexError> {
    let mut explained = Vec::new();
    for package in index.packages() {
        explained.extend(explain(&package?, None, |record| Ok(record.group() == group))?);
    }
    Ok(explained)
}

fn explain(
    package: &Package<'_>,
    candidate: Option<&Candidate<'_>>,
    is_asked: impl Fn(&Record<'_>) -> Result<bool, IndexError>,
) -> Result<Vec<Explained>, IndexError> {
    let mut explained = Vec::new();
    for row in package.rows() {
        let row = row?;
        let record = row.record()?;
        if !is_asked(&record)? {
            continue;
        }
        let row = known_row(&row, record)?;
        let is_withdrawn = record.withdrawn().is_some();
        let decision = candidate.map(|it| {
            if is_withdrawn {
                let rule =
                    "the record was withdrawn, and withdrawn records match nothing".to_owned();
                Decision { verdict: Verdict::NotAffected, rule }
            } else {
                decision(&row, it)
            }
        });
        explained.push(Explained {
            id: record.id()?.to_owned(),
            ecosystem: row.ecosystem.to_owned(),
            name: package.name()?.to_owned(),
            severity: row.severity.clone(),
            affected: affected(&row),
            is_withdrawn,
            decision,
        });
    }
    Ok(explained)
}

fn decision(row: &KnownRow<'_>, candidate: &Candidate<'_>) -> Decision {
    let version = candidate.text;
    let (answer, rule) = decide(row, candidate);
    let (verdict, rule) = match (answer, rule) {
        (Answer::Yes, Rule::Listed(listed)) if listed == version => {
            (Verdict::Affected, format!("`{version}` is one of the versions listed"))
        }
        (Answer::Yes, Rule::Listed(listed)) => {
            (Verdict::Affected, format!("`{version}` equals `{listed}`, which is listed"))
        }
        (Answer::Yes, Rule::Inside(range)) => {
            let intervals = range.intervals().join(" or ");
            (Verdict::Affected, format!("`{version}` lies in {intervals}"))
        }
        (Answer::Yes | Answer::No, Rule::Ecosystem) => {
            (Verdict::NotAffected, format!("the record is about {}", row.ecosystem))
        }
        (Answer::Undecided(reason), _) => (Verdict::Undecided, why_undecided(version, reason)),
        (
            Answer::Yes | Answer::No,
            Rule::Outside | Rule::Undecided | Rule::Listed(_) | Rule::Inside(_),
        ) => (Verdict::NotAffected, format!("`{version}` lies in none of these")),
    };
    Decision { verdict, rule }
}

fn affected(row: &KnownRow<'_>) -> Vec<String> {
    let ranges = row.ranges.iter();
    let mut texts: Vec<String> = ranges.flat_map(|(_, range)| range.intervals()).collect();
    if !row.versions.is_empty() {
        let shown: Vec<&str> = row.versions.iter().take(MAX_LISTED).map(|it| it.text).collect();
        let more = row.versions.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        texts.push(format!("listed: {}{more}", shown.join(", ")));
    }
    if row.has_unusable_range {
        texts
            .push("a range that cannot be read, so that no version is known to be safe".to_owned());
    }
    texts
}
