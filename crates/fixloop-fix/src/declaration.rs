//! Another version of what a file declares for others: a workspace's table, central and managed versions.

use fixloop_match::{Known, check_requirement};
use fixloop_model::Component;

use crate::cannot::CannotFix;
use crate::edit::{TextEdit, apply};
use crate::manifest::Manifest;
use crate::proof::{Proof, is_clear};
use crate::upgrade::Upgrade;
use crate::writing::rewritten;

/// Raises `component`, one of the manifest's declarations, to `to`.
///
/// # Errors
/// If the version stands where it cannot be changed, or the result is not clear.
pub fn upgrade_declaration(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    component: &Component,
    to: &str,
) -> Result<Upgrade, CannotFix> {
    let none = || CannotFix::NoVersion(component.name.clone());
    let span = component.version_span.filter(|_| component.declared.is_none()).ok_or_else(none)?;
    let slice = span.slice(manifest.text).ok_or_else(none)?;
    let before = manifest.text[..span.range().start].chars().next_back();
    let quote = before.filter(|it| *it == '\'').unwrap_or('"');
    let text = rewritten(manifest.format, component, slice, quote, to)?;
    let edit = TextEdit { path: manifest.beside.path().to_owned(), span, text };
    is_clear(known, &component.ecosystem, &component.name, to)?;
    let edited = apply(manifest.text, std::slice::from_ref(&edit));
    let after = manifest.format.declarations(&edited, manifest.beside);
    let is_it = |it: &&Component| it.name == component.name && it.name_span.start <= span.end;
    let after = after.iter().rev().find(is_it).ok_or(CannotFix::Unreadable)?;
    let not_asked =
        |asked: &str| CannotFix::NotAsked { asked: asked.to_owned(), to: to.to_owned() };
    let proof = match &after.version {
        Some(version) if version == to => Proof::Pinned,
        Some(version) => return Err(not_asked(version)),
        None => {
            let left = check_requirement(known, after, &[])?;
            match (left.admitted, left.version) {
                (None, _) => Proof::AdmitsNoAffected,
                (Some(_), Some(affected)) => Proof::LowestIsClear { affected },
                (Some(_), None) => return Err(not_asked(slice)),
            }
        }
    };
    Ok(Upgrade {
        name: component.name.clone(),
        from: component.version.clone().or_else(|| component.requirement.clone()),
        to: to.to_owned(),
        edits: vec![edit],
        is_within_requirement: false,
        proof,
        relock: None,
    })
}
