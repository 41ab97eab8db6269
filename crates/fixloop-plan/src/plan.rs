//! One edit per dependency, to the nearest version that clears all its advisories.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use fixloop_fix::{
    CannotFix, Manifest, Relock, Transitive, Upgrade, asks_for, raise_transitive, upgrade,
};
use fixloop_index::IndexError;
use fixloop_manifest::{Beside, Format};
use fixloop_match::{Admitted, Known, check_requirement, standing_against};
use fixloop_model::{
    Class, Component, Finding, LineIndex, Parsed, Place, Reach, Scan, Unknown, UnknownKind,
    normalize_name,
};
use fixloop_scan::deciding_lockfiles;
use fixloop_version::Scheme;

use crate::files::Files;

/// What is done, and what cannot be.
#[derive(Default)]
pub struct Plan {
    pub fixed: Vec<Fixed>,
    pub unfixed: Vec<Unfixed>,
    /// Files and indexes that could not be read: whether they need a fix is not known.
    pub undecided: Vec<String>,
}

/// One upgrade of one manifest.
pub struct Fixed {
    /// The manifest.
    pub path: String,
    /// The version that is in use now.
    pub from: String,
    pub upgrade: Upgrade,
}

/// A finding that no edit clears.
pub struct Unfixed {
    /// The finding's file.
    pub path: String,
    pub line: u32,
    pub name: String,
    pub version: String,
    pub reason: String,
    pub hint: Option<Hint>,
}

/// What to do by hand instead.
#[derive(Debug, Eq, PartialEq)]
pub enum Hint {
    /// No version helps. How an exception is added depends on who reads this.
    ReplaceOrAccept,
    Words(String),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReplaceOrAccept => "replace it, or add an exception",
            Self::Words(words) => words,
        })
    }
}

/// A package at a version in one file, with everything known against it.
struct Task<'s> {
    finding: &'s Finding,
    class: Class,
    to: Option<&'s str>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty() && self.is_complete()
    }

    /// Whether nothing is left that cannot be fixed or was not checked.
    pub fn is_complete(&self) -> bool {
        self.unfixed.is_empty() && self.undecided.is_empty()
    }

    /// Each command once, in the order of the edits.
    pub fn commands(&self) -> Vec<Relock> {
        let mut seen = HashSet::new();
        let all = self.fixed.iter().filter_map(|it| it.upgrade.relock.clone());
        all.filter(|it| seen.insert(it.clone())).collect()
    }
}

/// Plans for every finding of the scan; the edits are made in `files`, one after the other, so that each sees those before it.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn plan(scan: &Scan, known: &Known<'_>, files: &mut Files) -> Result<Plan, IndexError> {
    let lockfiles = deciding_lockfiles(scan.files.iter().map(|it| &*it.path));
    let mut planner =
        Planner { known, files, lockfiles, originals: HashMap::new(), plan: Plan::default() };
    let unread = scan.unknown.iter().filter(|it| it.kind != UnknownKind::Component);
    let said = |it: &Unknown| match &it.path {
        Some(path) => format!("{path}: {}", it.reason),
        None => it.reason.clone(),
    };
    planner.plan.undecided = unread.map(said).collect();
    let mut deferred = Vec::new();
    // What manifests name comes first: an upgrade of it needs no override.
    for task in tasks(scan) {
        if !planner.named(&task)? {
            deferred.push(task);
        }
    }
    for task in deferred {
        planner.brought_in(&task)?;
    }
    planner.requirements(scan)?;
    Ok(planner.plan)
}

/// In the order of the files; only the first of several findings about the same is kept.
fn tasks(scan: &Scan) -> Vec<Task<'_>> {
    let mut tasks: BTreeMap<(&str, u32, &str, &str), Task<'_>> = BTreeMap::new();
    for finding in &scan.findings {
        let place = (&*finding.path, finding.position.line, &*finding.name, &*finding.version);
        let to = finding.fixed_version.as_deref();
        let task = tasks.entry(place).or_insert(Task { finding, class: finding.class, to });
        task.class = task.class.min(finding.class);
        task.to = task.to.or(to);
    }
    tasks.into_values().collect()
}

