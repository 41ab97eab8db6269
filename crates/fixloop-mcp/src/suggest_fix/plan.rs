//! One edit per dependency, to the nearest version that clears all its advisories.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use fixloop_fix::{CannotFix, Manifest, Transitive, Upgrade, asks_for, raise_transitive, upgrade};
use fixloop_index::IndexError;
use fixloop_manifest::{Beside, Format};
use fixloop_match::Known;
use fixloop_model::{Class, Component, Finding, Parsed, Reach, Scan, normalize_name};
use fixloop_scan::deciding_lockfiles;

use super::files::{Change, Files};
use crate::index::Opened;

pub(super) struct Plan {
    pub(super) fixed: Vec<Fixed>,
    pub(super) unfixed: Vec<Unfixed>,
    pub(super) changes: Vec<Change>,
}

pub(super) struct Fixed {
    pub(super) manifest: String,
    /// The version in use now.
    pub(super) from: String,
    pub(super) upgrade: Upgrade,
}

pub(super) struct Unfixed {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) package: String,
    pub(super) version: String,
    pub(super) reason: String,
}

/// A package at a version in one file, with everything known against it.
struct Task<'s> {
    finding: &'s Finding,
    class: Class,
    to: Option<&'s str>,
}

/// # Errors
/// If the index turns out to be damaged.
pub(super) fn plan(scan: &Scan, opened: &Opened, root: &Path) -> Result<Plan, IndexError> {
    let known = Known::new(&opened.index);
    let mut planner = Planner {
        known: &known,
        lockfiles: deciding_lockfiles(scan.files.iter().map(|it| &*it.path)),
        files: Files::new(root),
        fixed: Vec::new(),
        unfixed: Vec::new(),
    };
    let mut brought_in = Vec::new();
    // What manifests name comes first: its upgrade may be all that is needed.
    for task in tasks(scan) {
        if !planner.named(&task)? {
            brought_in.push(task);
        }
    }
    for task in brought_in {
        planner.brought_in(&task)?;
    }
    let Planner { fixed, unfixed, files, .. } = planner;
    Ok(Plan { fixed, unfixed, changes: files.into_changes() })
}

/// In the order of the files. What is wrong with an exception is no task: no edit of a manifest helps.
fn tasks(scan: &Scan) -> Vec<Task<'_>> {
    let mut tasks: BTreeMap<(&str, &str, &str), Task<'_>> = BTreeMap::new();
    for finding in scan.findings.iter().filter(|it| !it.ids.is_empty()) {
        let place = (&*finding.path, &*finding.name, &*finding.version);
        let to = finding.fixed_version.as_deref();
        let task = tasks.entry(place).or_insert(Task { finding, class: finding.class, to });
        task.class = task.class.min(finding.class);
        task.to = task.to.or(to);
    }
    tasks.into_values().collect()
}

struct Planner<'p, 'i> {
    known: &'p Known<'i>,
    /// By manifest.
    lockfiles: HashMap<String, String>,
    files: Files,
    fixed: Vec<Fixed>,
    unfixed: Vec<Unfixed>,
}

impl Planner<'_, '_> {
    /// Upgrades what manifests name; `false` if none does, so that somebody else brings it in.
    fn named(&mut self, task: &Task<'_>) -> Result<bool, IndexError> {
        let finding = task.finding;
        let Some(to) = task.to else {
            let reason = match task.class {
                Class::Malicious => "no version of it is clear: remove it",
                _ => {
                    "no version is known that clears it: replace it, or accept it by `fixloop exception add`"
                }
            };
            self.cannot(finding, reason.to_owned());
            return Ok(true);
        };
        if !is_lockfile(&finding.path) {
            if !self.in_manifest(&finding.path, finding, to)? {
                let reason = format!("fixloop cannot edit it there: change it to {to} by hand");
                self.cannot(finding, reason);
            }
            return Ok(true);
        }
        let mut is_named = false;
        for path in self.decided_by(&finding.path) {
            is_named |= self.in_manifest(&path, finding, to)?;
        }
        Ok(is_named)
    }

