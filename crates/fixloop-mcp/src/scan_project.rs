//! `scan_project`: what a folder or file on this machine uses that is known to be affected.

mod groups;
mod place;

use std::path::PathBuf;

use fixloop_model::{Finding, Scan, Unknown, UnknownKind};
use fixloop_scan::{Options, scan};
use jiff::civil::Date;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{IndexAnswer, Opened};
use crate::quoted::word;
use crate::tools::{Failure, Told};
use groups::{PackageFindings, groups, shown};
pub(crate) use place::{Root, root};

const DEFAULT_FINDINGS: usize = 50;
const MAX_FINDINGS: usize = 200;

/// Checks not made that are told one by one.
const MAX_UNKNOWN: usize = 40;

/// Packages named in the plain text.
const MAX_NAMED: usize = 10;

/// What to scan.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The project's folder, or one manifest or lockfile. Best an absolute path; a relative one counts from where this server was started.
    path: String,
    /// How many findings to list, the most urgent first: 1 to 200. Default 50.
    #[schemars(range(min = 1, max = 200))]
    max_findings: Option<usize>,
}

#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProjectVerdict {
    Findings,
    NoKnownFindings,
    /// No finding, but something could not be checked. Not clean.
    Unknown,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ProjectAnswer {
    verdict: ProjectVerdict,
    /// One entry per package and version, the most urgent first.
    packages: Vec<PackageFindings>,
    n_findings: usize,
    /// How many findings are not listed: ask with a larger `max_findings`, or for a folder below.
    n_findings_left_out: usize,
    /// Findings that an exception in fixloop.toml accepts.
    n_accepted: usize,
    n_files: usize,
    n_components: usize,
    /// What could not be checked.
    not_checked: Vec<UnknownAnswer>,
    n_not_checked_left_out: usize,
    index: IndexAnswer,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct UnknownAnswer {
    /// Relative to the scanned folder.
    path: Option<String>,
    line: Option<u32>,
    /// The package, or the ecosystem.
    name: Option<String>,
    reason: String,
}

/// Scans a folder or file.
pub(crate) fn scan_project(
    opened: &Opened,
    arguments: &Arguments,
    today: Date,
) -> Result<Told<ProjectAnswer>, Failure> {
    let max_findings = arguments.max_findings.unwrap_or(DEFAULT_FINDINGS);
    if !(1..=MAX_FINDINGS).contains(&max_findings) {
        let words = format!("`max_findings` is a number from 1 to {MAX_FINDINGS}");
        return Err(Failure::Arguments(words));
    }
    let root = root(&arguments.path)?;
    let scan = scanned(opened, &root, today)?;
    let mut not_checked: Vec<UnknownAnswer> = scan.unknown.iter().map(unknown).collect();
    not_checked.sort_by_key(|it| it.path.is_some());
    if scan.files.is_empty() && scan.unknown.is_empty() {
        not_checked.insert(0, said("no file of a format that fixloop reads was found".to_owned()));
    }
    not_checked.splice(0..0, opened.shortcoming().map(said));
    let n_not_checked_left_out = not_checked.len().saturating_sub(MAX_UNKNOWN);
    let listed: &[Finding] = &scan.findings[..scan.findings.len().min(max_findings)];
    let structured = ProjectAnswer {
        verdict: match (scan.findings.is_empty(), not_checked.is_empty()) {
            (false, _) => ProjectVerdict::Findings,
            (true, true) => ProjectVerdict::NoKnownFindings,
            (true, false) => ProjectVerdict::Unknown,
        },
        packages: groups(listed),
        n_findings: scan.findings.len(),
        n_findings_left_out: scan.findings.len() - listed.len(),
        n_accepted: scan.suppressed.len(),
        n_files: scan.files.len(),
        n_components: scan.files.iter().map(|it| it.n_components).sum(),
        not_checked: not_checked.into_iter().take(MAX_UNKNOWN).collect(),
        n_not_checked_left_out,
        index: opened.answer(),
    };
    Ok(Told { text: words(&structured), structured, shown: shown(&root, listed) })
}

/// As `fixloop scan` does without options.
pub(crate) fn scanned(opened: &Opened, root: &Root, today: Date) -> Result<Scan, Failure> {
    let options = Options {
        mirrors: Vec::new(),
        respect_gitignore: true,
        with_inventory: false,
        vex: Vec::<PathBuf>::new(),
        urgency: opened.urgency.clone(),
        today,
    };
    scan(&root.path, &opened.index, &options, &|_, _| {}).map_err(|error| {
        let mut words = word(&error.to_string());
        let mut cause = std::error::Error::source(&error);
        while let Some(it) = cause {
            words = format!("{words}: {}", word(&it.to_string()));
            cause = it.source();
        }
        Failure::Scan(words)
    })
}

fn unknown(it: &Unknown) -> UnknownAnswer {
    UnknownAnswer {
        path: it.path.as_deref().map(word),
        line: it.line,
        name: it.name.as_deref().map(word).filter(|_| it.kind != UnknownKind::File),
        reason: word(&it.reason),
    }
}

fn said(reason: String) -> UnknownAnswer {
    UnknownAnswer { path: None, line: None, name: None, reason }
}

fn words(it: &ProjectAnswer) -> String {
    let checked = format!("{} components in {} files", it.n_components, it.n_files);
    let mut lines = vec![match it.verdict {
        ProjectVerdict::Findings => format!("{} findings in {checked}:", it.n_findings),
        ProjectVerdict::NoKnownFindings => format!("No known findings in {checked}."),
        ProjectVerdict::Unknown => {
            format!("No finding in {checked}, but not everything was checked, which is not clean.")
        }
    }];
    lines.extend(it.packages.iter().take(MAX_NAMED).map(|it| format!("- {}", it.words())));
    let n_more = it.packages.len().saturating_sub(MAX_NAMED);
    if n_more > 0 {
        lines.push(format!("- and {n_more} more packages in `packages`"));
    }
    if it.n_findings_left_out > 0 {
        lines.push(format!(
            "{} findings are not listed: ask with a larger `max_findings`, or for a folder below.",
            it.n_findings_left_out
        ));
    }
    if it.n_accepted > 0 {
        lines.push(format!("{} accepted by exceptions in fixloop.toml.", it.n_accepted));
    }
    for unknown in it.not_checked.iter().take(MAX_NAMED) {
        let place = match (&unknown.path, unknown.line) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            (Some(path), None) => format!("{path}: "),
            (None, _) => String::new(),
        };
        lines.push(format!("Not checked: {place}{}.", unknown.reason));
    }
    let n_more = it.not_checked.len().saturating_sub(MAX_NAMED) + it.n_not_checked_left_out;
    if n_more > 0 {
        lines.push(format!("Not checked: {n_more} more."));
    }
    lines.push(it.index.words());
    lines.join("\n")
}
