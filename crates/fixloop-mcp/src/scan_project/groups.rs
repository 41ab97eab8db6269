//! Findings by package and version: one upgrade each, wherever it stands.

use std::collections::HashMap;
use std::path::PathBuf;

use fixloop_manifest::Format;
use fixloop_model::{Class, Finding};
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use super::Root;
use crate::advisory::{AdvisoryAnswer, worst};
use crate::quoted::word;
use crate::recording::Shown;

/// Places told of one package.
const MAX_PLACES: usize = 10;

/// Steps told of a chain: the first ones, which the project names.
const MAX_CHAIN: usize = 12;

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct PackageFindings {
    ecosystem: String,
    name: String,
    version: String,
    /// The nearest version that no known advisory affects.
    clear_version: Option<String>,
    places: Vec<PlaceAnswer>,
    n_places_left_out: usize,
    advisories: Vec<AdvisoryAnswer>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct PlaceAnswer {
    /// Relative to the scanned folder.
    path: String,
    line: u32,
    column: u32,
    /// Whether the project names the package itself.
    direct: Option<bool>,
    /// `runtime`, `dev`, `optional` or `build`.
    scope: Option<&'static str>,
    /// `name@version` of each package from the one that the project names to this one.
    chain: Option<Vec<String>>,
    /// Where the project asks for it, if that is another file: change it there.
    asked_for_at: Option<AskedForAnswer>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct AskedForAnswer {
    path: String,
    line: u32,
}

/// In the order of the most urgent finding of each package.
pub(super) fn groups(findings: &[Finding]) -> Vec<PackageFindings> {
    let mut grouped: Vec<Vec<&Finding>> = Vec::new();
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for it in findings {
        let at = *known.entry((&it.ecosystem, &it.name, &it.version)).or_insert_with(|| {
            grouped.push(Vec::new());
            grouped.len() - 1
        });
        grouped[at].push(it);
    }
    grouped.iter().filter_map(|it| group(it)).collect()
}

fn group(findings: &[&Finding]) -> Option<PackageFindings> {
    let first = findings.first()?;
    let mut places: Vec<&Finding> = Vec::new();
    let mut advisories: Vec<&Finding> = Vec::new();
    for it in findings {
        if places.iter().all(|seen| (&seen.path, seen.position) != (&it.path, it.position)) {
            places.push(it);
        }
        // What is no advisory has no id.
        if it.ids.is_empty() || advisories.iter().all(|seen| seen.ids.first() != it.ids.first()) {
            advisories.push(it);
        }
    }
    Some(PackageFindings {
        ecosystem: word(&first.ecosystem),
        name: word(&first.name),
        version: word(&first.version),
        clear_version: findings.iter().find_map(|it| it.fixed_version.as_deref()).map(word),
        n_places_left_out: places.len().saturating_sub(MAX_PLACES),
        places: places.into_iter().take(MAX_PLACES).map(place).collect(),
        advisories: advisories.into_iter().map(AdvisoryAnswer::of_finding).collect(),
    })
}

fn place(it: &Finding) -> PlaceAnswer {
    let chain = |chain: &Vec<String>| chain.iter().take(MAX_CHAIN).map(|it| word(it)).collect();
    PlaceAnswer {
        path: word(&it.path),
        line: it.position.line,
        column: it.position.column,
        direct: it.direct,
        scope: it.scope.map(fixloop_model::Scope::as_str),
        chain: it.chain.as_ref().map(chain),
        asked_for_at: it
            .declared
            .as_ref()
            .map(|it| AskedForAnswer { path: word(&it.path), line: it.position.line }),
    }
}

impl PackageFindings {
    /// `lodash 4.17.4 (npm) at package-lock.json:12, via a@1 > lodash@4.17.4: GHSA-… critical 9.1 and 3 more; 4.17.21 clears all`.
    pub(super) fn words(&self) -> String {
        let mut words = vec![self.name.clone()];
        if !self.version.is_empty() {
            words.push(format!(" {} ({})", self.version, self.ecosystem));
        }
        if let Some(place) = self.places.first() {
            words.push(format!(" at {}:{}", place.path, place.line));
            if let Some(chain) = &place.chain {
                words.push(format!(", via {}", chain.join(" > ")));
            }
        }
        if let Some(first) = self.advisories.first() {
            words.push(format!(": {}", first.words()));
            let n_more = self.advisories.len() - 1;
            if n_more > 0 {
                words.push(format!(" and {n_more} more"));
            }
        }
        let is_malicious = self.advisories.iter().any(|it| it.class == Class::Malicious.as_str());
        match &self.clear_version {
            _ if is_malicious => words.push("; remove it".to_owned()),
            Some(version) => words.push(format!("; {version} clears all")),
            None => {}
        }
        words.concat()
    }
}

/// Of each package at each place that was told, what is recorded.
pub(super) fn shown(root: &Root, findings: &[Finding]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let folder = std::path::absolute(&root.folder).unwrap_or_else(|_| root.folder.clone());
    // What is wrong with an exception is no alert about a package.
    for it in findings.iter().filter(|it| !it.ids.is_empty()) {
        let at = *known.entry((&it.path, &it.ecosystem, &it.name)).or_insert_with(|| {
            shown.push(Shown {
                folder: folder.clone(),
                file: PathBuf::from(&it.path),
                format: Format::of_path(&it.path),
                ecosystem: it.ecosystem.clone(),
                package: it.name.clone(),
                version: Some(it.version.clone()).filter(|it| !it.is_empty()),
                ids: Vec::new(),
                severity: None,
                class: it.class,
                is_direct: it.direct,
            });
            shown.len() - 1
        });
        let of = &mut shown[at];
        of.ids.extend(it.ids.first().cloned());
        of.severity =
            worst(of.severity.into_iter().chain(it.severity.as_ref().map(|it| it.rating)));
        of.class = of.class.min(it.class);
    }
    shown
}
