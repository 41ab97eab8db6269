//! The components of a fleet against what a campaign is about: each different component is asked once.

use std::collections::BTreeSet;
use std::path::Path;

use fixloop_campaign::{Answer, ComponentIndex, Held, IndexedTarget, Origin};
use fixloop_index::{Builder, Index, prepare};
use fixloop_match::{Checked, Known, Match, check, check_own};
use fixloop_model::{Component, Ecosystem, Source, Span};
use fixloop_program::record::CampaignPlan;
use fixloop_scan::Indexes;
use serde_json::Value;

use super::about::AboutError;
use crate::error::CommandError;
use crate::index_path::IndexArgument;

/// Lines of evidence that are kept of one target.
const MAX_EVIDENCE: usize = 5;

/// What is known of one component.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Affected(String),
    Unknown(String),
    /// It is none of the campaign's packages, or at a version that is not affected.
    Clean,
}

/// An index of a campaign's private records, and the public one where it names public ids.
pub(super) struct Sources {
    private: Index,
    public: Option<Index>,
    /// With no advisory at all.
    nothing: Index,
    /// Registries that serve the public ones' packages unchanged.
    mirrors: Vec<String>,
    /// Ids of the public index that the campaign is about.
    ids: Vec<String>,
    /// Ids that no record has.
    pub(super) missing: Vec<String>,
}

impl Sources {
    pub(super) fn of(plan: &CampaignPlan, folder: &Path) -> Result<Self, CommandError> {
        let private = private_index(&plan.private)?;
        let own: BTreeSet<String> = plan.private.iter().filter_map(id_of).collect();
        let ids: Vec<String> =
            plan.advisories.iter().filter(|it| !own.contains(*it)).cloned().collect();
        let public = if ids.is_empty() { None } else { Some(public_index(folder)?) };
        let missing = match &public {
            Some(index) => missing(index, &ids)?,
            None => Vec::new(),
        };
        let nothing = private_index(&[])?;
        Ok(Self { private, public, nothing, mirrors: plan.mirrors.clone(), ids, missing })
    }

    /// What is scanned with, and the index that a fix has to be proven by: for the private records, and for the public ones.
    pub(super) fn for_fixes(&self) -> Vec<(Indexes<'_>, &Index)> {
        let own = Indexes { private: Some(&self.private), ..Indexes::from(&self.nothing) };
        let public = self.public.iter().map(|it| (Indexes::from(it), it));
        std::iter::once((own, &self.private)).chain(public).collect()
    }

    /// Verdicts by the components' numbers.
    pub(super) fn verdicts(&self, index: &ComponentIndex) -> Result<Vec<Verdict>, CommandError> {
        let private = Known::new(&self.private);
        let public = self.public.as_ref().map(Known::new);
        let mut verdicts = Vec::with_capacity(index.components.len());
        for held in &index.components {
            let component = component(held);
            let mut found = Verdict::Clean;
            if self.private.package(&held.ecosystem, &held.name)?.is_some() {
                found = verdict(held, &check_own(&private, &component)?, None);
            }
            if let (Verdict::Clean, Some(public)) = (&found, &public)
                && is_named(public, held, &self.ids)?
            {
                let checked = check(public, &component, &self.mirrors)?;
                found = verdict(held, &checked, Some(&self.ids));
            }
            verdicts.push(found);
        }
        Ok(verdicts)
    }

    /// Ecosystem and name of every package that the campaign's advisories name.
    pub(super) fn packages(&self) -> Result<BTreeSet<(String, String)>, CommandError> {
        let mut packages = BTreeSet::new();
        for package in self.private.packages() {
            let package = package?;
            packages.insert((package.ecosystem()?.to_owned(), package.name()?.to_owned()));
        }
        for package in self.public.iter().flat_map(Index::packages) {
            let package = package?;
            let mut is_of_it = false;
            for row in package.rows() {
                is_of_it |= is_among(&row?.record()?, &self.ids)?;
            }
            if is_of_it {
                packages.insert((package.ecosystem()?.to_owned(), package.name()?.to_owned()));
            }
        }
        Ok(packages)
    }
}

