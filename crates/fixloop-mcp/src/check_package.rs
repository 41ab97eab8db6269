//! `check_package`: what is known about one package, before anybody uses it.

mod asked;
mod judged;
mod ranges;

use std::path::PathBuf;

use fixloop_match::{Admitted, Known};
use fixloop_model::{Class, Severity};
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advisory::{AdvisoryAnswer, by_urgency, worst};
use crate::index::{IndexAnswer, Opened};
use crate::quoted::word;
use crate::recording::Shown;
use crate::tools::{Failure, Told};
use asked::Asked;
use judged::{Judged, judge};
use ranges::{AffectedAnswer, affected};

/// Advisories told; an old version of a browser has a thousand.
const MAX_ADVISORIES: usize = 100;

/// Advisories named in the plain text.
const MAX_NAMED: usize = 5;

/// A package by ecosystem and name, or by its package URL.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The package registry: OSV's name or a package URL type, in any case. For example npm, PyPI, crates.io or cargo, Go, Maven, NuGet,
    /// RubyGems, Packagist or composer, Hex, Pub, GitHub Actions. Give it together with `name`.
    ecosystem: Option<String>,
    /// The package's name in that registry; Maven's as group:artifact.
    name: Option<String>,
    /// The exact version, or the requirement that you are about to write, such as ^4.17.0 or >=2,<3. Without it you are told which
    /// versions are affected.
    version: Option<String>,
    /// A package URL in place of ecosystem and name, for example pkg:npm/lodash@4.17.20.
    purl: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
pub(crate) enum PackageVerdict {
    Malicious,
    Vulnerable,
    /// Only unmaintained or informational advisories.
    Notice,
    NoKnownAdvisories,
    /// Not checked, or not to be told without the version that gets installed. Not clean.
    Unknown,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct PackageAnswer {
    pub(crate) verdict: PackageVerdict,
    ecosystem: String,
    name: String,
    /// As asked.
    version: Option<String>,
    /// Of a requirement, the version that `advisories` is about: the lowest that it admits and that is affected.
    judged_version: Option<String>,
    /// Of a requirement, which of the versions that it admits are affected: `all`, `lowest` (later ones are not), `later` (the lowest is
    /// not), or null for none that is known.
    admitted_affected: Option<&'static str>,
    /// The most urgent first.
    advisories: Vec<AdvisoryAnswer>,
    /// How many more there are.
    n_advisories_left_out: usize,
    /// The nearest version that no known advisory affects; without a version asked, the lowest from which on none does. That it is
    /// published was not checked.
    clear_version: Option<String>,
    /// Unless an exact version was asked: which versions the advisories of this package affect.
    affected: Vec<AffectedAnswer>,
    n_affected_left_out: usize,
    /// What could not be checked, and why. If there is no finding, it makes the verdict `unknown`.
    not_checked: Vec<String>,
    /// What the verdict does not say.
    notes: Vec<String>,
    index: IndexAnswer,
}

/// Looks a package up.
pub(crate) fn check_package(
    opened: &Opened,
    arguments: &Arguments,
) -> Result<Told<PackageAnswer>, Failure> {
    let asked = Asked::of(arguments, &opened.ecosystems)?;
    let known = Known::new(&opened.index);
    let mut judged = judge(&known, &asked)?;
    by_urgency(&mut judged.matches, &opened.urgency);
    judged.not_checked.extend(opened.shortcoming());
    let mut notes = Vec::new();
    let ecosystem = asked.ecosystem.as_str();
    if opened.index.has_ecosystem(ecosystem)?
        && opened.index.package(ecosystem, &asked.name)?.is_none()
    {
        notes.push(format!(
            "no advisory names `{}`; whether the public registry has such a package was not looked up, so a private or misspelled name \
             looks the same",
            word(&asked.name)
        ));
    }
    let (affected, n_affected_left_out) =
        if asked.is_exact() { (Vec::new(), 0) } else { affected(&opened.index, &asked)? };
    let advisories = judged.matches.iter().take(MAX_ADVISORIES);
    let structured = PackageAnswer {
        verdict: judged.verdict(),
        ecosystem: word(ecosystem),
        name: word(&asked.name),
        version: asked.version.as_deref().map(word),
        judged_version: judged.version.as_deref().map(word),
        admitted_affected: judged.admitted.map(admitted),
        advisories: advisories.map(|it| AdvisoryAnswer::of_match(it, &opened.urgency)).collect(),
        n_advisories_left_out: judged.matches.len().saturating_sub(MAX_ADVISORIES),
        clear_version: judged.clear_version.as_deref().map(word),
        affected,
        n_affected_left_out,
        not_checked: judged.not_checked.iter().map(|it| word(it)).collect(),
        notes,
        index: opened.answer(),
    };
    let shown = shown(&asked, &judged);
    Ok(Told { text: words(&structured), structured, shown: shown.into_iter().collect() })
}

fn admitted(it: Admitted) -> &'static str {
    match it {
        Admitted::All => "all",
        Admitted::Lowest => "lowest",
        Admitted::Later => "later",
    }
}

