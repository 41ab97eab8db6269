//! The scan for people: what to do first on top, one block per package upgrade.

mod checks;

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use fixloop_model::{Class, Finding, Rating, Scan, Severity, SeveritySource, Unknown, UnknownKind};

use crate::text::checks::found;
use crate::time::day;
use crate::visible::visible;

/// Places of one package listed before the rest is counted.
const MAX_PLACES: usize = 4;
/// Unknowns of one kind listed before the rest is counted.
const MAX_UNKNOWN: usize = 8;
/// Characters shown of a summary: one line of a wide terminal.
const MAX_SUMMARY: usize = 110;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// One package at one version: one upgrade, wherever it stands.
struct Upgrade<'s> {
    first: &'s Finding,
    findings: Vec<&'s Finding>,
}

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_text(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let upgrades = upgrades(&scan.findings);
    for upgrade in &upgrades {
        if upgrade.first.class == Class::Exception {
            exception(upgrade, out)?;
        } else {
            block(upgrade, out)?;
        }
    }
    found(&scan.checks, out)?;
    unknowns(scan, out)?;
    summary(scan, &upgrades, out)
}

/// Groups findings in the order of the most urgent one of each group.
fn upgrades(findings: &[Finding]) -> Vec<Upgrade<'_>> {
    let mut upgrades: Vec<Upgrade<'_>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for it in findings {
        let at = *places.entry((&it.ecosystem, &it.name, &it.version)).or_insert_with(|| {
            upgrades.push(Upgrade { first: it, findings: Vec::new() });
            upgrades.len() - 1
        });
        upgrades[at].findings.push(it);
    }
    upgrades
}

/// What is wrong with an exception: its place and why.
fn exception(upgrade: &Upgrade<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (label, style) = label(upgrade.first);
    writeln!(out, "{style}{label:<12}{style:#} {BOLD}{}{BOLD:#}", visible(&upgrade.first.name))?;
    for it in &upgrade.findings {
        let at = it.position;
        let (path, reason) = (visible(&it.path), visible(&it.summary));
        writeln!(out, "    {path}:{}:{}  {reason}", at.line, at.column)?;
    }
    writeln!(out)
}

fn block(upgrade: &Upgrade<'_>, out: &mut dyn Write) -> io::Result<()> {
    let it = upgrade.first;
    let (label, style) = label(it);
    let (name, version) = (visible(&it.name), visible(&it.version));
    write!(out, "{style}{label:<12}{style:#} {BOLD}{name} {version}{BOLD:#}")?;
    if let Some(fixed) = &it.fixed_version {
        write!(out, " → {BOLD}{}{BOLD:#}", visible(fixed))?;
    } else {
        let is_malicious = it.class == Class::Malicious;
        let advice = if is_malicious {
            "remove it: this version is malicious"
        } else {
            "no fixed version known"
        };
        write!(out, "  {advice}")?;
    }
    writeln!(out, "  {DIM}{}{DIM:#}", visible(&it.ecosystem))?;
    let mut places: Vec<&Finding> = Vec::new();
    for finding in &upgrade.findings {
        let is_new =
            |seen: &&Finding| (&seen.path, seen.position) != (&finding.path, finding.position);
        if places.iter().all(is_new) {
            places.push(finding);
        }
    }
    for place in places.iter().take(MAX_PLACES) {
        let at = place.position;
        write!(out, "    {}:{}:{}", visible(&place.path), at.line, at.column)?;
        match &*why(place) {
            "" => {}
            why => write!(out, "  {DIM}{why}{DIM:#}")?,
        }
        if let Some(it) = &place.declared {
            let (path, at) = (visible(&it.path), it.position);
            write!(out, "{DIM}, asked for at {path}:{}:{}{DIM:#}", at.line, at.column)?;
        }
        writeln!(out)?;
    }
    if let Some(more) = places.len().checked_sub(MAX_PLACES).filter(|it| *it > 0) {
        writeln!(out, "    and {more} more places")?;
    }
    let mut seen: Vec<&str> = Vec::new();
    for finding in &upgrade.findings {
        if !seen.contains(&&*finding.ids[0]) {
            seen.push(&finding.ids[0]);
            advisory(finding, it, out)?;
        }
    }
    writeln!(out)
}

