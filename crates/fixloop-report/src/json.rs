//! `fixloop.scan/1`, the contract for scripts: `docs/schema/scan-1.json`. A field without a value is `null`, never absent.

use std::io::{self, Write};

use fixloop_model::{
    AsOf, Base, BuildCheck, Exploited, Finding, IndexSummary, InventoryItem, Place, Scan,
    ScannedFile, Severity, SeveritySource, Source, Suppressed, Unknown,
};
use serde::Serialize;

use crate::gate::{CheckJson, check, of_build};
use crate::purl::purl;
use crate::time::rfc3339;

#[derive(Serialize)]
struct ScanJson<'a> {
    schema: &'static str,
    index: Option<IndexJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOfJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseJson<'a>>,
    findings: Vec<AnyFindingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<AnyFindingJson<'a>>>,
    suppressed: Vec<SuppressedJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
    checks: Vec<CheckJson<'a>>,
    files: Vec<FileJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<Vec<InventoryJson<'a>>>,
}

#[derive(Serialize)]
pub(crate) struct IndexJson<'a> {
    records: u32,
    as_of: Option<String>,
    source: &'a str,
}

/// The day that was looked back to, and how many of its records were changed since.
#[derive(Serialize)]
struct AsOfJson {
    at: String,
    records: u32,
    modified_since: u32,
}

#[derive(Serialize)]
pub(crate) struct BaseJson<'a> {
    revision: &'a str,
    merge_base: &'a str,
}

#[derive(Serialize)]
pub(crate) struct FindingJson<'a> {
    pub(crate) purl: Option<String>,
    pub(crate) ecosystem: &'a str,
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) ids: &'a [String],
    pub(crate) class: &'static str,
    pub(crate) severity: Option<SeverityJson<'a>>,
    pub(crate) summary: &'a str,
    pub(crate) url: Option<&'a str>,
    pub(crate) path: &'a str,
    /// Always there for a package; a check of build configuration may name none.
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
    pub(crate) fixed_in: Option<&'a str>,
    pub(crate) fixed_version: Option<&'a str>,
    pub(crate) disclosed: Option<String>,
    pub(crate) direct: Option<bool>,
    pub(crate) scope: Option<&'static str>,
    pub(crate) chain: Option<&'a [String]>,
    pub(crate) declared_at: Option<PlaceJson<'a>>,
    pub(crate) exploited: Option<ExploitedJson<'a>>,
    pub(crate) probability: Option<f64>,
}

/// What a rule found has four fields more.
#[derive(Serialize)]
struct AnyFindingJson<'a> {
    #[serde(flatten)]
    finding: FindingJson<'a>,
    #[serde(flatten)]
    of_rule: Option<OfRuleJson<'a>>,
}

#[derive(Serialize)]
struct OfRuleJson<'a> {
    rule: &'a str,
    state: &'static str,
    evidence: &'a str,
    fix: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct PlaceJson<'a> {
    path: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
pub(crate) struct ExploitedJson<'a> {
    since: &'a str,
    by_ransomware: bool,
}

/// A finding and the exception that covers it.
#[derive(Serialize)]
pub(crate) struct SuppressedJson<'a> {
    finding: AnyFindingJson<'a>,
    by: ExceptionJson<'a>,
}

#[derive(Serialize)]
pub(crate) struct ExceptionJson<'a> {
    path: &'a str,
    line: u32,
    reason: &'a str,
    owner: Option<&'a str>,
    expires: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct SeverityJson<'a> {
    pub(crate) rating: &'static str,
    pub(crate) score: Option<f64>,
    pub(crate) cvss_version: Option<&'static str>,
    pub(crate) vector: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct UnknownJson<'a> {
    kind: &'static str,
    path: Option<&'a str>,
    line: Option<u32>,
    name: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct FileJson<'a> {
    path: &'a str,
    format: &'a str,
    components: usize,
}

#[derive(Serialize)]
struct InventoryJson<'a> {
    path: &'a str,
    ecosystem: &'a str,
    name: &'a str,
    version: Option<&'a str>,
    source: SourceJson<'a>,
    direct: Option<bool>,
    scope: Option<&'static str>,
    line: u32,
}

/// Where a component comes from: `kind` with the one field that kind has.
#[derive(Serialize)]
struct SourceJson<'a> {
    kind: &'static str,
    host: Option<&'a str>,
    url: Option<&'a str>,
    path: Option<&'a str>,
    alias: Option<&'a str>,
}

/// Writes one JSON object and a line break.
pub fn write_json(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let json = ScanJson {
        schema: "fixloop.scan/1",
        index: scan.index.as_ref().map(index),
        as_of: scan.as_of.map(as_of),
        since: scan.since.map(rfc3339),
        base: scan.diff.as_ref().map(|it| base(&it.base)),
        findings: any_findings(&scan.findings, &scan.checks),
        fixed: scan.diff.as_ref().map(|it| any_findings(&it.fixed, &it.fixed_checks)),
        suppressed: scan.suppressed.iter().map(suppressed).collect(),
        unknown: scan.unknown.iter().map(unknown).collect(),
        checks: scan.checks.iter().filter(|it| !it.state.is_finding()).map(check).collect(),
        files: scan.files.iter().map(file).collect(),
        inventory: scan.inventory.as_ref().map(|it| it.iter().map(inventory).collect()),
    };
    serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Those of packages, then those of rules.
fn any_findings<'a>(findings: &'a [Finding], checks: &'a [BuildCheck]) -> Vec<AnyFindingJson<'a>> {
    let found = checks.iter().filter(|it| it.state.is_finding());
    findings.iter().map(of_package).chain(found.map(of_rule)).collect()
}

fn of_package(it: &Finding) -> AnyFindingJson<'_> {
    AnyFindingJson { finding: finding(it), of_rule: None }
}

