//! That what a manifest asks for after an edit is clear.

use std::fmt;

use fixloop_match::{Known, affected_later, standing_against};
use fixloop_model::{Component, Ecosystem};
use fixloop_version::Requirement;

use crate::cannot::CannotFix;
use crate::manifest::Manifest;
use crate::writing;

/// What has been shown of the edited manifest. In the order of strength, the weakest last.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Proof {
    /// The manifest fixes the version, and no advisory affects it.
    Pinned,
    /// The lowest version that the requirement admits is the target, and no advisory affects that or any later one it admits.
    AdmitsNoAffected,
    /// The lowest version admitted is clear, but `affected`, a later one, is admitted, too.
    LowestIsClear { affected: String },
    /// The target is clear. The manifest asks for nothing of it; the command fails if the packages that bring it in do not admit it.
    ByCommand,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned => f.write_str("pinned to a version without known advisories"),
            Self::AdmitsNoAffected => f.write_str("admits no version with a known advisory"),
            Self::LowestIsClear { affected } => write!(
                f,
                "the lowest version admitted is clear; {affected}, which is affected, is admitted, too"
            ),
            Self::ByCommand => f.write_str(
                "the version is clear; the command fails if what brings it in does not admit it",
            ),
        }
    }
}

/// That `to` itself is clear.
pub(crate) fn is_clear(
    known: &Known<'_>,
    ecosystem: &Ecosystem,
    name: &str,
    to: &str,
) -> Result<(), CannotFix> {
    match standing_against(known, ecosystem.as_str(), name, to)? {
        None => Ok(()),
        Some(id) => Err(CannotFix::StillAffected {
            name: name.to_owned(),
            to: to.to_owned(),
            id: id.to_owned(),
        }),
    }
}

/// That a component of the edited manifest begins with `to`, and is clear.
pub(crate) fn of_component(
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    component: &Component,
    to: &str,
) -> Result<Proof, CannotFix> {
    is_clear(known, &component.ecosystem, &component.name, to)?;
    let not_asked =
        |asked: &str| CannotFix::NotAsked { asked: asked.to_owned(), to: to.to_owned() };
    if let Some(version) = &component.version {
        is_clear(known, &component.ecosystem, &component.name, version)?;
        let is_it = version.trim_start_matches('v').trim_end_matches("+incompatible")
            == to.trim_start_matches('v').trim_end_matches("+incompatible");
        return if is_it { Ok(Proof::Pinned) } else { Err(not_asked(version)) };
    }
    let written = component.requirement.as_deref().unwrap_or("");
    let (requirement, target) =
        writing::read(manifest.format, written, to).ok_or_else(|| not_asked(written))?;
    // Raising changes nothing where the target is the lowest version already.
    if writing::raised(manifest.format, written, to).as_deref() != Some(written) {
        return Err(not_asked(written));
    }
    later(known, component, &requirement, &target)
}

/// Whether a later version that is affected is admitted.
pub(crate) fn later(
    known: &Known<'_>,
    component: &Component,
    requirement: &Requirement,
    target: &fixloop_version::Version,
) -> Result<Proof, CannotFix> {
    let ecosystem = component.ecosystem.as_str();
    let own = fixloop_version::Scheme::for_ecosystem(ecosystem)
        .and_then(|it| it.parse(target.as_str()).ok());
    let Some(own) = own else { return Err(CannotFix::NotAVersion(target.to_string())) };
    let affected = affected_later(known, ecosystem, &component.name, &own)?;
    let is_admitted = |it: &fixloop_version::Version| {
        target.scheme().parse(it.as_str()).is_ok_and(|it| {
            // Where a prerelease is the first affected, its release is affected as well.
            let text = it.as_str().split_once('-').map_or(it.as_str(), |(release, _)| release);
            let release = it.scheme().parse(text);
            requirement.admits(&it) || release.is_ok_and(|it| requirement.admits(&it))
        })
    };
    Ok(match affected.into_iter().find(is_admitted) {
        None => Proof::AdmitsNoAffected,
        Some(it) => Proof::LowestIsClear { affected: it.to_string() },
    })
}
