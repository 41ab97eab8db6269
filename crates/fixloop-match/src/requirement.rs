//! A requirement against the advisories of its package, where no lockfile says what it resolves to.
//!
//! Which versions of a package exist is not known here, but for those that advisories name. So a requirement is judged by its lowest
//! version, by the admitted versions that advisories name, and by the first one after each that they call the last affected.

use fixloop_index::IndexError;
use fixloop_model::Component;
use fixloop_version::{Requirement, Scheme, Syntax, Version};

use crate::affected::{Answer, Candidate, answer};
use crate::check::{Applicable, Checked, check};
use crate::known::{Known, KnownRow};

/// Which of the versions that a requirement admits are affected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admitted {
    /// All that are known.
    All,
    /// The lowest; a later one that it admits is not.
    Lowest,
    /// Later ones; the lowest is not.
    Later,
}

/// What is known about a requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct RequirementChecked {
    /// `None` if nothing that it admits is known to be affected.
    pub admitted: Option<Admitted>,
    /// The version that `checked` is about: what the installer takes, else the lowest that is affected.
    pub version: Option<String>,
    pub checked: Checked,
}

/// Probes of one requirement; a hostile index must not make a keystroke slow.
const MAX_PROBES: usize = 4096;

/// Evaluates every advisory of the package of a component that has a requirement and no version.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn check_requirement(
    known: &Known<'_>,
    component: &Component,
    mirrors: &[String],
) -> Result<RequirementChecked, IndexError> {
    let ecosystem = component.ecosystem.as_str();
    let written = component.requirement.as_deref().unwrap_or("");
    let Some(requirement) = requirement(component.ecosystem.base(), written) else {
        let checked = check(known, component, mirrors)?;
        return Ok(RequirementChecked { admitted: None, version: None, checked });
    };
    let at = |version: &str| {
        let component = Component { version: Some(version.to_owned()), ..component.clone() };
        check(known, &component, mirrors)
    };
    if let Some(selected) = requirement.selected() {
        let checked = at(selected)?;
        let admitted = (!checked.matches.is_empty()).then_some(Admitted::All);
        return Ok(RequirementChecked { admitted, version: Some(selected.to_owned()), checked });
    }
    let nothing = RequirementChecked { admitted: None, version: None, checked: Checked::default() };
    if Applicable::of(&component.source, mirrors) == Applicable::None {
        return Ok(nothing);
    }
    let rows = known.rows(ecosystem, &component.name)?;
    let probes = probes(rows, &requirement);
    let is_affected = |version: &&Version| {
        let candidate = Candidate::new(ecosystem, version.as_str());
        rows.iter().any(|row| answer(row, &candidate) == Answer::Yes)
    };
    let affected: Vec<bool> = probes.iter().map(|it| is_affected(&it)).collect();
    let Some(first) = affected.iter().position(|it| *it) else { return Ok(nothing) };
    let admitted = match (first, affected.iter().all(|it| *it)) {
        (_, true) => Admitted::All,
        (0, false) => Admitted::Lowest,
        _ => Admitted::Later,
    };
    let version = probes[first].as_str().to_owned();
    let checked = at(&version)?;
    Ok(RequirementChecked { admitted: Some(admitted), version: Some(version), checked })
}

fn requirement(ecosystem: &str, written: &str) -> Option<Requirement> {
    let own = Syntax::for_ecosystem(ecosystem)?;
    // Poetry writes carets, tildes and stars as npm does, for versions of PEP 440; Pipenv has the star.
    let poetry = (ecosystem == "PyPI").then_some(Syntax::Npm);
    let syntaxes = [Some(own), poetry].into_iter().flatten();
    syntaxes.into_iter().find_map(|it| Requirement::parse(it, written).ok())
}

/// Versions that the requirement admits, ascending: its lowest, those that the rows name, and the next after each last affected one.
fn probes(rows: &[KnownRow<'_>], requirement: &Requirement) -> Vec<Version> {
    let scheme = requirement.scheme();
    let mut probes: Vec<Version> = requirement.floor().into_iter().collect();
    if probes.is_empty() {
        // Open below: the first version of all.
        probes.extend(scheme.parse("0").ok().filter(|it| requirement.admits(it)));
    }
    for row in rows {
        let named = row.versions.iter().filter_map(|it| it.parsed.as_ref());
        let bounds = row.ranges.iter().flat_map(|(_, range)| range.versions());
        for version in named.chain(bounds) {
            if probes.len() >= MAX_PROBES {
                break;
            }
            // In the order of the requirement, which may be another.
            if let Ok(version) = scheme.parse(version.as_str()) {
                let next = next(scheme, &version);
                let both = [Some(version), next].into_iter().flatten();
                probes.extend(both.filter(|it| requirement.admits(it)));
            }
        }
    }
    probes.sort();
    probes.dedup();
    probes
}

/// A version just after `version`: its last number raised by one. Whether it exists is not known.
fn next(scheme: Scheme, version: &Version) -> Option<Version> {
    let text = version.as_str();
    let digits = text.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let (before, last) = text.split_at(digits);
    let raised = last.parse::<u64>().ok()?.checked_add(1)?;
    scheme.parse(&format!("{before}{raised}")).ok().filter(|it| it > version)
}