/// Why a component is there.
fn why(it: &Finding) -> String {
    let reach = match (&it.chain, it.direct) {
        (Some(chain), _) => format!("via {}", visible(&chain[..chain.len() - 1].join(" > "))),
        (None, Some(true)) => "direct".to_owned(),
        (None, Some(false)) => "transitive".to_owned(),
        (None, None) => String::new(),
    };
    match it.scope.filter(|it| *it != fixloop_model::Scope::Runtime) {
        Some(scope) if reach.is_empty() => scope.as_str().to_owned(),
        Some(scope) => format!("{reach} ({})", scope.as_str()),
        None => reach,
    }
}

fn advisory(it: &Finding, first: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let ids: Vec<_> = it.ids.iter().map(|it| visible(it)).collect();
    let rating = it.severity.as_ref().map_or_else(|| "no rating".to_owned(), rating);
    write!(out, "    {} {DIM}{rating}{DIM:#}", ids.join(" "))?;
    if let Some(exploited) = &it.exploited {
        let by = if exploited.by_ransomware { ", by ransomware too" } else { "" };
        let since = visible(&exploited.since);
        write!(out, " {BOLD}known exploited{BOLD:#} {DIM}(listed {since}{by}){DIM:#}")?;
    }
    if let Some(probability) = it.probability {
        write!(out, " {DIM}exploitation {}{DIM:#}", percent(probability))?;
    }
    if it.class != first.class {
        write!(out, " {DIM}{}{DIM:#}", it.class.as_str())?;
    }
    match &it.fixed_in {
        Some(fixed) if it.fixed_in != it.fixed_version => {
            writeln!(out, " {DIM}fixed in {}{DIM:#}", visible(fixed))?;
        }
        None if it.fixed_version.is_some() => writeln!(out, " {DIM}no fix{DIM:#}")?,
        _ => writeln!(out)?,
    }
    if !it.summary.is_empty() {
        writeln!(out, "      {}", visible(&shortened(&it.summary)))?;
    }
    if !it.url.is_empty() {
        writeln!(out, "      {DIM}{}{DIM:#}", visible(&it.url))?;
    }
    Ok(())
}

/// EPSS gives five places; below a thousandth they say nothing.
fn percent(probability: f64) -> String {
    if probability < 0.001 { "< 0.1 %".to_owned() } else { format!("{:.1} %", probability * 100.0) }
}

/// At most [`MAX_SUMMARY`] characters, cut at a word: some databases put the whole story here.
fn shortened(summary: &str) -> Cow<'_, str> {
    let Some((end, _)) = summary.char_indices().nth(MAX_SUMMARY) else { return summary.into() };
    let cut = &summary[..end];
    let word = cut.rfind(' ').map_or(cut, |at| &cut[..at]);
    format!("{}…", word.trim_end_matches([' ', ',', '.', ';', ':', '…'])).into()
}

fn rating(it: &Severity) -> String {
    match &it.source {
        SeveritySource::Cvss { version, score_tenths, .. } => {
            let (whole, tenth) = (score_tenths / 10, score_tenths % 10);
            format!("{} {whole}.{tenth} (CVSS {version})", it.rating.as_str())
        }
        SeveritySource::Record => format!("{} (database's own rating)", it.rating.as_str()),
    }
}

fn label(it: &Finding) -> (&'static str, Style) {
    let color = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
    match (it.class, it.severity.as_ref().map(|it| it.rating)) {
        (Class::Malicious, _) => ("MALICIOUS", color(AnsiColor::Magenta)),
        (Class::Vulnerability, Some(Rating::Critical)) => ("CRITICAL", color(AnsiColor::Red)),
        (Class::Vulnerability, Some(Rating::High)) => ("HIGH", color(AnsiColor::Red)),
        (Class::Vulnerability, Some(Rating::Medium)) => ("MEDIUM", color(AnsiColor::Yellow)),
        (Class::Vulnerability, Some(Rating::Low | Rating::None)) => ("LOW", color(AnsiColor::Cyan)),
        (Class::Vulnerability, None) => ("UNRATED", color(AnsiColor::Yellow)),
        (class, _) => (class.as_str(), color(AnsiColor::Cyan)),
    }
}

