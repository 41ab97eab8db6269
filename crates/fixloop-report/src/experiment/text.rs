//! An experiment on a terminal of 80 to 100 columns: verdict, interval, how sure, guardrails, curves in numbers, teams, method.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::view::{EffectView, View, view};
use super::{ExperimentReport, words};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const HARM: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const SAFE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// Columns of prose and tables.
const WIDTH: usize = 88;
/// Teams listed before the rest is only counted.
const MAX_TEAMS: usize = 24;
const NAME_WIDTH: usize = 24;
const ARM_WIDTH: usize = 14;

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_experiment_text(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let it = view(report);
    write!(out, "{DIM}")?;
    wrapped(out, &it.subject, "")?;
    write!(out, "{DIM:#}")?;
    if let Some(badge) = it.badge {
        writeln!(out, "[{badge}]")?;
    }
    write!(out, "{BOLD}{}{BOLD:#}", it.head)?;
    let head = it.head.chars().count() + 1;
    writeln!(out, " {}", wrap(&it.sentence, WIDTH, head).join("\n"))?;
    wrapped(out, &format!("→ {}", it.decision), "  ")?;
    match &it.effect {
        Ok(effect) => {
            write_effect(effect, out)?;
            wrapped(out, it.effect_note.unwrap_or_default(), "  ")?;
        }
        Err(reason) => {
            writeln!(out, "\n{BOLD}No interval.{BOLD:#}")?;
            wrapped(out, reason, "  ")?;
        }
    }
    section(out, "How sure")?;
    pairs(out, &it.sure)?;
    guardrails(&it, out)?;
    curves(&it, out)?;
    teams(&it, out)?;
    method(&it, out)
}

fn section(out: &mut dyn Write, title: &str) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")
}

fn write_effect(it: &EffectView, out: &mut dyn Write) -> io::Result<()> {
    section(out, "95 % interval")?;
    writeln!(out, "  fixes come  {} ({})", lower(&it.percent), it.best)?;
    writeln!(out, "  days open   {} ({})", lower(&it.days), it.days_best)?;
    writeln!(
        out,
        "\n{DIM}  {:<25} {:>9} {:>9}  difference (95 % interval){DIM:#}",
        "", "treated", "control"
    )?;
    for line in &it.differences {
        let [treated, control, difference, interval] = &line.cells;
        let told = if difference == interval {
            difference.clone()
        } else {
            format!("{difference} ({interval})")
        };
        writeln!(out, "  {:<25} {treated:>9} {control:>9}  {told}", line.what)?;
    }
    Ok(())
}

/// Inside a line a value does not start with a capital.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn guardrails(it: &View, out: &mut dyn Write) -> io::Result<()> {
    section(out, "Guardrails and health")?;
    for of in &it.guardrails {
        let style = match of.class {
            "harm" => HARM,
            "safe" => SAFE,
            _ => BOLD,
        };
        let [treated, control, worse, interval, margin] = &of.cells;
        let name = words::shortened(&of.name, NAME_WIDTH);
        writeln!(
            out,
            "  {style}{:<9}{style:#} {name:<NAME_WIDTH$} {treated} against {control}",
            of.answer
        )?;
        let worse = format!("worse by {worse} ({interval}); safe up to {margin}. {}", of.says);
        wrapped(out, &worse, "            ")?;
    }
    if it.guardrails.is_empty() {
        wrapped(out, &it.guardrails_say, "  ")?;
    }
    for of in &it.health {
        let style = if of.status == "unhealthy" { HARM } else { DIM };
        writeln!(out, "  {style}{:<11}{style:#} {}", of.status, of.name)?;
        wrapped(out, &of.says, "              ")?;
    }
    if it.health.is_empty() {
        wrapped(out, &it.health_says, "  ")?;
    }
    Ok(())
}

fn curves(it: &View, out: &mut dyn Write) -> io::Result<()> {
    section(out, "Share still open by age (95 % band), and at risk")?;
    if it.curves.ages.is_empty() {
        return writeln!(out, "  cannot tell: there is no curve");
    }
    let names = it.curves.names.each_ref().map(|it| words::shortened(it, 18));
    writeln!(
        out,
        "{DIM}  {:>6}  {:<18} {:>7}  {:<18} {:>7}{DIM:#}",
        "days", names[0], "at risk", names[1], "at risk"
    )?;
    for age in &it.curves.ages {
        writeln!(
            out,
            "  {:>6}  {:<18} {:>7}  {:<18} {:>7}",
            age.age, age.open[0], age.at_risk[0], age.open[1], age.at_risk[1]
        )?;
    }
    for note in &it.curves.notes {
        wrapped(out, note, "  ")?;
    }
    Ok(())
}

