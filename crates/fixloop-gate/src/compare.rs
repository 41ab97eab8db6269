//! Findings against those of the merge-base: what a change brought, and what it took away.
//!
//! The unit is that of exposures: target × package × alias group (docs/exposures.md). A lockfile that was moved, or that replaces another
//! package manager's in its folder, continues the same target: nothing in it is new for that.

use std::collections::{BTreeSet, HashMap, HashSet};

use fixloop_manifest::{Format, slot};
use fixloop_model::{BuildCheck, Finding, Rating, Severity, Timestamp, normalize_name};
use fixloop_policy::Change;

/// What was found on one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Those that an exception covers count as well: that somebody accepted one does not make it new for the next.
    pub findings: Vec<Finding>,
    pub checks: Vec<BuildCheck>,
    /// Every file that was read.
    pub paths: BTreeSet<String>,
}

/// How the findings of one side stand to those of the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// Of each finding of the head, in its order.
    pub findings: Vec<Change>,
    /// Of each check of the head that is a finding, in its order; the others are as before.
    pub checks: Vec<Change>,
    pub fixed: Vec<Finding>,
    pub fixed_checks: Vec<BuildCheck>,
}

/// Files that may have been moved, times files that may have come of it, before only equal names are compared.
const MAX_PAIRS: usize = 1_000_000;

/// Whether an old check is a new one.
type IsSame<'a> = &'a dyn Fn(&BuildCheck, &BuildCheck) -> bool;

/// A package of a target.
type PackageOf = (String, String, String);

/// How bad one package of a target is.
#[derive(Clone, Copy, Default)]
struct Burden {
    n_groups: usize,
    worst: Option<(Rating, u8)>,
}

impl Burden {
    fn add(&mut self, finding: &Finding) {
        self.n_groups += 1;
        self.worst = self.worst.max(finding.severity.as_ref().map(Severity::rank));
    }
}

/// Compares the head with its merge-base. An advisory that was published after `base_time` could not be known there.
pub fn compare(base: &Side, head: &Side, base_time: Option<Timestamp>) -> Compared {
    let moved = moved(base, head);
    let old = |finding: &Finding| {
        let path = moved.get(&*finding.path).copied().unwrap_or(&finding.path);
        package_of(finding, path)
    };
    let known: HashSet<(PackageOf, &str)> =
        base.findings.iter().map(|it| (old(it), id_of(it))).collect();
    let mut before: HashMap<PackageOf, Burden> = HashMap::new();
    base.findings.iter().for_each(|it| before.entry(old(it)).or_default().add(it));
    let mut after: HashMap<PackageOf, Burden> = HashMap::new();
    head.findings.iter().for_each(|it| after.entry(new(it)).or_default().add(it));
    let change = |finding: &Finding| {
        let package = new(finding);
        let (was, is) = (before.get(&package), after.get(&package).copied().unwrap_or_default());
        let is_known = known.contains(&(package, id_of(finding)));
        match was {
            _ if is_known && finding.disclosed.zip(base_time).is_some_and(|(it, at)| it > at) => {
                Change::NewlyDisclosed
            }
            _ if is_known => Change::PreExisting,
            None => Change::Introduced,
            Some(was) if is.worst > was.worst || is.n_groups > was.n_groups => Change::Worsened,
            // Another version with other, and no more or worse, advisories.
            Some(_) => Change::PreExisting,
        }
    };
    let here: HashSet<(PackageOf, &str)> =
        head.findings.iter().map(|it| (new(it), id_of(it))).collect();
    let is_gone = |it: &&Finding| !here.contains(&(old(it), id_of(it)));
    let (checks, fixed_checks) = compare_checks(base, head);
    Compared {
        findings: head.findings.iter().map(change).collect(),
        checks,
        fixed: base.findings.iter().filter(is_gone).cloned().collect(),
        fixed_checks,
    }
}

fn new(finding: &Finding) -> PackageOf {
    package_of(finding, &finding.path)
}

