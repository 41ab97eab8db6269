//! A package against the index: what affects it, what cannot be told, and which version to take instead.

use fixloop_index::IndexError;
use fixloop_match::{
    Admitted, Known, Match, Verdict, affected_later, check, check_requirement, explain_package,
};
use fixloop_model::{Class, Component, Source, Span};
use fixloop_version::{Requirement, Scheme, Syntax};

use super::PackageVerdict;
use super::asked::{Asked, Kind};
use crate::quoted::word;

#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Of `version`.
    pub(super) matches: Vec<Match>,
    /// The one judged, where that is not the one asked.
    pub(super) version: Option<String>,
    pub(super) admitted: Option<Admitted>,
    pub(super) clear_version: Option<String>,
    pub(super) not_checked: Vec<String>,
}

impl Judged {
    pub(super) fn verdict(&self) -> PackageVerdict {
        let is_open = matches!(self.admitted, Some(Admitted::Lowest | Admitted::Later));
        match self.matches.iter().map(|it| it.class).min() {
            _ if is_open => PackageVerdict::Unknown,
            Some(Class::Malicious) => PackageVerdict::Malicious,
            Some(Class::Vulnerability) => PackageVerdict::Vulnerable,
            // A notice says nothing of what could not be checked.
            None | Some(_) if !self.not_checked.is_empty() => PackageVerdict::Unknown,
            Some(_) => PackageVerdict::Notice,
            None => PackageVerdict::NoKnownAdvisories,
        }
    }
}

pub(super) fn judge(known: &Known<'_>, asked: &Asked) -> Result<Judged, IndexError> {
    let component = Component {
        source: Source::PublicRegistry,
        ..Component::new(asked.ecosystem.clone(), asked.name.clone(), Span::default())
    };
    if !known.index().has_ecosystem(asked.ecosystem.as_str())? {
        let why = format!("the index has no advisories of {}", word(asked.ecosystem.as_str()));
        return Ok(Judged { not_checked: vec![why], ..Judged::default() });
    }
    match (asked.kind(), &asked.version) {
        (Kind::Exact, Some(version)) => exact(known, component, version),
        (Kind::Requirement, Some(requirement)) => required(known, component, requirement),
        _ => any(known, component),
    }
}

fn exact(known: &Known<'_>, component: Component, version: &str) -> Result<Judged, IndexError> {
    let scheme = Scheme::for_ecosystem(component.ecosystem.as_str());
    let is_version = scheme.is_none_or(|it| it.parse(version).is_ok());
    let ecosystem = component.ecosystem.to_string();
    let component = Component { version: Some(version.to_owned()), ..component };
    let checked = check(known, &component, &[])?;
    let mut not_checked: Vec<String> = checked.unknown.into_iter().collect();
    if !is_version && not_checked.is_empty() && checked.matches.is_empty() {
        not_checked.push(format!("`{}` is no version of {ecosystem}", word(version)));
    }
    Ok(Judged {
        clear_version: clear_version(&checked.matches),
        matches: checked.matches,
        not_checked,
        ..Judged::default()
    })
}

fn required(
    known: &Known<'_>,
    component: Component,
    requirement: &str,
) -> Result<Judged, IndexError> {
    let component = Component { requirement: Some(requirement.to_owned()), ..component };
    let of = check_requirement(known, &component, &[])?;
    let mut not_checked: Vec<String> = of.checked.unknown.into_iter().collect();
    let version = of.version.as_deref().map(word).unwrap_or_default();
    match of.admitted {
        Some(Admitted::Lowest) => not_checked.push(format!(
            "it admits {version}, which is affected, and later versions that are not: which one gets installed is not known"
        )),
        Some(Admitted::Later) => not_checked.push(format!(
            "it admits {version}, a later version that is affected: which one gets installed is not known"
        )),
        Some(Admitted::All) => {}
        None => not_checked.extend(undecided(known, &component)?),
    }
    Ok(Judged {
        clear_version: clear_version(&of.checked.matches),
        matches: of.checked.matches,
        version: of.version,
        admitted: of.admitted,
        not_checked,
    })
}

/// Without a version: whether all versions are affected, some or none.
fn any(known: &Known<'_>, component: Component) -> Result<Judged, IndexError> {
    let ecosystem = component.ecosystem.as_str();
    let lowest = Scheme::for_ecosystem(ecosystem).and_then(|it| it.parse("0").ok());
    let Some(lowest) = lowest else {
        let why = format!("versions of {} cannot be put in order here", word(ecosystem));
        return Ok(Judged { not_checked: vec![why], ..Judged::default() });
    };
    let affected = affected_later(known, ecosystem, &component.name, &lowest)?;
    let last = affected.last().unwrap_or(&lowest).as_str().to_owned();
    let at_last = Component { version: Some(last), ..component.clone() };
    let at_last = check(known, &at_last, &[])?;
    let requirement = any_version(component.ecosystem.base());
    let component = Component { requirement, ..component };
    let of = match component.requirement {
        Some(_) => Some(check_requirement(known, &component, &[])?),
        None => None,
    };
    // Where no requirement can be written for them, what is known of the last one decides.
    let admitted = of.map_or(Some(Admitted::All), |it| it.admitted);
    let mut judged = Judged { clear_version: clear_version(&at_last.matches), ..Judged::default() };
    match (at_last.matches.is_empty(), admitted) {
        (false, Some(Admitted::All)) if judged.clear_version.is_none() => {
            judged.matches = at_last.matches;
        }
        (true, None) => judged.not_checked.extend(undecided(known, &component)?),
        (true, Some(Admitted::All)) if component.requirement.is_none() => {
            judged.not_checked.extend(undecided(known, &component)?);
        }
        _ => judged.not_checked.push("some versions are affected: give the version".to_owned()),
    }
    Ok(judged)
}

/// A requirement that admits every version, where the ecosystem has one.
fn any_version(ecosystem: &str) -> Option<String> {
    let syntax = Syntax::for_ecosystem(ecosystem)?;
    let admits_all = |it: &&str| {
        Requirement::parse(syntax, it)
            .is_ok_and(|it| it.selected().is_none() && it.exact().is_none())
    };
    ["*", ">= 0", "[0,)", "any", ""].into_iter().find(admits_all).map(ToOwned::to_owned)
}

/// Why some record can be decided for no version: a range of it cannot be read.
fn undecided(known: &Known<'_>, component: &Component) -> Result<Option<String>, IndexError> {
    let ecosystem = component.ecosystem.as_str();
    if Scheme::for_ecosystem(ecosystem).is_none_or(|it| it.parse("0").is_err()) {
        return Ok(None);
    }
    let explained = explain_package(known.index(), ecosystem, &component.name, Some("0"))?;
    let mut undecided = explained.into_iter().filter_map(|it| {
        let decision = it.decision.filter(|it| it.verdict == Verdict::Undecided)?;
        Some(format!("`{}` cannot be decided: {}", word(&it.id), decision.rule))
    });
    Ok(undecided.next())
}

fn clear_version(matches: &[Match]) -> Option<String> {
    matches.iter().find_map(|it| it.fixed_version.clone())
}