    /// Upgrades every mention of the package that admits the version in use; `false` if there is none.
    fn in_manifest(&mut self, path: &str, finding: &Finding, to: &str) -> Result<bool, IndexError> {
        let Some(format) = Format::of_path(path) else { return Ok(false) };
        let Some(before) = self.read(path, format) else { return Ok(false) };
        let is_own = path == finding.path;
        let asks = |it: &Component| {
            let is_dependency = is_own || (it.reach != Reach::Unknown || it.version.is_some());
            is_dependency && is_same_package(it, finding) && asks_for(format, it, &finding.version)
        };
        let asking: Vec<usize> =
            (0..before.components.len()).filter(|it| asks(&before.components[*it])).collect();
        let is_direct = finding.direct != Some(false) || is_own;
        if asking.is_empty() || !is_direct {
            return Ok(false);
        }
        for index in asking {
            // An edit before this one may have been at a place that both share.
            let Some(parsed) = self.read(path, format) else { break };
            if !parsed.components.get(index).is_some_and(asks) {
                continue;
            }
            let result = self.with_manifest(path, format, &parsed, |known, manifest| {
                upgrade(known, manifest, index, to)
            });
            self.take(path, finding, result)?;
        }
        Ok(true)
    }

    /// Raises what other packages bring in, at the manifest beside the lockfile: overrides count there only.
    fn brought_in(&mut self, task: &Task<'_>) -> Result<(), IndexError> {
        let (finding, Some(to)) = (task.finding, task.to) else { return Ok(()) };
        let decided = self.decided_by(&finding.path);
        let beside = decided.iter().find(|it| folder(it) == folder(&finding.path));
        let manifest = beside.or(decided.first().filter(|_| decided.len() == 1)).cloned();
        let found = manifest.and_then(|path| {
            let format = Format::of_path(&path)?;
            let parsed = self.read(&path, format)?;
            Some((path, format, parsed))
        });
        let Some((path, format, parsed)) = found else {
            let reason = "no manifest that decides it lies in the folder: name the folder of both";
            self.cannot(finding, reason.to_owned());
            return Ok(());
        };
        let wanted = Transitive {
            name: &finding.name,
            from: &finding.version,
            to,
            is_alone: self.is_alone(finding),
        };
        let result = self.with_manifest(&path, format, &parsed, |known, manifest| {
            raise_transitive(known, manifest, &wanted)
        });
        self.take(&path, finding, result)
    }

    /// The manifests whose versions this lockfile decides, in the order of their paths.
    fn decided_by(&self, lockfile: &str) -> Vec<String> {
        let decided = self.lockfiles.iter().filter(|(_, it)| *it == lockfile);
        let mut manifests: Vec<String> = decided.map(|(manifest, _)| manifest.clone()).collect();
        manifests.sort();
        manifests
    }

    /// Whether the lockfile has one version of the package only.
    fn is_alone(&self, finding: &Finding) -> bool {
        let format = Format::of_path(&finding.path);
        let Some(parsed) = format.and_then(|it| self.read(&finding.path, it)) else { return false };
        let mut of_package = parsed.components.iter().filter(|it| is_same_package(it, finding));
        of_package.all(|it| it.version.as_ref() == Some(&finding.version))
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
        manifest: &str,
        finding: &Finding,
        result: Result<Upgrade, CannotFix>,
    ) -> Result<(), IndexError> {
        match result {
            Ok(upgrade) => {
                self.files.edit(&upgrade.edits);
                let (manifest, from) = (manifest.to_owned(), finding.version.clone());
                self.fixed.push(Fixed { manifest, from, upgrade });
            }
            Err(CannotFix::Index(error)) => return Err(error),
            Err(error) => self.cannot(finding, error.to_string()),
        }
        Ok(())
    }

    fn cannot(&mut self, finding: &Finding, reason: String) {
        self.unfixed.push(Unfixed {
            path: finding.path.clone(),
            line: finding.position.line,
            package: finding.name.clone(),
            version: finding.version.clone(),
            reason,
        });
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_lockfile(path: &str) -> bool {
    let format = Format::of_path(path);
    format.is_some_and(|it| Format::ALL.iter().any(|of| of.lockfiles().contains(&it)))
}

fn is_same_package(component: &Component, finding: &Finding) -> bool {
    let ecosystem = &*finding.ecosystem;
    component.ecosystem.as_str() == ecosystem
        && normalize_name(ecosystem, &component.name) == normalize_name(ecosystem, &finding.name)
}
