//! `fixloop.scan/1`, the contract for scripts: `docs/schema/scan-1.json`. A field without a value is `null`, never absent.

use std::io::{self, Write};

use fixloop_model::{
    Finding, IndexSummary, InventoryItem, Scan, ScannedFile, Severity, SeveritySource, Source,
    Unknown,
};
use serde::Serialize;

use crate::purl::purl;
use crate::time::rfc3339;

#[derive(Serialize)]
struct ScanJson<'a> {
    schema: &'static str,
    index: Option<IndexJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
    files: Vec<FileJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<Vec<InventoryJson<'a>>>,
}

#[derive(Serialize)]
struct IndexJson<'a> {
    records: u32,
    as_of: Option<String>,
    source: &'a str,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    purl: Option<String>,
    ecosystem: &'a str,
    name: &'a str,
    version: &'a str,
    ids: &'a [String],
    class: &'static str,
    severity: Option<SeverityJson<'a>>,
    summary: &'a str,
    url: Option<&'a str>,
    path: &'a str,
    line: u32,
    column: u32,
    fixed_in: Option<&'a str>,
    fixed_version: Option<&'a str>,
    direct: Option<bool>,
    scope: Option<&'static str>,
    chain: Option<&'a [String]>,
}

#[derive(Serialize)]
struct SeverityJson<'a> {
    rating: &'static str,
    score: Option<f64>,
    cvss_version: Option<&'static str>,
    vector: Option<&'a str>,
}

#[derive(Serialize)]
struct UnknownJson<'a> {
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
        findings: scan.findings.iter().map(finding).collect(),
        unknown: scan.unknown.iter().map(unknown).collect(),
        files: scan.files.iter().map(file).collect(),
        inventory: scan.inventory.as_ref().map(|it| it.iter().map(inventory).collect()),
    };
    serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn index(it: &IndexSummary) -> IndexJson<'_> {
    IndexJson {
        records: it.n_records,
        as_of: it.as_of.map(rfc3339),
        source: it.path.as_deref().unwrap_or("starter"),
    }
}

fn finding(it: &Finding) -> FindingJson<'_> {
    FindingJson {
        purl: purl(&it.ecosystem, &it.name, Some(&it.version)),
        ecosystem: &it.ecosystem,
        name: &it.name,
        version: &it.version,
        ids: &it.ids,
        class: it.class.as_str(),
        severity: it.severity.as_ref().map(severity),
        summary: &it.summary,
        url: Some(&*it.url).filter(|it| !it.is_empty()),
        path: &it.path,
        line: it.position.line,
        column: it.position.column,
        fixed_in: it.fixed_in.as_deref(),
        fixed_version: it.fixed_version.as_deref(),
        direct: it.direct,
        scope: it.scope.map(fixloop_model::Scope::as_str),
        chain: it.chain.as_deref(),
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

fn unknown(it: &Unknown) -> UnknownJson<'_> {
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