fn id_of(record: &Value) -> Option<String> {
    record.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn private_index(records: &[Value]) -> Result<Index, CommandError> {
    let mut builder = Builder::default();
    for record in records {
        let path = || id_of(record).unwrap_or_default().into();
        let read = fixloop_advisory::parse(record.to_string().as_bytes())
            .map_err(|source| AboutError::Osv { path: path(), source })?;
        builder.add(prepare(read.advisory));
    }
    Ok(Index::from_bytes(builder.build()?.into_bytes())?)
}

fn public_index(folder: &Path) -> Result<Index, CommandError> {
    let mut argument = IndexArgument::default();
    let path = folder.join("advisories.index");
    if path.exists() {
        argument.or(path);
    }
    argument.open()
}

fn missing(index: &Index, ids: &[String]) -> Result<Vec<String>, CommandError> {
    let mut missing: Vec<String> = ids.to_vec();
    for record in index.records() {
        let record = record?;
        for known in record.group_ids() {
            let known = known?;
            missing.retain(|it| !it.eq_ignore_ascii_case(known));
        }
        let known = record.id()?;
        missing.retain(|it| !it.eq_ignore_ascii_case(known));
    }
    Ok(missing)
}

fn is_among(
    record: &fixloop_index::Record<'_>,
    ids: &[String],
) -> Result<bool, fixloop_index::IndexError> {
    let is_one = |known: &str| ids.iter().any(|it| it.eq_ignore_ascii_case(known));
    if is_one(record.id()?) {
        return Ok(true);
    }
    for known in record.group_ids() {
        if is_one(known?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether one of these records is about the package.
fn is_named(known: &Known<'_>, held: &Held, ids: &[String]) -> Result<bool, CommandError> {
    let Some(package) = known.index().package(&held.ecosystem, &held.name)? else {
        return Ok(false);
    };
    for row in package.rows() {
        if is_among(&row?.record()?, ids)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `ids`: of the public index only these count; every record of a private one does.
fn verdict(held: &Held, checked: &Checked, ids: Option<&[String]>) -> Verdict {
    let is_of_it = |it: &&Match| {
        ids.is_none_or(|ids| {
            it.ids.iter().any(|id| ids.iter().any(|it| it.eq_ignore_ascii_case(id)))
        })
    };
    let (name, version) = (&held.name, held.version.as_deref().unwrap_or(""));
    if let Some(found) = checked.matches.iter().find(is_of_it) {
        let fix = match &found.fixed_version {
            Some(fixed) => format!("fixed in {fixed}"),
            None => "no version fixes it".to_owned(),
        };
        return Verdict::Affected(format!("{name} {version}: {}, {fix}", found.ids[0]));
    }
    match &checked.unknown {
        Some(reason) => Verdict::Unknown(format!("{name}: {reason}")),
        None => Verdict::Clean,
    }
}

fn component(held: &Held) -> Component {
    let source = match &held.origin {
        Origin::Public => Source::PublicRegistry,
        Origin::Registry(host) => Source::Registry { host: host.clone() },
        Origin::Elsewhere => Source::Workspace,
        Origin::Unknown => Source::Unknown,
    };
    let ecosystem = Ecosystem::new(held.ecosystem.clone());
    let base = Component::new(ecosystem, held.name.clone(), Span::default());
    Component { version: held.version.clone(), source, ..base }
}

/// What a target's components come to; nothing where the campaign is about none of its ecosystems.
pub(super) fn answer(
    target: &IndexedTarget,
    index: &ComponentIndex,
    verdicts: &[Verdict],
    ecosystems: &BTreeSet<String>,
) -> Option<Answer> {
    let held = || target.components.iter().map(|it| *it as usize);
    let mut evidence = Vec::new();
    let mut unknown = None;
    for number in held() {
        match verdicts.get(number) {
            Some(Verdict::Affected(line)) if evidence.len() < MAX_EVIDENCE => {
                evidence.push(line.clone());
            }
            Some(Verdict::Unknown(reason)) => {
                unknown.get_or_insert_with(|| reason.clone());
            }
            _ => {}
        }
    }
    if !evidence.is_empty() {
        return Some(Answer::Affected(evidence));
    }
    let is_of_it = |number: usize| {
        let known = index.components.get(number);
        known.is_some_and(|it| ecosystems.contains(&it.ecosystem))
    };
    let may_hold = || ecosystems_of(&target.format).iter().any(|it| ecosystems.contains(*it));
    match (&target.unknown, unknown) {
        (Some(reason), _) if may_hold() => Some(Answer::Unknown(reason.clone())),
        (_, Some(reason)) => Some(Answer::Unknown(reason)),
        _ if held().any(is_of_it) || may_hold() => Some(Answer::Clean),
        _ => None,
    }
}

/// The ecosystems that files of a format can hold; every one for a bill of materials.
fn ecosystems_of(format: &str) -> &'static [&'static str] {
    match format {
        "Cargo.lock" | "Cargo.toml" => &["crates.io"],
        "composer.json" | "composer.lock" => &["Packagist"],
        "Gemfile" | "Gemfile.lock" => &["RubyGems"],
        "GitHub Actions" => &["GitHub Actions"],
        "go.mod" => &["Go"],
        "gradle.lockfile" | "Gradle version catalog" | "pom.xml" => &["Maven"],
        "mix.lock" => &["Hex"],
        "MSBuild project" | "packages.config" | "packages.lock.json" => &["NuGet"],
        "package.json" | "package-lock.json" | "pnpm-lock.yaml" | "yarn.lock" => &["npm"],
        "pubspec.lock" => &["Pub"],
        "pdm.lock" | "Pipfile" | "Pipfile.lock" | "poetry.lock" | "pylock.toml"
        | "pyproject.toml" | "requirements.txt" | "uv.lock" => &["PyPI"],
        _ => &[
            "crates.io",
            "GitHub Actions",
            "Go",
            "Hex",
            "Maven",
            "npm",
            "NuGet",
            "Packagist",
            "Pub",
            "PyPI",
            "RubyGems",
        ],
    }
}

/// What a campaign's ranges come to in this fleet, where that is suspicious: nothing, everything, or a package that nobody has.
pub(super) fn suspicious(
    sources: &Sources,
    index: &ComponentIndex,
    verdicts: &[Verdict],
) -> Result<Vec<String>, CommandError> {
    let mut warnings: Vec<String> = sources
        .missing
        .iter()
        .map(|it| format!("the index has no record `{it}`: nothing is matched by it. fixloop db update brings newer ones, --advisory FILE a private one"))
        .collect();
    for (ecosystem, name) in sources.packages()? {
        let is_it = |it: &Held| {
            it.ecosystem == ecosystem && fixloop_model::normalize_name(&ecosystem, &it.name) == name
        };
        let held: Vec<(&Held, &Verdict)> =
            index.components.iter().zip(verdicts).filter(|it| is_it(it.0)).collect();
        let n_affected = held.iter().filter(|it| matches!(it.1, Verdict::Affected(_))).count();
        let n_clean = held.iter().filter(|it| *it.1 == Verdict::Clean).count();
        if held.is_empty() {
            warnings.push(format!("nobody has {ecosystem} {name}: is it spelled as in its registry? fixloop fleet sync brings what is new"));
        } else if n_affected == 0 && n_clean == held.len() {
            let mut versions: Vec<&str> =
                held.iter().filter_map(|it| it.0.version.as_deref()).collect();
            versions.sort_unstable();
            versions.dedup();
            let shown = versions.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let more = if versions.len() > 5 { ", …" } else { "" };
            warnings.push(format!("no version of {ecosystem} {name} that anybody has is in the range: {shown}{more}. Is the range right?"));
        } else if n_affected == held.len() && held.len() > 1 {
            warnings.push(format!("all {} versions of {ecosystem} {name} that anybody has are in the range. Is its end missing?", held.len()));
        }
    }
    Ok(warnings)
}