fn of_rule(it: &BuildCheck) -> AnyFindingJson<'_> {
    AnyFindingJson {
        finding: of_build(it),
        of_rule: Some(OfRuleJson {
            rule: &it.rule,
            state: it.state.as_str(),
            evidence: &it.evidence,
            fix: Some(&*it.fix).filter(|it| !it.is_empty()),
        }),
    }
}

pub(crate) fn index(it: &IndexSummary) -> IndexJson<'_> {
    IndexJson {
        records: it.n_records,
        as_of: it.as_of.map(rfc3339),
        source: it.path.as_deref().unwrap_or("starter"),
    }
}

fn as_of(it: AsOf) -> AsOfJson {
    AsOfJson { at: rfc3339(it.at), records: it.n_records, modified_since: it.n_modified_since }
}

pub(crate) fn base(it: &Base) -> BaseJson<'_> {
    BaseJson { revision: &it.revision, merge_base: &it.merge_base }
}

pub(crate) fn finding(it: &Finding) -> FindingJson<'_> {
    FindingJson {
        // A finding about a file is about no package.
        purl: if it.ecosystem.is_empty() {
            None
        } else {
            purl(&it.ecosystem, &it.name, Some(&it.version))
        },
        ecosystem: &it.ecosystem,
        name: &it.name,
        version: &it.version,
        ids: &it.ids,
        class: it.class.as_str(),
        severity: it.severity.as_ref().map(severity),
        summary: &it.summary,
        url: Some(&*it.url).filter(|it| !it.is_empty()),
        path: &it.path,
        line: Some(it.position.line),
        column: Some(it.position.column),
        fixed_in: it.fixed_in.as_deref(),
        fixed_version: it.fixed_version.as_deref(),
        disclosed: it.disclosed.map(rfc3339),
        direct: it.direct,
        scope: it.scope.map(fixloop_model::Scope::as_str),
        chain: it.chain.as_deref(),
        declared_at: it.declared.as_ref().map(place),
        exploited: it.exploited.as_ref().map(exploited),
        probability: it.probability,
    }
}

fn place(it: &Place) -> PlaceJson<'_> {
    PlaceJson { path: &it.path, line: it.position.line, column: it.position.column }
}

fn exploited(it: &Exploited) -> ExploitedJson<'_> {
    ExploitedJson { since: &it.since, by_ransomware: it.by_ransomware }
}

pub(crate) fn suppressed(it: &Suppressed) -> SuppressedJson<'_> {
    SuppressedJson {
        finding: it.check.as_deref().map_or_else(|| of_package(&it.finding), of_rule),
        by: ExceptionJson {
            path: &it.place.path,
            line: it.place.position.line,
            reason: &it.reason,
            owner: it.owner.as_deref(),
            expires: it.expires.as_deref(),
        },
    }
}

fn severity(it: &Severity) -> SeverityJson<'_> {
    let rating = it.rating.as_str();
    match &it.source {
        SeveritySource::Record => {
            SeverityJson { rating, score: None, cvss_version: None, vector: None }
        }
        SeveritySource::Cvss { version, score_tenths, vector } => SeverityJson {
            rating,
            score: Some(f64::from(*score_tenths) / 10.0),
            cvss_version: Some(version),
            vector: Some(vector),
        },
    }
}

pub(crate) fn unknown(it: &Unknown) -> UnknownJson<'_> {
    UnknownJson {
        kind: it.kind.as_str(),
        path: it.path.as_deref(),
        line: it.line,
        name: it.name.as_deref(),
        reason: &it.reason,
    }
}

fn file(it: &ScannedFile) -> FileJson<'_> {
    FileJson { path: &it.path, format: it.format, components: it.n_components }
}

fn inventory(it: &InventoryItem) -> InventoryJson<'_> {
    let component = &it.component;
    InventoryJson {
        path: &it.path,
        ecosystem: component.ecosystem.as_str(),
        name: &component.name,
        version: component.version.as_deref(),
        source: source(&component.source, component.alias.as_deref()),
        direct: component.reach.is_direct(),
        scope: component.scope.map(fixloop_model::Scope::as_str),
        line: it.line,
    }
}

fn source<'a>(source: &'a Source, alias: Option<&'a str>) -> SourceJson<'a> {
    let empty = SourceJson { kind: "unknown", host: None, url: None, path: None, alias };
    match source {
        Source::PublicRegistry => SourceJson { kind: "registry", ..empty },
        Source::Registry { host } => SourceJson { kind: "registry", host: Some(host), ..empty },
        Source::Git { url } => SourceJson { kind: "git", url: Some(url), ..empty },
        Source::Archive { url } => SourceJson { kind: "archive", url: Some(url), ..empty },
        Source::Path { path } => SourceJson { kind: "path", path: path.as_deref(), ..empty },
        Source::Workspace => SourceJson { kind: "workspace", ..empty },
        Source::Unknown => empty,
    }
}