struct Planner<'p, 'i> {
    known: &'p Known<'i>,
    files: &'p mut Files,
    /// By manifest.
    lockfiles: HashMap<String, String>,
    originals: HashMap<String, Rc<Parsed>>,
    plan: Plan,
}

impl Planner<'_, '_> {
    /// Upgrades what a manifest names; `false` if none names it.
    fn named(&mut self, task: &Task<'_>) -> Result<bool, IndexError> {
        let finding = task.finding;
        if matches!(task.class, Class::BuildRule | Class::Exception) {
            self.cannot(task, "it is about no package".to_owned(), None);
            return Ok(true);
        }
        let Some(to) = task.to else {
            let (reason, hint) = match task.class {
                Class::Malicious => {
                    ("no version of it is clear", Hint::Words("remove it".to_owned()))
                }
                _ => ("no version is known that clears it", Hint::ReplaceOrAccept),
            };
            self.cannot(task, reason.to_owned(), Some(hint));
            return Ok(true);
        };
        let mut decided: Vec<String> = self
            .lockfiles
            .iter()
            .filter(|(_, lockfile)| **lockfile == finding.path)
            .map(|(manifest, _)| manifest.clone())
            .collect();
        decided.sort();
        let is_lockfile = !decided.is_empty();
        let manifests = if is_lockfile { decided } else { vec![finding.path.clone()] };
        let mut is_named = false;
        for path in manifests {
            is_named |= self.in_manifest(&path, task, to)?;
        }
        if !is_named && !is_lockfile {
            let (reason, hint) = why_not(finding);
            self.cannot(task, reason, Some(Hint::Words(hint)));
            return Ok(true);
        }
        Ok(is_named)
    }

    /// Upgrades every mention of the package in one manifest that may mean the version in use.
    fn in_manifest(&mut self, path: &str, task: &Task<'_>, to: &str) -> Result<bool, IndexError> {
        let Some(format) = Format::of_path(path).filter(|it| is_edited(*it)) else {
            return Ok(false);
        };
        let finding = task.finding;
        let Some(before) = self.original(path, format) else { return Ok(false) };
        let is_own = path == finding.path;
        let asks = |it: &Component| {
            let is_dependency = match (it.reach, format) {
                // A version catalog does not tell which of its libraries are used.
                _ if is_own || format == Format::VersionCatalog => true,
                // An override is meant if it is what fixes the version.
                (Reach::Unknown, _) => it.version.is_some(),
                _ => finding.direct != Some(false),
            };
            is_dependency
                && is_same_package(it, finding)
                && (!is_own || it.version.is_some())
                && asks_for(format, it, &finding.version)
        };
        let asking: Vec<usize> =
            (0..before.components.len()).filter(|it| asks(&before.components[*it])).collect();
        for index in &asking {
            let Some(parsed) = self.read(path, format) else { break };
            let Some(component) = parsed.components.get(*index) else { break };
            // An edit before this one may have been at a place that both share.
            if self.is_far_enough(component, finding, format, to)? {
                continue;
            }
            let result = self.with_manifest(path, format, &parsed, |known, manifest| {
                upgrade(known, manifest, *index, to)
            });
            self.take(path, task, result)?;
        }
        Ok(!asking.is_empty())
    }

    /// Raises requirements that no lockfile decides and of which every known version that they admit is affected. A scan cannot say
    /// which version is in use there, so no finding tells of them.
    fn requirements(&mut self, scan: &Scan) -> Result<(), IndexError> {
        for file in &scan.files {
            let path = &*file.path;
            let format = Format::of_path(path).filter(|it| is_edited(*it));
            let Some(format) = format.filter(|_| !self.lockfiles.contains_key(path)) else {
                continue;
            };
            let Some(before) = self.original(path, format) else { continue };
            for (index, component) in before.components.iter().enumerate() {
                if component.version.is_none() && component.requirement.is_some() {
                    self.requirement(path, format, (index, component))?;
                }
            }
        }
        Ok(())
    }

