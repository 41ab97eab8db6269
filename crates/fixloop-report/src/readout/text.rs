//! A readout on one screen: definition, headline, shares, splits, the slowest packages, limits.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_readout::{Group, Readout, Split};

use super::words;
use crate::time::day;
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Groups of one split shown before the heading says of how many.
const MAX_GROUPS: usize = 3;
const MAX_SLOWEST: usize = 5;
const MAX_LIMITS: usize = 4;
/// Characters of a name in the first column.
const NAME_WIDTH: usize = 30;

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_readout_text(readout: &Readout, out: &mut dyn Write) -> io::Result<()> {
    let (it, overall) = (&readout.definition, &readout.overall);
    write!(out, "{DIM}{}", visible(&readout.subject))?;
    if let Some(cut) = readout.cut {
        write!(out, " up to {}", day(cut))?;
    }
    let event = visible(&it.event);
    writeln!(out, "; {} per {}, from {} to {event}{DIM:#}", it.metric, it.unit, it.clock)?;
    writeln!(out, "{BOLD}{}{BOLD:#}", words::headline(overall, it))?;
    if overall.n_rows > 0 {
        writeln!(out)?;
        key_figures(overall, out)?;
        let splits = readout.splits.iter().filter(|it| it.groups.len() > 1);
        for (at, split) in splits.enumerate() {
            if at == 0 {
                writeln!(out)?;
            }
            write_split(split, out)?;
        }
        write_slowest(readout, out)?;
    }
    limits(readout, out)
}

fn key_figures(it: &Group, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![("median".to_owned(), words::median(&it.median, it.n_rows), {
        words::median_interval(&it.median)
    })];
    for share in &it.shares {
        lines.push((
            format!("fixed within {}", words::days(share.days)),
            words::share_value(share.fixed, it.n_rows),
            words::share_interval(share.fixed, it.n_rows),
        ));
    }
    lines.push((
        format!("mean open, first {}", words::days(it.horizon_days)),
        words::mean_value(it.restricted_mean),
        words::mean_interval(it.restricted_mean),
    ));
    let head = ("", "value", "95 % interval");
    writeln!(out, "{DIM}{:<NAME_WIDTH$} {:>14} {:>16}{DIM:#}", head.0, head.1, head.2)?;
    for (name, value, interval) in lines {
        writeln!(out, "{name:<NAME_WIDTH$} {value:>14} {interval:>16}")?;
    }
    if !it.interval_method.is_empty() {
        writeln!(out, "{DIM}intervals {}{DIM:#}", visible(&it.interval_method))?;
    }
    if let Some(from) = it.conditional_from_days {
        writeln!(out, "{DIM}for those still open at {}{DIM:#}", words::days(from))?;
    }
    Ok(())
}

fn write_split(split: &Split, out: &mut dyn Write) -> io::Result<()> {
    let title = match split.groups.len() {
        n if n > MAX_GROUPS => format!("{}, {MAX_GROUPS} of {n}", words::split_title(split.by)),
        _ => words::split_title(split.by).to_owned(),
    };
    let within = words::share_at_30(&split.groups[0])
        .map_or_else(|| "fixed".to_owned(), |it| format!("fixed {} d", words::number(it.days)));
    writeln!(
        out,
        "{BOLD}{title:<NAME_WIDTH$}{BOLD:#} {DIM}{:>7} {:>7} {:>7} {:>14} {:>14} {:>11}{DIM:#}",
        "n", "fixed", "open", "median", "95 % interval", within
    )?;
    for it in split.groups.iter().take(MAX_GROUPS) {
        let share = words::share_at_30(it).and_then(|it| it.fixed);
        writeln!(
            out,
            "{} {:>7} {:>7} {:>7} {:>14} {:>14} {:>11}",
            name(&it.name),
            words::count(it.n_rows),
            words::count(words::n_fixed(it)),
            words::count(it.n_open),
            words::median(&it.median, it.n_rows),
            words::median_interval(&it.median),
            words::share_value(share, it.n_rows),
        )?;
    }
    Ok(())
}

fn write_slowest(readout: &Readout, out: &mut dyn Write) -> io::Result<()> {
    if readout.slowest.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{BOLD}{:<NAME_WIDTH$}{BOLD:#} {DIM}{:>7} {:>7} {:>7} {:>14} {:>14}{DIM:#}",
        "Slowest packages", "n", "", "open", "median", "days open"
    )?;
    for it in readout.slowest.iter().take(MAX_SLOWEST) {
        writeln!(
            out,
            "{} {:>7} {:>7} {:>7} {:>14} {:>14}",
            name(&it.subject),
            words::count(it.n_rows),
            "",
            words::count(it.n_open),
            words::median(&it.median, it.n_rows),
            words::number(it.exposure_days),
        )?;
    }
    more(readout.slowest.len(), MAX_SLOWEST, out)
}

fn limits(readout: &Readout, out: &mut dyn Write) -> io::Result<()> {
    if readout.limits.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}What these numbers cannot show{BOLD:#}")?;
    for it in readout.limits.iter().take(MAX_LIMITS) {
        writeln!(out, "  - {}", visible(it))?;
    }
    more(readout.limits.len(), MAX_LIMITS, out)
}

fn more(n: usize, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    match n.checked_sub(shown).filter(|it| *it > 0) {
        Some(n) => writeln!(out, "{DIM}  and {n} more: --format html lists all{DIM:#}"),
        None => Ok(()),
    }
}

/// A name in the width of the first column, cut with a mark.
fn name(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= NAME_WIDTH {
        return format!("{text:<NAME_WIDTH$}");
    }
    let cut: String = text.chars().take(NAME_WIDTH - 1).collect();
    format!("{cut}…")
}