fn teams(it: &View, out: &mut dyn Write) -> io::Result<()> {
    section(out, &format!("Teams: mean days open of the first {}", it.horizon))?;
    let before = if it.has_history { it.times[0] } else { "" };
    writeln!(
        out,
        "{DIM}  {:<NAME_WIDTH$} {:<ARM_WIDTH$} {:>8} {:>7} {before:>8} {:>8}{DIM:#}",
        "team", "arm", "findings", "fixed", it.times[1]
    )?;
    for team in it.teams.iter().take(MAX_TEAMS) {
        let [before, during] = team.days();
        let before = if it.has_history { before } else { String::new() };
        writeln!(
            out,
            "  {:<NAME_WIDTH$} {:<ARM_WIDTH$} {:>8} {:>7} {before:>8} {during:>8}",
            words::shortened(&team.name, NAME_WIDTH),
            words::shortened(&team.arm, ARM_WIDTH),
            team.n_findings,
            team.n_fixed,
        )?;
    }
    match it.teams.len().checked_sub(MAX_TEAMS) {
        Some(more) if more > 0 => writeln!(out, "  and {more} more (--format json has all)"),
        _ => Ok(()),
    }
}

fn method(it: &View, out: &mut dyn Write) -> io::Result<()> {
    section(out, "Method")?;
    wrapped(out, &it.sensitivity_says, "  ")?;
    for of in it.sensitivity.iter().filter(|it| it.agreement == "disagrees") {
        let direction = match of.direction {
            "–" => String::new(),
            direction => format!(", {direction}"),
        };
        wrapped(out, &format!("{}: p = {}{direction} ({})", of.name, of.p, of.says), "    ")?;
    }
    if !it.looks.is_empty() {
        writeln!(out, "\n{DIM}  {}{DIM:#}", looks_line(&LOOKS.map(str::to_owned)))?;
    }
    for look in &it.looks {
        writeln!(out, "  {}", looks_line(look))?;
    }
    write!(out, "{}{DIM}", if it.looks.is_empty() { "" } else { "\n" })?;
    if !it.naive.is_empty() {
        let naive = it.naive.iter().map(|(what, value)| format!("{what} {value}"));
        let naive = naive.collect::<Vec<_>>().join("; ");
        wrapped(out, &format!("What others would show: {naive}. {}", words::NAIVE), "  ")?;
    }
    pairs(out, &it.method)?;
    for reason in &it.cannot_tell {
        wrapped(out, &format!("cannot tell {reason}"), "  ")?;
    }
    write!(out, "{DIM:#}")
}

/// Columns of the table of looks.
pub(super) const LOOKS: [&str; 6] =
    ["look", "fixed", "statistic", "threshold", "error spent", "says"];

fn looks_line([look, fixed, statistic, threshold, spent, says]: &[String; 6]) -> String {
    format!("{look:<14} {fixed:>7} {statistic:>10} {threshold:>10} {spent:>12}  {says}")
}

/// Names and values in two columns, long values continued below.
fn pairs(out: &mut dyn Write, pairs: &[(&'static str, String)]) -> io::Result<()> {
    let width = pairs.iter().map(|it| it.0.chars().count()).max().unwrap_or(0);
    for (name, value) in pairs {
        for (at, line) in wrap(value, WIDTH - width - 4, 0).iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            writeln!(out, "  {name:<width$}  {line}")?;
        }
    }
    Ok(())
}

fn wrapped(out: &mut dyn Write, text: &str, indent: &str) -> io::Result<()> {
    for line in wrap(text, WIDTH - indent.len(), 0) {
        writeln!(out, "{indent}{line}")?;
    }
    Ok(())
}

/// Lines of at most `width` characters, the first one after `used` others; a longer word is torn.
fn wrap(text: &str, width: usize, used: usize) -> Vec<String> {
    let (mut lines, mut line, mut n) = (Vec::new(), String::new(), used);
    // What is read in one breath stays in one line.
    let joined = text.replace(" %", "\u{a0}%").replace(" = ", "\u{a0}=\u{a0}");
    for word in joined.split(' ').filter(|it| !it.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        for (at, piece) in letters.chunks(width).enumerate() {
            let is_joined = !line.is_empty() && at == 0;
            if n + usize::from(is_joined) + piece.len() > width && n > 0 {
                lines.push(std::mem::take(&mut line));
                n = 0;
            } else if is_joined {
                line.push(' ');
                n += 1;
            }
            line.extend(piece);
            n += piece.len();
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|it| it.replace('\u{a0}', " ")).collect()
}
