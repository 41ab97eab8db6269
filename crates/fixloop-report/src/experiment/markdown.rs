//! An experiment in Markdown, for a comment or an issue: the page's order, tables, no HTML.

use std::io::{self, Write};

use super::ExperimentReport;
use super::text::LOOKS;
use super::view::{View, view};
use super::words;
use crate::markdown::escaped;

/// Teams in the table: a comment has a size limit.
const MAX_TEAMS: usize = 200;

/// Writes GitHub's Markdown; everything foreign is escaped, so that it is text and nothing else.
pub fn write_experiment_markdown(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let it = view(report);
    if let Some(badge) = it.badge {
        writeln!(out, "*{badge}*\n")?;
    }
    writeln!(out, "**{}** {}\n", it.head, escaped(&it.sentence))?;
    writeln!(out, "{}. Data: {}.\n", escaped(&it.decision), escaped(&it.subject))?;
    effect(&it, out)?;
    writeln!(out, "## How sure, how long\n")?;
    pairs(&it.sure, out)?;
    guardrails(&it, out)?;
    curves(&it, out)?;
    teams(&it, out)?;
    method(&it, out)
}

fn row<'c>(out: &mut dyn Write, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
    let cells: Vec<String> = cells.into_iter().map(escaped).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

/// A table's head: `r` stands for a column of numbers.
fn head(out: &mut dyn Write, names: &[&str], sides: &str) -> io::Result<()> {
    row(out, names.iter().copied())?;
    let rules = sides.chars().map(|it| if it == 'r' { "--:" } else { "---" });
    writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))
}

fn pairs(pairs: &[(&'static str, String)], out: &mut dyn Write) -> io::Result<()> {
    for (name, value) in pairs {
        writeln!(out, "- {name}: {}", escaped(value))?;
    }
    writeln!(out)
}

fn effect(it: &View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## The interval\n")?;
    let effect = match &it.effect {
        Ok(effect) => effect,
        Err(reason) => return writeln!(out, "No interval. {}\n", escaped(reason)),
    };
    head(out, &["", "95 % interval", ""], "lll")?;
    row(out, ["fixes come", &effect.percent, &effect.best])?;
    row(out, ["days open", &effect.days, &effect.days_best])?;
    writeln!(out)?;
    head(out, &["", "treated", "control", "difference", "95 % interval"], "lrrrl")?;
    for line in &effect.differences {
        row(out, [&line.what].into_iter().chain(&line.cells).map(String::as_str))?;
    }
    if let Some(note) = it.effect_note {
        writeln!(out, "\n{note}")?;
    }
    writeln!(out)
}

fn guardrails(it: &View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Guardrails and health\n\n{}\n", escaped(&it.guardrails_say))?;
    if !it.guardrails.is_empty() {
        let names =
            ["guardrail", "answer", "treated", "control", "worse by", "interval", "safe up to", ""];
        head(out, &names, "llrrrlrl")?;
        for of in &it.guardrails {
            let cells = of.cells.iter().map(String::as_str);
            row(out, [&*of.name, of.answer].into_iter().chain(cells).chain([&*of.says]))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}\n", escaped(&it.health_says))?;
    if !it.health.is_empty() {
        head(out, &["check", "answer", ""], "lll")?;
        for of in &it.health {
            row(out, [of.name, of.status, &of.says])?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn curves(it: &View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Share still open by age\n")?;
    if it.curves.ages.is_empty() {
        return writeln!(out, "Cannot tell: there is no curve.\n");
    }
    let [treated, control] = it.curves.names.each_ref().map(String::as_str);
    head(out, &["days", treated, "at risk", control, "at risk"], "rrrrr")?;
    for age in &it.curves.ages {
        row(out, [&*age.age, &age.open[0], &age.at_risk[0], &age.open[1], &age.at_risk[1]])?;
    }
    writeln!(out, "\nIn brackets: 95 % band.\n")?;
    for note in &it.curves.notes {
        writeln!(out, "{}\n", escaped(note))?;
    }
    Ok(())
}

fn teams(it: &View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Teams\n\nMean days open of the first {}.\n", it.horizon)?;
    head(out, &["team", "arm", "findings", "fixed", it.times[0], it.times[1]], "llrrrr")?;
    for team in it.teams.iter().take(MAX_TEAMS) {
        let [before, during] = team.days();
        let name = words::shortened(&team.name, 80);
        row(out, [&*name, &team.arm, &team.n_findings, &team.n_fixed, &before, &during])?;
    }
    match it.teams.len().checked_sub(MAX_TEAMS) {
        Some(more) if more > 0 => writeln!(out, "\nAnd {more} more.\n"),
        _ => writeln!(out),
    }
}

fn method(it: &View, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Method\n")?;
    pairs(&it.method, out)?;
    writeln!(out, "{}\n", escaped(&it.sensitivity_says))?;
    if !it.sensitivity.is_empty() {
        head(out, &["analysis", "answer", "direction", "p", "what it assumes"], "lllrl")?;
        for of in &it.sensitivity {
            row(out, [of.name, of.agreement, of.direction, &of.p, &of.says])?;
        }
        writeln!(out)?;
    }
    if !it.looks.is_empty() {
        head(out, &LOOKS, "lrrrrl")?;
        for look in &it.looks {
            row(out, look.iter().map(String::as_str))?;
        }
        writeln!(out)?;
    }
    if !it.naive.is_empty() {
        writeln!(out, "What others would show:\n")?;
        pairs(&it.naive, out)?;
        writeln!(out, "{}\n", words::NAIVE)?;
    }
    for reason in &it.cannot_tell {
        writeln!(out, "- cannot tell {}", escaped(reason))?;
    }
    Ok(())
}
