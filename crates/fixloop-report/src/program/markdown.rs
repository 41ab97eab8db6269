//! The whole record in Markdown, for a review: every object with its history, and every entry of the log.

use std::io::{self, Write};

use super::cards::{Card, Group, Table, groups, logged, overrides};
use super::clock::{clocks, median, median_interval};
use super::words::{duration, when};
use super::{ProgramReport, clock};
use crate::markdown::escaped;

/// Writes GitHub's Markdown; everything foreign is escaped, so that it is text and nothing else.
pub fn write_program_markdown(report: &ProgramReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# The programme's record\n")?;
    writeln!(out, "{} entries, seen at {}.\n", report.entries.len(), when(report.now))?;
    if report.entries.iter().any(|it| it.is_clock_set) {
        writeln!(out, "**The clock was set by hand for entries marked so in the log.**\n")?;
    }
    loops(report, out)?;
    set_aside(report, out)?;
    for of in groups(report) {
        group(&of, out)?;
    }
    writeln!(out, "## Log\n")?;
    table_head(out, &["", "When", "Who", "Object", "What"])?;
    report.entries.iter().try_for_each(|it| row(out, logged(it)))
}

fn row(out: &mut dyn Write, cells: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
    let cells: Vec<String> = cells.into_iter().map(|it| escaped(it.as_ref())).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

fn table_head(out: &mut dyn Write, head: &[&str]) -> io::Result<()> {
    row(out, head)?;
    writeln!(out, "|{}", " --- |".repeat(head.len()))
}

fn loops(report: &ProgramReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let it = clocks(report.record, report.now);
    writeln!(out, "## Iteration clocks\n\n{}\n", escaped(&it.says()))?;
    if it.loops.is_empty() {
        return Ok(());
    }
    table_head(out, &["Stage", "Median", "95 % interval", "Reached", "Open"])?;
    for stage in &it.stages {
        let counts = [stage.n_reached.to_string(), stage.n_open.to_string()];
        let (middle, limits) = (median(&stage.median), median_interval(&stage.median));
        row(out, [stage.stage.words(), &middle, &limits, &counts[0], &counts[1]])?;
    }
    writeln!(out)?;
    for (problem, clock) in &it.loops {
        writeln!(out, "- {}: {}", problem.id, escaped(&it.standing(clock)))?;
        for (stage, at) in clock.reached.iter().filter_map(|it| Some((it.0, it.1?))) {
            let took = clock::took(clock, stage)
                .map_or_else(String::new, |it| format!(", after {}", duration(it)));
            writeln!(out, "  - {}: {}{took}", stage.words(), when(at))?;
        }
    }
    writeln!(out)
}

fn set_aside(report: &ProgramReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let all = overrides(report);
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Rules set aside\n")?;
    table_head(out, &["Rollout", "Who", "Rule", "Why"])?;
    all.into_iter().try_for_each(|it| row(out, it))?;
    writeln!(out)
}

fn group(of: &Group, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n", of.title)?;
    if of.cards.is_empty() {
        writeln!(out, "{}\n", escaped(of.nothing))?;
    }
    of.cards.iter().try_for_each(|it| card(it, out))
}

fn card(it: &Card, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}: {}\n", it.id, escaped(&it.title))?;
    writeln!(out, "- state: **{}**", escaped(&it.state))?;
    for (name, value) in &it.pairs {
        writeln!(out, "- {name}: {}", escaped(value))?;
    }
    writeln!(out)?;
    it.tables.iter().try_for_each(|it| table(it, out))?;
    writeln!(out, "History\n")?;
    table_head(out, &["When", "Who", "What", "Why"])?;
    it.history.iter().try_for_each(|it| row(out, it))?;
    writeln!(out)
}

fn table(it: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", it.caption)?;
    table_head(out, it.head)?;
    it.rows.iter().try_for_each(|it| row(out, it))?;
    writeln!(out)
}
