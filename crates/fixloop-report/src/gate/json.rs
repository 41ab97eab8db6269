//! `fixloop.gate/1`, the contract for scripts: `docs/schema/gate-1.json`. A field without a value is `null`, never absent.
//!
//! A finding's own fields are those of `fixloop.scan/1`; `rule` and `state` are the gate's, so a build rule's are `build_rule` and
//! `check_state`.

use std::io::{self, Write};

use fixloop_gate::{BreakGlass, GateFinding, Report, Subject};
use fixloop_model::BuildCheck;
use serde::Serialize;

use crate::json::{
    BaseJson, FindingJson, IndexJson, SeverityJson, SuppressedJson, UnknownJson, base, finding,
    index, suppressed, unknown,
};
use crate::time::rfc3339;

#[derive(Serialize)]
struct GateJson<'a> {
    schema: &'static str,
    verdict: &'static str,
    would: &'static str,
    exit_code: u8,
    decided_at: String,
    branch: &'static str,
    base: Option<BaseJson<'a>>,
    policy: PolicyJson<'a>,
    index: Option<IndexJson<'a>>,
    folder: &'a str,
    unverified: &'a [String],
    notes: &'a [String],
    break_glass: Option<BreakGlassJson<'a>>,
    findings: Vec<GateFindingJson<'a>>,
    suppressed: Vec<SuppressedJson<'a>>,
    checks: Vec<CheckJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    version: Option<u64>,
    team: Option<&'a str>,
    ring: Option<&'a str>,
    trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct BreakGlassJson<'a> {
    ticket: &'a str,
    reason: &'a str,
    commit: Option<&'a str>,
    until: String,
}

#[derive(Serialize)]
struct GateFindingJson<'a> {
    state: &'static str,
    mode: &'static str,
    told: bool,
    rule: &'a str,
    reason: &'a str,
    words: Option<&'a str>,
    link: Option<&'a str>,
    deadline: Option<String>,
    fix: Option<String>,
    build_rule: Option<&'a str>,
    check_state: Option<&'static str>,
    evidence: Option<&'a str>,
    #[serde(flatten)]
    finding: FindingJson<'a>,
}

/// As `checks[]` of a scan.
#[derive(Serialize)]
pub(crate) struct CheckJson<'a> {
    class: &'static str,
    purl: Option<&'a str>,
    rule: &'a str,
    state: &'static str,
    severity: Option<&'static str>,
    summary: &'a str,
    fix: Option<&'a str>,
    url: Option<&'a str>,
    path: &'a str,
    line: Option<u32>,
    evidence: &'a str,
}

/// Writes one JSON object and a line break.
pub fn write_gate_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let json = GateJson {
        schema: "fixloop.gate/1",
        verdict: report.verdict.as_str(),
        would: report.would.as_str(),
        exit_code: report.exit_code(),
        decided_at: rfc3339(report.now),
        branch: report.branch.as_str(),
        base: report.base.as_ref().map(base),
        policy: PolicyJson {
            version: report.policy.version,
            team: report.policy.team.as_deref(),
            ring: report.policy.ring.as_deref(),
            trouble: report.policy.trouble.as_deref(),
        },
        index: report.index.as_ref().map(index),
        folder: &report.folder,
        unverified: &report.unverified,
        notes: &report.notes,
        break_glass: report.break_glass.as_ref().map(break_glass),
        findings: report.findings.iter().map(|it| gate_finding(it, report)).collect(),
        suppressed: report.suppressed.iter().map(suppressed).collect(),
        checks: report.checks.iter().map(check).collect(),
        unknown: report.unknown.iter().map(unknown).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn break_glass(it: &BreakGlass) -> BreakGlassJson<'_> {
    BreakGlassJson {
        ticket: &it.ticket,
        reason: &it.reason,
        commit: it.commit.as_deref(),
        until: rfc3339(it.until),
    }
}

fn gate_finding<'a>(it: &'a GateFinding, report: &Report) -> GateFindingJson<'a> {
    let (finding, build) = match &it.subject {
        Subject::Package(it) => (finding(it), None),
        Subject::Build(it) => (of_build(it), Some(&**it)),
    };
    GateFindingJson {
        state: it.change.as_str(),
        mode: it.mode.as_str(),
        told: it.is_told && !report.is_silent,
        rule: &it.rule,
        reason: &it.reason,
        words: it.words.as_deref(),
        link: it.link.as_deref(),
        deadline: it.deadline.map(rfc3339),
        fix: it.fix(),
        build_rule: build.map(|it| &*it.rule),
        check_state: build.map(|it| it.state.as_str()),
        evidence: build.map(|it| &*it.evidence),
        finding,
    }
}

/// A check of build configuration is about no package.
pub(crate) fn of_build(it: &BuildCheck) -> FindingJson<'_> {
    FindingJson {
        purl: None,
        ecosystem: "",
        name: &it.rule,
        version: "",
        ids: &[],
        class: fixloop_model::Class::BuildRule.as_str(),
        severity: it.severity.map(|it| SeverityJson {
            rating: it.as_str(),
            score: None,
            cvss_version: None,
            vector: None,
        }),
        summary: &it.summary,
        url: some(&it.url),
        path: &it.path,
        line: it.line,
        column: None,
        fixed_in: None,
        fixed_version: None,
        disclosed: None,
        direct: None,
        scope: None,
        chain: None,
        declared_at: None,
        exploited: None,
        probability: None,
    }
}

pub(crate) fn check(it: &BuildCheck) -> CheckJson<'_> {
    CheckJson {
        class: fixloop_model::Class::BuildRule.as_str(),
        purl: None,
        rule: &it.rule,
        state: it.state.as_str(),
        severity: it.severity.map(fixloop_model::Rating::as_str),
        summary: &it.summary,
        fix: some(&it.fix),
        url: some(&it.url),
        path: &it.path,
        line: it.line,
        evidence: &it.evidence,
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}
