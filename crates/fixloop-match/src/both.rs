//! One component against the public index and, beside it, the organization's own advisories.

use fixloop_index::IndexError;
use fixloop_model::{Component, Source};

use crate::check::{Applicable, Checked, check, check_as};
use crate::known::Known;
use crate::requirement::{RequirementChecked, check_requirement};

/// As [`check`], with what the organization's own advisories say; these are about its packages, wherever they come from.
///
/// # Errors
/// If an index turns out to be damaged.
pub fn check_both(
    public: &Known<'_>,
    own: Option<&Known<'_>>,
    component: &Component,
    mirrors: &[String],
) -> Result<Checked, IndexError> {
    let mut checked = check(public, component, mirrors)?;
    let Some(own) = own else { return Ok(checked) };
    let of_own = check_own(own, component)?;
    checked.matches.extend(of_own.matches);
    checked.unknown = checked.unknown.or(of_own.unknown);
    clear_both((public, own), component, mirrors, &mut checked)?;
    Ok(checked)
}

/// What the organization's own advisories say of a component, from whatever registry it comes.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn check_own(own: &Known<'_>, component: &Component) -> Result<Checked, IndexError> {
    check_as(own, component, &applicable(component))
}

/// As [`check_requirement`], with what the organization's own advisories say.
///
/// # Errors
/// If an index turns out to be damaged.
pub fn check_requirement_both(
    public: &Known<'_>,
    own: Option<&Known<'_>>,
    component: &Component,
    mirrors: &[String],
) -> Result<RequirementChecked, IndexError> {
    let of_public = check_requirement(public, component, mirrors)?;
    let Some(own) = own.filter(|_| applicable(component) != Applicable::None) else {
        return Ok(of_public);
    };
    let meant = Component { source: Source::PublicRegistry, ..component.clone() };
    let of_own = check_requirement(own, &meant, mirrors)?;
    // The version that is told is one; what else affects that one is told with it.
    let mut told =
        if of_public.admitted.is_some() || of_own.admitted.is_none() { of_public } else { of_own };
    if told.admitted.is_some() && told.version.is_some() {
        let at = Component { version: told.version.clone(), ..component.clone() };
        let unknown = told.checked.unknown.take();
        told.checked = check_both(public, Some(own), &at, mirrors)?;
        told.checked.unknown = told.checked.unknown.or(unknown);
    }
    Ok(told)
}

/// Whoever writes an advisory of the organization's own means its packages, from any registry.
fn applicable(component: &Component) -> Applicable {
    match component.source {
        Source::PublicRegistry | Source::Registry { .. } | Source::Unknown => Applicable::Public,
        _ => Applicable::None,
    }
}

/// Each index knows a version that clears its own advisories: what is told has to clear all of them.
fn clear_both(
    (public, own): (&Known<'_>, &Known<'_>),
    component: &Component,
    mirrors: &[String],
    checked: &mut Checked,
) -> Result<(), IndexError> {
    let mut candidates: Vec<String> =
        checked.matches.iter().filter_map(|it| it.fixed_version.clone()).collect();
    candidates.dedup();
    let mut clear = None;
    for version in candidates {
        let at = Component { version: Some(version.clone()), ..component.clone() };
        let of_public = check(public, &at, mirrors)?;
        let of_own = check_own(own, &at)?;
        let is_clear = |it: &Checked| it.matches.is_empty() && it.unknown.is_none();
        if is_clear(&of_own) && of_public.matches.is_empty() {
            clear = Some(version);
            break;
        }
    }
    for it in &mut checked.matches {
        it.fixed_version.clone_from(&clear);
    }
    Ok(())
}