fn unknowns(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    for (kind, what) in [
        (UnknownKind::Index, "ecosystem"),
        (UnknownKind::File, "file or folder"),
        (UnknownKind::Component, "component"),
    ] {
        let of_kind: Vec<&Unknown> = scan.unknown.iter().filter(|it| it.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let n_unknown = match kind {
            UnknownKind::File if of_kind.len() > 1 => format!("{} files or folders", of_kind.len()),
            _ => count(of_kind.len(), what),
        };
        writeln!(out, "{BOLD}unknown{BOLD:#}      {n_unknown} not checked")?;
        for it in of_kind.iter().take(MAX_UNKNOWN) {
            write!(out, "    ")?;
            if let Some(path) = &it.path {
                write!(out, "{}", visible(path))?;
                if let Some(line) = it.line {
                    write!(out, ":{line}")?;
                }
                write!(out, "  ")?;
            }
            if let Some(name) = it.name.as_ref().filter(|_| kind == UnknownKind::Component) {
                write!(out, "{}: ", visible(name))?;
            }
            writeln!(out, "{DIM}{}{DIM:#}", visible(&it.reason))?;
        }
        if let Some(more) = of_kind.len().checked_sub(MAX_UNKNOWN).filter(|it| *it > 0) {
            writeln!(out, "    and {more} more: --format json lists all")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What was left out on purpose, so that nobody takes it for clean.
fn looked_at(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    if let Some(it) = &scan.diff {
        let (base, revision) = (&it.base.merge_base, visible(&it.base.revision));
        let fixed = count(it.fixed.len(), "finding");
        let short = base.get(..10).unwrap_or(base);
        writeln!(
            out,
            "only what is new against {short}, the merge-base with {revision}; {fixed} gone"
        )?;
    }
    if let Some(it) = &scan.as_of {
        let (day, n) = (day(it.at), it.n_modified_since);
        writeln!(
            out,
            "as of {day}: {} records, of which {n} were modified since and count with today's ranges",
            it.n_records
        )?;
    }
    if let Some(since) = scan.since {
        writeln!(out, "only what was disclosed since {}", day(since))?;
    }
    Ok(())
}

fn summary(scan: &Scan, upgrades: &[Upgrade<'_>], out: &mut dyn Write) -> io::Result<()> {
    let n_components: usize = scan.files.iter().map(|it| it.n_components).sum();
    let checked =
        format!("{} in {}", count(n_components, "component"), count(scan.files.len(), "file"));
    if scan.files.is_empty() && scan.unknown.is_empty() {
        writeln!(
            out,
            "{BOLD}nothing to scan{BOLD:#}: no file of a format that fixloop reads (fixloop scan --help lists them)"
        )?;
    } else if !scan.has_finding() {
        // What was not checked must not read as clean.
        let unknown = match scan.unknown.len() {
            0 => String::new(),
            n => format!(", but {} above", count(n, "unknown")),
        };
        writeln!(out, "{BOLD}no findings{BOLD:#} in {checked}{unknown}")?;
    } else {
        let of_class = |class| upgrades.iter().filter(|it| it.first.class == class).count();
        let n_found = scan.checks.iter().filter(|it| it.state.is_finding()).count();
        let of_rules = (n_found > 0).then(|| format!("{} found by rules", count(n_found, "place")));
        let parts: Vec<String> = [
            Class::Malicious,
            Class::Vulnerability,
            Class::Unmaintained,
            Class::Informational,
            Class::Exception,
        ]
        .into_iter()
        .filter(|class| of_class(*class) > 0)
        .map(|class| {
            let word = match class {
                Class::Vulnerability => "vulnerable",
                Class::Exception if of_class(class) == 1 => "exception to look at",
                Class::Exception => "exceptions to look at",
                other => other.as_str(),
            };
            format!("{} {word}", of_class(class))
        })
        .chain(of_rules)
        .collect();
        let n_fixable = upgrades.iter().filter(|it| it.first.fixed_version.is_some()).count();
        let parts = parts.join(", ");
        writeln!(out, "{BOLD}{parts}{BOLD:#} of {checked}; {n_fixable} fixed by an upgrade")?;
    }
    looked_at(scan, out)?;
    match scan.suppressed.len() {
        0 => {}
        1 => writeln!(out, "1 finding is accepted by an exception: --format json shows it")?,
        n => writeln!(out, "{n} findings are accepted by exceptions: --format json shows them")?,
    }
    let Some(index) = &scan.index else { return Ok(()) };
    let as_of = index.as_of.map_or("unknown day".to_owned(), day);
    match &index.path {
        Some(path) => {
            writeln!(out, "{DIM}{} advisories as of {as_of}: {path}{DIM:#}", index.n_records)
        }
        None => writeln!(
            out,
            "{BOLD}Only the starter index was used{BOLD:#}: {} well-known advisories. Most vulnerabilities are not in it.\n\
             For all of them: fixloop db import PATH… with OSV records",
            index.n_records
        ),
    }
}

fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
