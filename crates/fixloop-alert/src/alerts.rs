//! The alerts of one manifest.

use std::sync::Arc;

use fixloop_index::IndexError;
use fixloop_match::{Applicable, check_both, check_requirement_both};
use fixloop_model::{Component, Parsed};

use crate::alert::{Alert, Basis, Told, urgency};
use crate::context::Context;
use crate::locked::{Evaluated, Locked};
use crate::memory::Memory;

/// One alert for each dependency about which there is something to tell, in the order of the text.
///
/// `path` is the manifest's, relative to the root. Linear in components and lockfile.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn alerts(
    context: &Context<'_, '_>,
    path: &str,
    parsed: &Parsed,
    locked: Option<(&Locked, &Evaluated)>,
) -> Result<Vec<Alert>, IndexError> {
    Memory::default().alerts(context, path, parsed, locked)
}

/// Where each stands, in the order of the text.
pub(crate) fn placed(
    parsed: &Parsed,
    told: impl Iterator<Item = (usize, Arc<Told>)>,
) -> Vec<Alert> {
    let place = |(index, told): (usize, Arc<Told>)| {
        let component = parsed.components.get(index)?;
        let span = component.version_span.unwrap_or(component.name_span);
        Some(Alert { index, span, told })
    };
    let mut alerts: Vec<Alert> = told.filter_map(place).collect();
    alerts.sort_by_key(|it: &Alert| (it.span, it.index));
    // A table per environment names a package several times at one place.
    alerts.dedup_by(|a, b| a.span == b.span && a.name == b.name && a.matches == b.matches);
    alerts
}

/// What there is to tell of one component; nothing of its place counts.
pub(crate) fn told(
    context: &Context<'_, '_>,
    path: &str,
    component: &Component,
    locked: Option<(&Locked, &Evaluated)>,
) -> Result<Option<Told>, IndexError> {
    let Context { known, own, mirrors, .. } = *context;
    if Applicable::of(&component.source, mirrors) == Applicable::None {
        return Ok(None);
    }
    let mut alert = Told {
        ecosystem: component.ecosystem.to_string(),
        name: component.name.clone(),
        version: component.version.clone(),
        requirement: component.requirement.clone(),
        basis: Basis::Written,
        matches: Vec::new(),
        brought: Vec::new(),
        unknown: None,
    };
    let resolved = locked.and_then(|(locked, evaluated)| {
        let version = locked.version(component)?;
        Some((locked, version, evaluated.brought_by(component, version)))
    });
    if let Some((locked, version, brought)) = resolved {
        let at = Component { version: Some(version.to_owned()), ..component.clone() };
        let checked = check_both(known, own, &at, mirrors)?;
        if component.version.is_none() {
            alert.basis = Basis::Locked(locked.path().to_owned());
        }
        alert.version = Some(version.to_owned());
        brought.clone_into(&mut alert.brought);
        (alert.matches, alert.unknown) = (checked.matches, checked.unknown);
    } else if component.version.is_some() {
        let checked = check_both(known, own, component, mirrors)?;
        (alert.matches, alert.unknown) = (checked.matches, checked.unknown);
    } else {
        let of_requirement = check_requirement_both(known, own, component, mirrors)?;
        alert.basis = of_requirement.admitted.map_or(Basis::Unknown, Basis::Requirement);
        alert.version = of_requirement.version;
        (alert.matches, alert.unknown) =
            (of_requirement.checked.matches, of_requirement.checked.unknown);
    }
    let judged = Component { version: alert.version.clone(), ..component.clone() };
    // A scan finds it in the lockfile, and that is where an exception may speak of.
    let paths = [Some(path), resolved.map(|(locked, ..)| locked.path())];
    context.take_out_accepted(&judged, &paths, &mut alert.matches);
    alert.matches.sort_by_key(urgency);
    Ok((alert.is_finding() || alert.unknown.is_some()).then_some(alert))
}