fn shown(asked: &Asked, judged: &Judged) -> Option<Shown> {
    let ratings = judged.matches.iter().filter_map(|it| it.severity.as_ref());
    Some(Shown {
        folder: PathBuf::new(),
        file: PathBuf::new(),
        format: None,
        ecosystem: asked.ecosystem.to_string(),
        package: asked.name.clone(),
        version: asked.version.clone().filter(|_| asked.is_exact()),
        ids: judged.matches.iter().filter_map(|it| it.ids.first().cloned()).collect(),
        severity: worst(ratings.map(|it: &Severity| it.rating)),
        class: judged.matches.iter().map(|it| it.class).min()?,
        is_direct: Some(true),
    })
}

/// The answer in a few lines.
fn words(it: &PackageAnswer) -> String {
    let mut lines = vec![format!("{} {}", subject(it), conclusion(it))];
    let named = it.advisories.iter().take(MAX_NAMED).map(AdvisoryAnswer::words);
    lines.extend(named.map(|it| format!("- {it}")));
    let n_more = it.advisories.len().saturating_sub(MAX_NAMED) + it.n_advisories_left_out;
    if n_more > 0 {
        lines.push(format!("- and {n_more} more"));
    }
    for affected in it.affected.iter().filter(|_| it.advisories.is_empty()).take(MAX_NAMED) {
        lines.push(format!("- {} affects {}", affected.id, affected.versions.join("; ")));
    }
    lines.extend(advice(it));
    lines.extend(it.not_checked.iter().map(|it| format!("Not checked: {it}.")));
    lines.extend(it.notes.iter().map(|it| format!("Note: {it}.")));
    lines.push(it.index.words());
    lines.join("\n")
}

fn subject(it: &PackageAnswer) -> String {
    match &it.version {
        Some(version) => format!("{} {version} ({})", it.name, it.ecosystem),
        None => format!("{} ({})", it.name, it.ecosystem),
    }
}

fn conclusion(it: &PackageAnswer) -> String {
    let n = it.advisories.len() + it.n_advisories_left_out;
    let advisories = if n == 1 { "1 advisory".to_owned() } else { format!("{n} advisories") };
    match it.verdict {
        PackageVerdict::Malicious => format!("is malicious: {advisories}."),
        PackageVerdict::Vulnerable => format!("is vulnerable: {advisories}."),
        PackageVerdict::Notice => format!("has {advisories}, none of a vulnerability."),
        PackageVerdict::NoKnownAdvisories => "has no known advisories.".to_owned(),
        PackageVerdict::Unknown if n > 0 => {
            format!("may be affected, which depends on the version installed: {advisories}.")
        }
        PackageVerdict::Unknown if !it.affected.is_empty() => {
            "has advisories of some versions, and which one gets installed is not known:".to_owned()
        }
        PackageVerdict::Unknown => "is unknown, which is not clean.".to_owned(),
    }
}

fn advice(it: &PackageAnswer) -> Option<String> {
    let is_malicious =
        it.advisories.iter().any(|advisory| advisory.class == Class::Malicious.as_str());
    if it.advisories.is_empty() && it.affected.is_empty() {
        return None;
    }
    Some(match (&it.clear_version, &it.version) {
        (Some(clear), _) if is_malicious => {
            format!("Do not install it; {clear} is the nearest version that no advisory names.")
        }
        (None, _) if is_malicious => "Do not install it.".to_owned(),
        (Some(clear), Some(_)) => format!("{clear} is the nearest version that clears all."),
        (Some(clear), None) => format!("From {clear} on no version is known to be affected."),
        (None, _) if it.advisories.is_empty() => return None,
        (None, _) => "No version that clears all is known.".to_owned(),
    })
}