fn package_of(finding: &Finding, path: &str) -> PackageOf {
    let target = match Format::of_path(path) {
        Some(format) => slot(path, format),
        None => format!("file {path}"),
    };
    let name = normalize_name(&finding.ecosystem, &finding.name).into_owned();
    (target, finding.ecosystem.clone(), name)
}

/// The group's representative; both sides were matched with the same index.
fn id_of(finding: &Finding) -> &str {
    finding.ids.first().map_or("", |it| &**it)
}

/// New paths of files that are gone from their old ones, by the findings that they share.
fn moved<'s>(base: &'s Side, head: &'s Side) -> HashMap<&'s str, &'s str> {
    let what = |it: &Finding| (it.ecosystem.clone(), it.name.clone(), id_of(it).to_owned());
    let contents = |side: &'s Side, other: &Side| {
        let mut of_path: HashMap<&'s str, HashSet<_>> = HashMap::new();
        for it in side.findings.iter().filter(|it| !other.paths.contains(&it.path)) {
            of_path.entry(&it.path).or_default().insert(what(it));
        }
        of_path
    };
    let (gone, came) = (contents(base, head), contents(head, base));
    let mut pairs = Vec::new();
    // Where a whole tree was moved, files kept their names.
    let is_large = gone.len().saturating_mul(came.len()) > MAX_PAIRS;
    for (from, had) in &gone {
        for (to, has) in &came {
            if is_large && file_name(from) != file_name(to) {
                continue;
            }
            let n_shared = had.intersection(has).count();
            if n_shared > 0 && Format::of_path(from) == Format::of_path(to) {
                let is_renamed = file_name(from) != file_name(to);
                pairs.push((std::cmp::Reverse(n_shared), is_renamed, *from, *to));
            }
        }
    }
    // The best pairs first, and each file once: a copy is new.
    pairs.sort_unstable();
    let (mut moved, mut taken) = (HashMap::new(), HashSet::new());
    for (_, _, from, to) in pairs {
        if !moved.contains_key(from) && taken.insert(to) {
            moved.insert(from, to);
        }
    }
    moved
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A rule's finding in a file was there before if the same line was, or, of as many, another one; also where the file was moved.
fn compare_checks(base: &Side, head: &Side) -> (Vec<Change>, Vec<BuildCheck>) {
    let findings = |side: &Side| -> Vec<BuildCheck> {
        side.checks.iter().filter(|it| it.state.is_finding()).cloned().collect()
    };
    let (base_findings, head_findings) = (findings(base), findings(head));
    let mut left: Vec<Option<&BuildCheck>> = base_findings.iter().map(Some).collect();
    let mut changes: Vec<Option<Change>> = vec![None; head_findings.len()];
    let same_line = |a: &BuildCheck, b: &BuildCheck| a.path == b.path && a.evidence == b.evidence;
    let same_file = |a: &BuildCheck, b: &BuildCheck| a.path == b.path;
    let was_moved = |a: &BuildCheck, b: &BuildCheck| {
        !head.paths.contains(&a.path)
            && !base.paths.contains(&b.path)
            && file_name(&a.path) == file_name(&b.path)
            && a.evidence == b.evidence
    };
    let rounds: [IsSame<'_>; 3] = [&same_line, &same_file, &was_moved];
    for is_it in rounds {
        for (check, change) in head_findings.iter().zip(&mut changes) {
            if change.is_some() {
                continue;
            }
            let slot = left
                .iter_mut()
                .find(|it| it.is_some_and(|old| old.rule == check.rule && is_it(old, check)));
            if let Some(old) = slot.and_then(Option::take) {
                let is_worse = check.state < old.state;
                *change = Some(if is_worse { Change::Worsened } else { Change::PreExisting });
            }
        }
    }
    let changes = changes.into_iter().map(|it| it.unwrap_or(Change::Introduced)).collect();
    (changes, left.into_iter().flatten().cloned().collect())
}