    fn requirement(
        &mut self,
        path: &str,
        format: Format,
        (index, component): (usize, &Component),
    ) -> Result<(), IndexError> {
        let found = check_requirement(self.known, component, &[])?;
        let (Some(Admitted::All), Some(first)) = (found.admitted, found.checked.matches.first())
        else {
            return Ok(());
        };
        let (Some(parsed), Some(text)) = (self.read(path, format), self.files.text(path)) else {
            return Ok(());
        };
        let at = component.version_span.unwrap_or(component.name_span).start;
        let position = LineIndex::new(&text).position(&text, at);
        let place = Place { path: path.to_owned(), position };
        let finding = Finding {
            ecosystem: component.ecosystem.to_string(),
            version: component.requirement.clone().unwrap_or_default(),
            ..Finding::of_file(first.class, component.name.clone(), first.summary.clone(), place)
        };
        let to = found.checked.matches.iter().find_map(|it| it.fixed_version.as_deref());
        let task = Task { finding: &finding, class: first.class, to };
        let Some(to) = to else {
            self.cannot(
                &task,
                "no version is known that clears it".to_owned(),
                Some(Hint::ReplaceOrAccept),
            );
            return Ok(());
        };
        let result = self.with_manifest(path, format, &parsed, |known, manifest| {
            upgrade(known, manifest, index, to)
        });
        self.take(path, &task, result)
    }

    fn is_far_enough(
        &self,
        component: &Component,
        finding: &Finding,
        format: Format,
        to: &str,
    ) -> Result<bool, IndexError> {
        let Some(version) = &component.version else {
            return Ok(!asks_for(format, component, &finding.version));
        };
        let parse = |text: &str| {
            Scheme::for_ecosystem(&finding.ecosystem).and_then(|it| it.parse(text).ok())
        };
        let is_higher = matches!((parse(version), parse(to)), (Some(own), Some(to)) if own >= to);
        let name = &finding.name;
        Ok(is_higher && standing_against(self.known, &finding.ecosystem, name, version)?.is_none())
    }

    /// Raises what other packages bring in, at the manifest beside the lockfile.
    fn brought_in(&mut self, task: &Task<'_>) -> Result<(), IndexError> {
        let (finding, Some(to)) = (task.finding, task.to) else { return Ok(()) };
        let Some((path, format)) = self.manifest_of(&finding.path) else {
            let reason = "no manifest that fixloop edits lies beside it".to_owned();
            self.cannot(task, reason, None);
            return Ok(());
        };
        let wanted = Transitive {
            name: &finding.name,
            from: &finding.version,
            to,
            is_alone: self.is_alone(finding),
        };
        let Some(parsed) = self.read(&path, format) else {
            self.cannot(task, format!("`{path}` could not be read"), None);
            return Ok(());
        };
        let result = self.with_manifest(&path, format, &parsed, |known, manifest| {
            raise_transitive(known, manifest, &wanted)
        });
        self.take(&path, task, result)
    }

