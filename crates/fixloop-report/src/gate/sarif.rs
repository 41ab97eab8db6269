//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! What people hear of, and what an exception accepts (as suppressed). What is only observed is left out, since code scanning shows
//! everything that it is given; what is fixed is left out too, since code scanning takes an `absent` result for one that is there.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::{self, Write};

use fixloop_gate::{GateFinding, Report, Subject, Verdict};
use fixloop_model::{Finding, Rating, Severity, SeveritySource, Suppressed};
use fixloop_policy::{Change, Mode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::escape::{harmless, link, prose};
use super::groups::{Group, path_from};
use super::words;

/// What code scanning shows of a run.
const MAX_RESULTS: usize = 5000;
/// Checks that could not be made, told one by one before the rest is counted.
const MAX_NOTIFICATIONS: usize = 50;
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What the writer remembers from result to result.
#[derive(Default)]
struct Run {
    results: Vec<Value>,
    rules: BTreeMap<String, Value>,
    /// How often a fingerprint's content was seen: the second of two equal findings is another alert.
    seen: HashMap<String, usize>,
    n_left_out: usize,
}

pub fn write_gate_sarif(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut run = Run::default();
    for it in report.told() {
        let level = level(it, report);
        run.push(&it.subject, report, |mut result| {
            result["level"] = json!(level);
            result["baselineState"] = json!(baseline(it.change));
            result["message"] = json!({ "text": message(it, report) });
            result["properties"] = json!({
                "state": it.change.as_str(),
                "mode": it.mode.as_str(),
                "rule": it.rule,
                "reason": it.reason,
                "deadline": it.deadline.map(crate::time::rfc3339),
            });
            result
        });
    }
    if !report.is_silent {
        for it in &report.suppressed {
            let subject = match &it.check {
                Some(check) => Subject::Build(check.clone()),
                None => Subject::Package(Box::new(it.finding.clone())),
            };
            run.push(&subject, report, |mut result| {
                result["level"] = json!("note");
                result["message"] = json!({ "text": accepted(it) });
                result["suppressions"] = json!([suppression(it, report)]);
                result
            });
        }
    }
    serde_json::to_writer_pretty(&mut *out, &document(run, report)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

impl Run {
    fn push(&mut self, subject: &Subject, report: &Report, with: impl FnOnce(Value) -> Value) {
        if self.results.len() == MAX_RESULTS {
            self.n_left_out += 1;
            return;
        }
        let id = rule_id(subject);
        self.rules.entry(id.clone()).or_insert_with(|| rule(&id, subject));
        let (path, region) = place(subject);
        let content = fingerprint(subject, &path);
        let nth = self.seen.entry(content.clone()).or_insert(0);
        *nth += 1;
        let mut location =
            json!({ "artifactLocation": artifact(&path_from(&report.folder, &path)) });
        if let Some(region) = region {
            location["region"] = region;
        }
        self.results.push(with(json!({
            "ruleId": id,
            "kind": "fail",
            "locations": [{ "physicalLocation": location }],
            "partialFingerprints": { "fixloopFinding/v1": format!("{content}:{nth}") },
        })));
    }
}

fn document(run: Run, report: &Report) -> Value {
    let folder = report.folder.trim_matches('/');
    let notifications = notifications(run.n_left_out, report);
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "fixloop",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": run.rules.into_values().collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": if folder.is_empty() { "fixloop-gate/".to_owned() } else { format!("fixloop-gate/{folder}/") } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The root of the repository." } } },
            "invocations": [{
                "executionSuccessful": report.verdict != Verdict::Unverified,
                "exitCode": report.exit_code(),
                "toolExecutionNotifications": notifications,
            }],
            "results": run.results,
            "properties": {
                "verdict": report.verdict.as_str(),
                "now": harmless(&words::happens_now(report)),
            },
        }],
    })
}

/// The advisory's id or the rule's, in the characters that rule ids may have.
fn rule_id(subject: &Subject) -> String {
    let id = match subject {
        Subject::Package(it) => it.ids.first().map_or("exception", |it| &**it),
        Subject::Build(it) => &it.rule,
    };
    let plain = |it: char| if it.is_ascii_alphanumeric() || "-._".contains(it) { it } else { '-' };
    id.chars().take(120).map(plain).collect()
}

fn rule(id: &str, subject: &Subject) -> Value {
    let (summary, url, class, security) = match subject {
        Subject::Package(it) => {
            (&it.summary, &it.url, it.class.as_str(), security_severity(it.severity.as_ref()))
        }
        Subject::Build(it) => {
            (&it.summary, &it.url, "build-rule", it.severity.map(|it| of_rating(it).to_owned()))
        }
    };
    let summary = if summary.is_empty() { id } else { &**summary };
    let sentence = format!("{}.", harmless(summary).trim_end_matches('.'));
    let mut properties = json!({ "tags": ["security", "supply-chain", class] });
    if let Some(score) = security {
        properties["security-severity"] = json!(score);
    }
    let more = link(url).map_or_else(String::new, |it| format!(" [More]({it})"));
    let mut rule = json!({
        "id": id,
        "shortDescription": { "text": sentence },
        "fullDescription": { "text": sentence },
        "help": { "text": sentence, "markdown": format!("{}{more}", prose(&sentence)) },
        "properties": properties,
    });
    if let Some(url) = link(url) {
        rule["helpUri"] = json!(url);
    }
    rule
}

/// A number as text, by which code scanning sorts.
fn security_severity(severity: Option<&Severity>) -> Option<String> {
    let severity = severity?;
    Some(match &severity.source {
        SeveritySource::Cvss { score_tenths, .. } => {
            format!("{}.{}", score_tenths / 10, score_tenths % 10)
        }
        SeveritySource::Record => of_rating(severity.rating).to_owned(),
    })
}

