//! The gate for people who read a log: the hardest first, and at the end the one line that says what happens now.
//!
//! A log is read by a runner too, so each line starts with a word of ours and foreign text is [`harmless`].

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use fixloop_gate::{Report, Verdict};
use fixloop_policy::Mode;

use super::escape::{harmless, harmless_line};
use super::groups::{Group, groups};
use super::words;

/// Blocks written before the rest is counted.
const MAX_GROUPS: usize = 25;
/// Checks that could not be made, listed before the rest is counted.
const MAX_UNKNOWN: usize = 5;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_gate_text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let told = groups(report.told());
    for group in told.iter().take(MAX_GROUPS) {
        block(group, report, out)?;
    }
    if let Some(more) = told.len().checked_sub(MAX_GROUPS).filter(|it| *it > 0) {
        writeln!(out, "and {more} more: --format json lists all\n")?;
    }
    if !report.is_silent {
        rest(report, out)?;
    }
    let verdict = harmless_line(&words::happens_now(report));
    let style = color(report.verdict);
    writeln!(out, "{style}{verdict}{style:#}")
}

fn block(group: &Group<'_>, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (label, style) = match group.first.mode {
        Mode::Break => ("BREAK", color(Verdict::Break)),
        Mode::Alert | Mode::Observe => ("ALERT", color(Verdict::Alert)),
    };
    writeln!(out, "{style}{label}{style:#}  {BOLD}{}{BOLD:#}", harmless(&words::headline(group)))?;
    let path = harmless(group.first.path());
    let line = group.first.line().map_or_else(String::new, |it| format!(":{it}"));
    writeln!(out, "    at   {path}{line}  {DIM}{}{DIM:#}", words::standing(group))?;
    writeln!(out, "    do   {BOLD}{}{BOLD:#}", harmless(&words::action(group)))?;
    if let Some(when) = words::by_when(group, report.now) {
        writeln!(out, "    when {when}")?;
    }
    writeln!(out, "    why  {}", harmless_line(&words::because(group)))?;
    if let fixloop_gate::Subject::Build(it) = &group.first.subject {
        writeln!(out, "    seen {DIM}{}{DIM:#}", harmless(&it.evidence))?;
    }
    let said = [&group.first.words, &group.first.link];
    let said: Vec<String> = said.into_iter().flatten().map(|it| harmless(it)).collect();
    if !said.is_empty() {
        writeln!(out, "    note {}", said.join(" "))?;
    }
    writeln!(out)
}

/// What is neither told nor the verdict: what was fixed, accepted or not checked, on what grounds, and how to get time.
fn rest(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let fixed = groups(report.told_fixed());
    if !fixed.is_empty() {
        let titles: Vec<String> =
            fixed.iter().take(MAX_UNKNOWN).map(|it| harmless(&words::headline(it))).collect();
        let more = fixed.len().saturating_sub(MAX_UNKNOWN);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        writeln!(out, "FIXED  by this change: {}{more}\n", titles.join(", "))?;
    }
    unknown(report, out)?;
    if let Some(command) = words::by_command(report) {
        writeln!(out, "{command}\n")?;
    }
    if let Some(ways) = words::ways_out(report) {
        writeln!(out, "{BOLD}If this cannot wait{BOLD:#}")?;
        writeln!(out, "    exception    {}", harmless_line(&ways.exception))?;
        writeln!(out, "    break-glass  {}\n", ways.break_glass)?;
    }
    match report.suppressed.len() {
        0 => {}
        1 => writeln!(out, "1 finding is accepted by an exception: --format json shows it")?,
        n => writeln!(out, "{n} findings are accepted by exceptions: --format json shows them")?,
    }
    for it in words::grounds(report) {
        writeln!(out, "{DIM}{}{DIM:#}", harmless(&it))?;
    }
    Ok(())
}

fn unknown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let lines = unknown_lines(report);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{BOLD}unknown{BOLD:#}  {} not made", words::count(lines.len(), "check"))?;
    for it in lines.iter().take(MAX_UNKNOWN) {
        writeln!(out, "    at   {it}")?;
    }
    if let Some(more) = lines.len().checked_sub(MAX_UNKNOWN).filter(|it| *it > 0) {
        writeln!(out, "    and {more} more: --format json lists all")?;
    }
    writeln!(out)
}

/// `package.json:3: reason`, harmless.
fn unknown_lines(report: &Report) -> Vec<String> {
    let place = |path: &str, line: Option<u32>| match line {
        Some(line) => format!("{}:{line}", harmless(path)),
        None => harmless(path),
    };
    let of_scan = report.unknown.iter().map(|it| {
        let name = it.name.as_ref().map_or_else(String::new, |it| format!("{}: ", harmless(it)));
        let path = it.path.as_deref().unwrap_or("the index");
        format!("{}  {name}{}", place(path, it.line), harmless(&it.reason))
    });
    let of_rules = words::unknown_checks(report).map(|it| {
        let (rule, why) = (harmless(&it.rule), harmless(&it.evidence));
        format!("{}  {rule}: {why}", place(&it.path, it.line))
    });
    of_scan.chain(of_rules).collect()
}

fn color(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Alert => AnsiColor::Yellow,
        Verdict::Break => AnsiColor::Red,
        Verdict::BrokenGlass | Verdict::Unverified => AnsiColor::Magenta,
    };
    Style::new().bold().fg_color(Some(color.into()))
}