    /// The manifest in the lockfile's folder, else the only one that it decides.
    fn manifest_of(&self, lockfile: &str) -> Option<(String, Format)> {
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(it, _)| it).to_owned();
        let mut decided: Vec<&String> = self
            .lockfiles
            .iter()
            .filter(|(_, it)| *it == lockfile)
            .map(|(manifest, _)| manifest)
            .collect();
        decided.sort();
        let beside = decided.iter().find(|it| folder(it) == folder(lockfile));
        let path = match (beside, &decided[..]) {
            (Some(beside), _) => (*beside).clone(),
            (None, [only]) => (*only).clone(),
            _ => return None,
        };
        let format = Format::of_path(&path).filter(|it| is_edited(*it))?;
        Some((path, format))
    }

    /// Whether the lockfile has one version of the package only.
    fn is_alone(&mut self, finding: &Finding) -> bool {
        let Some(format) = Format::of_path(&finding.path) else { return true };
        let Some(parsed) = self.original(&finding.path, format) else { return true };
        let of_name = parsed.components.iter().filter(|it| it.name == finding.name);
        of_name.filter_map(|it| it.version.as_deref()).collect::<HashSet<_>>().len() <= 1
    }

    /// What a file held before any edit, read once.
    fn original(&mut self, path: &str, format: Format) -> Option<Rc<Parsed>> {
        if let Some(parsed) = self.originals.get(path) {
            return Some(parsed.clone());
        }
        let text = self.files.original(path)?;
        let read = |path: &str| self.files.original(path);
        let parsed = Rc::new(format.parse_among(&text, Beside::new(path, &read)));
        self.originals.insert(path.to_owned(), parsed.clone());
        Some(parsed)
    }

    fn read(&self, path: &str, format: Format) -> Option<Parsed> {
        let text = self.files.text(path)?;
        let read = |path: &str| self.files.text(path);
        Some(format.parse_among(&text, Beside::new(path, &read)))
    }

    fn with_manifest(
        &self,
        path: &str,
        format: Format,
        parsed: &Parsed,
        make: impl Fn(&Known<'_>, &Manifest<'_>) -> Result<Upgrade, CannotFix>,
    ) -> Result<Upgrade, CannotFix> {
        let text = self.files.text(path).ok_or(CannotFix::Unreadable)?;
        let read = |path: &str| self.files.text(path);
        let beside = Beside::new(path, &read);
        make(self.known, &Manifest { format, text: &text, beside, parsed })
    }

    fn take(
        &mut self,
        path: &str,
        task: &Task<'_>,
        result: Result<Upgrade, CannotFix>,
    ) -> Result<(), IndexError> {
        match result {
            Ok(upgrade) => {
                self.files.edit(&upgrade.edits);
                let from = task.finding.version.clone();
                self.plan.fixed.push(Fixed { path: path.to_owned(), from, upgrade });
            }
            Err(CannotFix::Index(error)) => return Err(error),
            Err(error) => {
                let is_other = path != task.finding.path;
                let hint = is_other.then(|| Hint::Words(format!("see {path}")));
                self.cannot(task, error.to_string(), hint);
            }
        }
        Ok(())
    }

    fn cannot(&mut self, task: &Task<'_>, reason: String, hint: Option<Hint>) {
        let finding = task.finding;
        self.plan.unfixed.push(Unfixed {
            path: finding.path.clone(),
            line: finding.position.line,
            name: finding.name.clone(),
            version: finding.version.clone(),
            reason,
            hint,
        });
    }
}

fn is_same_package(component: &Component, finding: &Finding) -> bool {
    let ecosystem = &*finding.ecosystem;
    component.ecosystem.as_str() == ecosystem
        && normalize_name(ecosystem, &component.name) == normalize_name(ecosystem, &finding.name)
}

/// Why a finding that no manifest's edit is about stays.
fn why_not(finding: &Finding) -> (String, String) {
    let to = finding.fixed_version.as_deref().unwrap_or("a later version");
    let format = Format::of_path(&finding.path);
    let is_lockfile = |it: Format| Format::ALL.iter().any(|of| of.lockfiles().contains(&it));
    match format {
        Some(format) if is_edited(format) => (
            "its version stands in another file, such as one of constraints".to_owned(),
            format!("change it to {to} there"),
        ),
        Some(format) if is_lockfile(format) => (
            "no manifest that decides this lockfile lies in the folder".to_owned(),
            "name the folder that has both".to_owned(),
        ),
        format => {
            let what = format.map_or("such file", Format::name);
            (format!("fixloop edits no {what}"), format!("change it to {to} by hand"))
        }
    }
}

fn is_edited(format: Format) -> bool {
    matches!(
        format,
        Format::CargoToml
            | Format::ComposerJson
            | Format::Gemfile
            | Format::GoMod
            | Format::MsBuild
            | Format::PackageJson
            | Format::Pipfile
            | Format::PomXml
            | Format::Pyproject
            | Format::RequirementsTxt
            | Format::VersionCatalog
    )
}