/// The middle of a rating's range of CVSS scores.
fn of_rating(rating: Rating) -> &'static str {
    match rating {
        Rating::None => "0.0",
        Rating::Low => "2.0",
        Rating::Medium => "5.5",
        Rating::High => "8.0",
        Rating::Critical => "9.5",
    }
}

fn level(it: &GateFinding, report: &Report) -> &'static str {
    match (it.mode, report.verdict) {
        (Mode::Break, Verdict::Break) => "error",
        _ => "warning",
    }
}

fn baseline(change: Change) -> &'static str {
    match change {
        Change::Introduced => "new",
        Change::Worsened => "updated",
        Change::PreExisting | Change::NewlyDisclosed => "unchanged",
        Change::Fixed => "absent",
    }
}

fn message(it: &GateFinding, report: &Report) -> String {
    let group = Group { first: it, findings: vec![it] };
    let sentences = [
        Some(words::headline(&group)),
        Some(words::action(&group)),
        Some(words::standing(&group)),
        words::by_when(&group, report.now),
        Some(words::because(&group)),
        it.words.clone(),
        it.link.clone(),
    ];
    let sentences: Vec<String> = sentences.into_iter().flatten().map(|it| unlinked(&it)).collect();
    format!("{}.", sentences.join("; ").trim_end_matches('.'))
}

/// In a message's text, brackets are links to places and braces are arguments (3.11.5, 3.11.6).
fn unlinked(text: &str) -> String {
    let text = harmless(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    text.replace('{', "{{").replace('}', "}}")
}

fn accepted(it: &Suppressed) -> String {
    let by = it.owner.as_ref().map_or_else(String::new, |it| format!(" by {}", unlinked(it)));
    let until =
        it.expires.as_ref().map_or_else(String::new, |it| format!(" until {}", unlinked(it)));
    let finding = &it.finding;
    let name = unlinked(&finding.name);
    // A build rule is about no version.
    let version = match &*finding.version {
        "" => String::new(),
        version => format!(" {}", unlinked(version)),
    };
    format!("{name}{version} is accepted{by}{until}.")
}

fn suppression(it: &Suppressed, report: &Report) -> Value {
    let artifact = artifact(&path_from(&report.folder, &it.place.path));
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": harmless(&it.reason),
        "location": { "physicalLocation": {
            "artifactLocation": artifact,
            "region": { "startLine": it.place.position.line },
        } },
    })
}

fn place(subject: &Subject) -> (String, Option<Value>) {
    match subject {
        Subject::Package(it) => {
            let region =
                json!({ "startLine": it.position.line, "startColumn": it.position.column });
            (it.path.clone(), Some(region))
        }
        Subject::Build(it) => (it.path.clone(), it.line.map(|it| json!({ "startLine": it }))),
    }
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "SRCROOT" })
}

/// A relative reference of RFC 3986: everything but unreserved characters and the slash is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for it in path.bytes() {
        if it.is_ascii_alphanumeric() || b"-._~/@+".contains(&it) {
            uri.push(char::from(it));
        } else {
            uri.push('%');
            uri.extend(hex(it).map(|it| it.to_ascii_uppercase()));
        }
    }
    // A path that starts with two slashes would name a host.
    if uri.starts_with('/') { format!(".{uri}") } else { uri }
}

/// What a finding is, whatever line and version it stands at; 128 bits of SHA-256 in hexadecimal.
fn fingerprint(subject: &Subject, path: &str) -> String {
    let parts: [&str; 4] = match subject {
        Subject::Package(it) => package_parts(it),
        Subject::Build(it) => ["build-rule", &it.rule, "", ""],
    };
    let mut digest = Sha256::new();
    for it in parts.into_iter().chain([path]) {
        digest.update((it.len() as u64).to_le_bytes());
        digest.update(it.as_bytes());
    }
    digest.finalize().iter().take(16).flat_map(|it| hex(*it)).collect()
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0xf].map(|it| char::from_digit(it.into(), 16).unwrap_or('0'))
}

fn package_parts(it: &Finding) -> [&str; 4] {
    [it.class.as_str(), it.ids.first().map_or("", |it| &**it), &it.ecosystem, &it.name]
}

fn notifications(n_left_out: usize, report: &Report) -> Vec<Value> {
    let mut notes: Vec<(&str, String)> = Vec::new();
    notes.extend(report.unverified.iter().map(|it| ("error", harmless(it))));
    notes.extend(report.policy.trouble.iter().map(|it| ("warning", harmless(it))));
    if n_left_out > 0 {
        let text = format!(
            "{n_left_out} more results are not in this file, which holds the {MAX_RESULTS} hardest"
        );
        notes.push(("warning", text));
    }
    if !report.is_silent {
        let of_scan = report.unknown.iter().map(|it| {
            let path = it.path.as_deref().unwrap_or("the index");
            format!("{}: {}", harmless(path), harmless(&it.reason))
        });
        let of_rules = words::unknown_checks(report).map(|it| {
            format!("{}: {}: {}", harmless(&it.path), harmless(&it.rule), harmless(&it.evidence))
        });
        let unknown: Vec<String> = of_scan.chain(of_rules).collect();
        let more = unknown.len().saturating_sub(MAX_NOTIFICATIONS);
        notes.extend(
            unknown
                .into_iter()
                .take(MAX_NOTIFICATIONS)
                .map(|it| ("warning", format!("not checked: {it}"))),
        );
        if more > 0 {
            notes.push(("warning", format!("{more} more checks could not be made")));
        }
    }
    let sentence = |text: String| format!("{}.", unlinked(text.trim_end_matches('.')));
    notes
        .into_iter()
        .map(|(level, text)| json!({ "level": level, "message": { "text": sentence(text) } }))
        .collect()
}
