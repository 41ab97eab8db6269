//! One scan: walk, read in parallel, check, put in order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use fixloop_exceptions::Exceptions;
use fixloop_index::{IndexError, Urgency};
use fixloop_manifest::{Beside, Format};
use fixloop_model::{Files, Finding, Rating, Scan, Unknown, UnknownKind};
use jiff::civil::Date;
use rayon::prelude::*;
use thiserror::Error;

use crate::accepted::{AcceptedError, accepted};
use crate::deciding::{Deciding, Declared, names};
use crate::file::{FileResult, Settings, check_file};
use crate::folder::Folder;
use crate::includes::{Includes, apply_constraints, follow};
use crate::indexes::{Indexes, Knowledge};
use crate::neighbors::Texts;
use crate::read::read_text;
use crate::walk::{Target, unknown_file};

#[derive(Clone, Debug)]
pub struct Options {
    /// Hosts of registries that serve the public registry's packages unchanged.
    pub mirrors: Vec<String>,
    pub respect_gitignore: bool,
    pub with_inventory: bool,
    /// OpenVEX documents whose statements take findings out.
    pub vex: Vec<PathBuf>,
    /// What is known to be exploited, and how likely the rest is.
    pub urgency: Urgency,
    /// Exceptions that expired before this day cover nothing.
    pub today: Date,
}

