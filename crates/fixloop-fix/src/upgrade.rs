//! Another version of what a manifest names.

use fixloop_manifest::Format;
use fixloop_match::{Applicable, Known};
use fixloop_model::{Component, Parsed};

use crate::cannot::CannotFix;
use crate::edit::TextEdit;
use crate::manifest::{Manifest, Place};
use crate::proof::{Proof, of_component};
use crate::relock::{Relock, after_edit};
use crate::writing::{self, rewritten};

/// A change that clears a dependency of known advisories.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Upgrade {
    pub name: String,
    /// The version or requirement that stood there.
    pub from: Option<String>,
    pub to: String,
    /// None where a command alone does it.
    pub edits: Vec<TextEdit>,
    /// Whether the requirement admitted the version before.
    pub is_within_requirement: bool,
    pub proof: Proof,
    /// What to run afterwards, where a lockfile decides.
    pub relock: Option<Relock>,
}

/// Raises the component at `index` to `to`. An edit that other components share holds for them, too, and is proven for each.
///
/// # Errors
/// If the format is not edited, the version stands where it cannot be changed, or the result is not clear.
pub fn upgrade(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    index: usize,
    to: &str,
) -> Result<Upgrade, CannotFix> {
    let component = manifest.parsed.components.get(index).ok_or(CannotFix::NoComponent)?;
    if writing::syntax(manifest.format).is_none() {
        return Err(CannotFix::Format(manifest.format.name()));
    }
    if Applicable::of(&component.source, &[]) == Applicable::None {
        return Err(CannotFix::NotFromRegistry(component.name.clone()));
    }
    let edit = edit(manifest, component, to)?;
    let edits = vec![edit];
    let proof = prove(known, manifest, index, &edits, to)?;
    let admitted = |it: &String| {
        writing::read(manifest.format, it, to).is_some_and(|(it, target)| it.admits(&target))
    };
    Ok(Upgrade {
        name: component.name.clone(),
        from: component.version.clone().or_else(|| component.requirement.clone()),
        to: to.to_owned(),
        is_within_requirement: component.version.is_none()
            && component.requirement.as_ref().is_none_or(admitted),
        proof,
        relock: after_edit(manifest.format, manifest.beside, &component.name),
        edits,
    })
}

fn edit(manifest: &Manifest<'_>, component: &Component, to: &str) -> Result<TextEdit, CannotFix> {
    let none = || CannotFix::NoVersion(component.name.clone());
    let own = manifest.beside.path();
    let Some(place) = Place::of(component, own) else {
        let at = behind_name(manifest, component).ok_or_else(none)?;
        let span = fixloop_model::Span::new(at, at);
        return Ok(TextEdit { path: own.to_owned(), span, text: format!(">={to}") });
    };
    let text = manifest.text_of(&place.path).ok_or_else(none)?;
    let slice = place.span.slice(&text).ok_or_else(none)?;
    let before = text[..place.span.range().start].chars().next_back();
    let quote = before.filter(|it| *it == '\'').unwrap_or('"');
    let text = rewritten(manifest.format, component, slice, quote, to)?;
    Ok(TextEdit { path: place.path, span: place.span, text })
}

/// Where a requirement of PEP 508 goes that has none: behind the name and its extras.
fn behind_name(manifest: &Manifest<'_>, component: &Component) -> Option<usize> {
    let is_pep508 = matches!(manifest.format, Format::RequirementsTxt | Format::Pyproject);
    let end = component.name_span.range().end;
    let rest = manifest.text.get(end..)?;
    if !is_pep508 || component.declared.is_some() {
        return None;
    }
    let extras = rest.trim_start().starts_with('[').then(|| rest.find(']')).flatten();
    let at = end + extras.map_or(0, |at| at + 1);
    // A key of Poetry's table is followed by its value.
    let next = manifest.text[at..].trim_start_matches(' ').chars().next();
    next.is_none_or(|it| "\r\n;#\"'\\".contains(it)).then_some(at)
}

/// Reads the edited manifest again: the component begins with `to`, so does whatever shares its place, and nothing else has changed.
fn prove(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    index: usize,
    edits: &[TextEdit],
    to: &str,
) -> Result<Proof, CannotFix> {
    let after = manifest.edited(edits)?;
    let before = &manifest.parsed.components;
    if after.components.len() != before.len() {
        return Err(CannotFix::Unreadable);
    }
    let own = manifest.beside.path();
    let place = Place::of(&before[index], own);
    let mut weakest = of_component(known, manifest, &after.components[index], to)?;
    for (other, (old, new)) in before.iter().zip(&after.components).enumerate() {
        if other == index || is_same(old, new) {
            continue;
        }
        if place.is_none() || Place::of(old, own) != place {
            return Err(CannotFix::Changes(old.name.clone()));
        }
        weakest = weakest.max(of_component(known, manifest, new, to)?);
    }
    Ok(weakest)
}

/// Whether nothing that a scan looks at has changed.
pub(crate) fn is_same(old: &Component, new: &Component) -> bool {
    (&old.ecosystem, &old.name, &old.version, &old.requirement, &old.source)
        == (&new.ecosystem, &new.name, &new.version, &new.requirement, &new.source)
}

/// Whether what the manifest asks for may be this version; also if that cannot be told.
pub fn asks_for(format: Format, component: &Component, version: &str) -> bool {
    match (&component.version, &component.requirement) {
        (Some(own), _) => own == version,
        (None, Some(written)) => writing::read(format, written, version)
            .is_none_or(|(requirement, version)| requirement.admits(&version)),
        (None, None) => true,
    }
}

/// The component of a name, if the manifest has one.
pub(crate) fn find(parsed: &Parsed, name: &str) -> Option<usize> {
    let is_it = |it: &Component| {
        let ecosystem = it.ecosystem.as_str();
        fixloop_model::normalize_name(ecosystem, &it.name)
            == fixloop_model::normalize_name(ecosystem, name)
    };
    parsed.components.iter().position(is_it)
}