#[derive(Debug, Error)]
pub enum ScanError {
    #[error("failed to read `{}`", path.display())]
    Root { path: PathBuf, source: std::io::Error },
    #[error("`{}` is of no format that fixloop reads", path.display())]
    Format { path: PathBuf },
    #[error(transparent)]
    Accepted(#[from] AcceptedError),
    #[error("failed to use the index")]
    Index(#[from] IndexError),
}

/// Scans the file or folder `root`; `progress` is told files done and files in all, from any thread.
///
/// # Errors
/// If there is no such root, or the index is damaged. Any file that cannot be used is in [`Scan::unknown`].
pub fn scan<'i>(
    root: &Path,
    indexes: impl Into<Indexes<'i>>,
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Scan, ScanError> {
    let indexes = indexes.into();
    let metadata =
        root.metadata().map_err(|source| ScanError::Root { path: root.to_owned(), source })?;
    if metadata.is_dir() {
        let is_wanted = |path: &str| Format::of_path(path).is_some();
        let folder = Folder::walk(root, options.respect_gitignore, &is_wanted);
        // Only what stands in the scanned folder itself may take findings out.
        let exceptions = accepted(Some(&folder), &options.vex)?;
        let mut scan = scan_tree(&folder, targets(&folder), indexes, options, progress)?;
        scan.unknown.extend(folder.unknown);
        return Ok(finish(scan, &exceptions, options));
    }
    let folder = root.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let exceptions = accepted(None, &options.vex)?;
    let scan = match single(root)? {
        Ok(target) => {
            let folder = Folder::with_file(folder, target.path.clone());
            scan_tree(&folder, vec![target], indexes, options, progress)?
        }
        Err(unknown) => {
            let mut scan = scan_tree(&Folder::at(folder), Vec::new(), indexes, options, progress)?;
            scan.unknown.push(unknown);
            scan
        }
    };
    Ok(finish(scan, &exceptions, options))
}

/// Scans the files of a tree, as those of a commit: what its own `fixloop.toml` accepts is taken out, as in a folder.
///
/// # Errors
/// If the index is damaged, or exceptions cannot be read. Any other file that cannot be used is in [`Scan::unknown`].
pub fn scan_files<'i>(
    files: &dyn Files,
    indexes: impl Into<Indexes<'i>>,
    options: &Options,
) -> Result<Scan, ScanError> {
    let exceptions = accepted(Some(files), &options.vex)?;
    let scan = scan_tree(files, targets(files), indexes.into(), options, &|_, _| {})?;
    Ok(finish(scan, &exceptions, options))
}

fn targets(files: &dyn Files) -> Vec<Target> {
    let target = |path: &String| {
        let format = Format::of_path(path)?;
        Some(Target { path: path.clone(), format })
    };
    files.paths().iter().filter_map(target).collect()
}

/// Takes out what is accepted, and puts the rest in order.
fn finish(mut scan: Scan, exceptions: &Exceptions, options: &Options) -> Scan {
    let applied = fixloop_exceptions::apply(exceptions, scan.findings, options.today);
    scan.findings = applied.findings;
    scan.suppressed = applied.suppressed;
    sort(&mut scan);
    scan
}

fn scan_tree(
    files: &dyn Files,
    targets: Vec<Target>,
    indexes: Indexes<'_>,
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Scan, ScanError> {
    let (targets, includes) = follow(files, targets);
    let known = Knowledge::new(indexes);
    let neighbors = Texts::of(files);
    let settings = Settings {
        known: &known,
        mirrors: &options.mirrors,
        with_inventory: options.with_inventory,
        neighbors: &neighbors,
        urgency: &options.urgency,
    };
    let results = check_files((files, &settings), &targets, &includes, progress)?;
    let mut scan = Scan {
        index: Some(indexes.public.summary()),
        as_of: indexes.as_of()?,
        inventory: options.with_inventory.then(Vec::new),
        ..Scan::default()
    };
    scan.unknown.extend(includes.unknown);
    let mut ecosystems: BTreeMap<String, usize> = BTreeMap::new();
    for result in results {
        scan.files.extend(result.file);
        scan.findings.extend(result.findings);
        scan.unknown.extend(result.unknown);
        if let Some(inventory) = &mut scan.inventory {
            inventory.extend(result.inventory);
        }
        for (ecosystem, n) in result.ecosystems {
            *ecosystems.entry(ecosystem).or_default() += n;
        }
    }
    for (ecosystem, n) in ecosystems {
        if !indexes.public.has_ecosystem(&ecosystem)? {
            scan.unknown.push(not_in_index(&ecosystem, n));
        }
    }
    Ok(scan)
}

/// Puts findings and what is unknown in the order in which they are told.
pub(crate) fn sort(scan: &mut Scan) {
    scan.suppressed.sort_by(|a, b| urgency(&a.finding).cmp(&urgency(&b.finding)));
    scan.findings.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
    scan.checks.sort_by(|a, b| (&a.path, a.line, &a.rule).cmp(&(&b.path, b.line, &b.rule)));
    scan.unknown.sort_by(|a, b| {
        (a.kind, &a.path, a.line, &a.name).cmp(&(b.kind, &b.path, b.line, &b.name))
    });
}

/// What a finding is sorted by: class, known exploitation, rating, probability of exploitation, score, then package and place.
/// `docs/urgency.md` says why.
fn urgency(it: &Finding) -> impl Ord + '_ {
    let (rating, score) =
        it.severity.as_ref().map_or((Rating::None, 0), fixloop_model::Severity::rank);
    // A probability is not negative, and the bits of such numbers are in their order.
    let probability = it.probability.unwrap_or(0.0).to_bits();
    (
        it.class,
        std::cmp::Reverse((it.exploited.is_some(), rating, probability, score)),
        &it.ecosystem,
        &it.name,
        &it.version,
        (&it.path, it.position, &it.ids),
    )
}

fn not_in_index(ecosystem: &str, n_components: usize) -> Unknown {
    let reason = format!(
        "the index has no advisories of {ecosystem}: {n_components} components not checked"
    );
    Unknown {
        kind: UnknownKind::Index,
        path: None,
        line: None,
        name: Some(ecosystem.to_owned()),
        reason,
    }
}

/// A file named by the user: its format by name, else by content.
fn single(root: &Path) -> Result<Result<Target, Unknown>, ScanError> {
    let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = root.to_string_lossy().replace('\\', "/");
    if let Some(format) = Format::of_path(&path) {
        return Ok(Ok(Target { path: name, format }));
    }
    let text = match read_text(root) {
        Ok(text) => text,
        Err(error) => return Ok(Err(unknown_file(name, error.to_string()))),
    };
    let format = Format::of_content(&text).ok_or(ScanError::Format { path: root.to_owned() })?;
    Ok(Ok(Target { path: name, format }))
}

/// Lockfiles first, then the manifests that they decide; results are in the order of the targets.
fn check_files(
    (files, settings): (&dyn Files, &Settings<'_>),
    targets: &[Target],
    includes: &Includes,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<FileResult>, IndexError> {
    let deciding = Deciding::of(targets);
    let n_done = AtomicUsize::new(0);
    let done = || progress(n_done.fetch_add(1, Ordering::Relaxed) + 1, targets.len());
    let first = targets.par_iter().map(|target| {
        if deciding.lockfile(&target.path).is_some() {
            return Ok(None);
        }
        let scanned = scan_file((files, settings), target, includes, &deciding, None);
        done();
        scanned.map(Some)
    });
    let first: Vec<Option<(FileResult, HashSet<String>)>> = first.collect::<Result<_, _>>()?;
    let mut decided: HashMap<&str, HashSet<String>> = HashMap::new();
    let mut results: Vec<FileResult> = Vec::with_capacity(targets.len());
    for (target, scanned) in targets.iter().zip(first) {
        let (result, names) = scanned.unwrap_or_default();
        results.push(result);
        if deciding.is_deciding(&target.path) {
            decided.insert(&target.path, names);
        }
    }
    let second = targets.par_iter().enumerate().filter_map(|(index, target)| {
        let lockfile = deciding.lockfile(&target.path)?;
        let scanned =
            scan_file((files, settings), target, includes, &deciding, decided.get(lockfile));
        done();
        Some(scanned.map(|(result, _)| (index, lockfile, result)))
    });
    let second: Vec<(usize, &str, FileResult)> = second.collect::<Result<_, _>>()?;
    let mut declared = Declared::default();
    for (index, lockfile, mut result) in second {
        for (name, place) in result.declared.drain(..) {
            declared.add(lockfile, name, place);
        }
        results[index] = result;
    }
    for finding in results.iter_mut().flat_map(|it| &mut it.findings) {
        declared.tell(finding);
    }
    Ok(results)
}

/// The result, and what the file holds if it decides for manifests.
fn scan_file(
    (files, settings): (&dyn Files, &Settings<'_>),
    target: &Target,
    includes: &Includes,
    deciding: &Deciding,
    decided: Option<&HashSet<String>>,
) -> Result<(FileResult, HashSet<String>), IndexError> {
    let text = match files.text(&target.path) {
        Ok(Some(text)) => text,
        // It was there when the folder was walked.
        Ok(None) => return Ok(unread(target, "it is no longer there".to_owned())),
        Err(reason) => return Ok(unread(target, reason)),
    };
    let read = |path: &str| settings.neighbors.text(path);
    let mut parsed = target.format.parse_among(&text, Beside::new(&target.path, &read));
    apply_constraints(includes, &target.path, &mut parsed);
    let names = if deciding.is_deciding(&target.path) { names(&parsed) } else { HashSet::new() };
    Ok((check_file(settings, target, &text, &parsed, decided)?, names))
}

fn unread(target: &Target, reason: String) -> (FileResult, HashSet<String>) {
    let unknown = vec![unknown_file(target.path.clone(), reason)];
    (FileResult { unknown, ..FileResult::default() }, HashSet::new())
}

#[cfg(test)]
mod tests {
    use fixloop_model::{Class, Exploited, Place, Position, Severity, SeveritySource};

    use super::*;

    /// `name class rating score [exploited] [probability]` of each finding, in the order in which they are printed.
    #[track_caller]
    fn check(expected: &[&str]) {
        let finding = |text: &&str| {
            let fields: Vec<&str> = text.split(' ').collect();
            let place = Place { path: "a".to_owned(), position: Position { line: 1, column: 1 } };
            let class =
                if fields[1] == "malicious" { Class::Malicious } else { Class::Vulnerability };
            let rating = match fields[2] {
                "critical" => Rating::Critical,
                "high" => Rating::High,
                "low" => Rating::Low,
                _ => Rating::None,
            };
            let source = SeveritySource::Cvss {
                version: "3.1",
                score_tenths: fields[3].parse().expect("a number"),
                vector: String::new(),
            };
            let is_exploited = fields.contains(&"exploited");
            let since = "2026-01-01".to_owned();
            Finding {
                severity: (fields[2] != "unrated").then_some(Severity { rating, source }),
                exploited: is_exploited.then_some(Exploited { since, by_ransomware: false }),
                probability: fields
                    .last()
                    .and_then(|it| it.strip_prefix("p="))
                    .map(|it| it.parse().expect("a number")),
                ..Finding::of_file(class, fields[0].to_owned(), (*text).to_owned(), place)
            }
        };
        let mut findings: Vec<Finding> = expected.iter().rev().map(finding).collect();
        findings.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
        let found: Vec<&str> = findings.iter().map(|it| &*it.summary).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn findings_are_in_the_documented_order() {
        check(&[
            "a malicious unrated 0",
            "b vulnerability low 20 exploited",
            "c vulnerability unrated 0 exploited",
            "d vulnerability critical 91 p=0.9",
            "e vulnerability critical 98 p=0.1",
            "f vulnerability critical 98",
            "g vulnerability critical 91",
            "h vulnerability high 80 p=0.99",
            "i vulnerability low 20",
            "j vulnerability unrated 0 p=0.5",
            "k vulnerability unrated 0",
            "l vulnerability unrated 0",
        ]);
    }
}
