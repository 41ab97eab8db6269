//! A baseline for people: the verdict first, then the numbers, the checks and the next command.

use std::io::{self, Write};

use fixloop_program::{Answer, Baseline, Unit, days, number, percent};
use fixloop_readout::Quantile;
use fixloop_report::visible;

/// Places where lines break, in characters.
const WIDTH: usize = 100;
/// Where the words of a check begin.
const INDENT: usize = 21;

pub(super) fn write(it: &Baseline, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", verdict(it))?;
    writeln!(out, "{}", visible(&statement(it)))?;
    writeln!(out)?;
    figures(it, out)?;
    writeln!(out)?;
    checks(it, out)?;
    writeln!(out, "\n{}", next(it))
}

fn verdict(it: &Baseline) -> String {
    let warnings = match it.n_of(Answer::Warn) {
        0 => "without a warning".to_owned(),
        1 => "with 1 warning".to_owned(),
        n => format!("with {n} warnings"),
    };
    match it.n_of(Answer::Block) {
        0 => format!("Accepted as a draft, {warnings}."),
        1 => "Not accepted: 1 thing is missing.".to_owned(),
        n => format!("Not accepted: {n} things are missing."),
    }
}

/// The key result in one sentence.
pub(super) fn statement(it: &Baseline) -> String {
    let metric = it.plan.metric;
    let value = it.value.map_or("cannot tell".to_owned(), |it| metric.show(it.value));
    let target = match (it.wanted, it.plan.target) {
        (Some(wanted), _) => {
            format!("{} (-{})", metric.show(wanted.value), percent(wanted.reduction))
        }
        (None, Some(target)) => format!("target {target}"),
        (None, None) => "no target".to_owned(),
    };
    let end = it.plan.end.map_or("no deadline".to_owned(), |it| format!("by {it}"));
    let given = it.plan.statement.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
    format!(
        "{given}{} ({}) of {}: from {value} to {target}, {end}",
        metric.name(),
        metric.words(),
        it.plan.population.words()
    )
}

fn figures(it: &Baseline, out: &mut dyn Write) -> io::Result<()> {
    let (metric, group) = (it.plan.metric, &it.group);
    let cannot_tell = || "cannot tell".to_owned();
    let mut line = |name: &str, text: &str| wrapped(name, text, out);
    line("read", &format!("{}; today is {}", it.subject, it.today))?;
    line("clock", &it.definition.clock)?;
    line("event", &format!("{}; {} competes", it.definition.event, it.definition.competing))?;
    let window = &it.window;
    line("window", &format!("{} to {}: {}", window.from, window.until, window.why))?;
    let value = it.value.map_or_else(cannot_tell, |it| metric.show(it.value));
    let interval = it.value.and_then(|it| it.interval).map_or_else(cannot_tell, |(from, to)| {
        match metric.unit() {
            Unit::Days => format!("{} to {}", number(from), days(to)),
            Unit::Share => format!("{} to {}", number(from * 100.0), percent(to)),
        }
    });
    line("baseline", &format!("{value}, 95 % interval {interval} ({})", group.interval_method))?;
    let of_all = it.of_all.map_or_else(cannot_tell, |it| metric.show(it.value));
    line("", &format!("{of_all} over everything mined, as fixloop history has it"))?;
    line(
        "events",
        &format!("{} fixed of {}, {} still open", it.n_fixed(), group.n_rows, group.n_open),
    )?;
    line("teams", &group.n_teams.to_string())?;
    let per_100 = it.exposure_days_per_100_targets_a_month.map_or_else(cannot_tell, number);
    let exposure = number(group.exposure_days);
    line("exposure-days", &format!("{exposure}; {per_100} per 100 targets and month"))?;
    line("median", &median(&group.median))?;
    let shares = group.shares.iter().map(|share| {
        let fixed = share.fixed.map_or_else(cannot_tell, |it| percent(it.value));
        format!("{fixed} in {} d", number(share.days))
    });
    line("fixed", &shares.collect::<Vec<_>>().join(", "))?;
    let guards = it
        .guards
        .iter()
        .map(|guard| format!("{} {}", guard.metric, guard.value.map_or_else(cannot_tell, percent)));
    line("guards", &guards.collect::<Vec<_>>().join(", "))
}

fn median(it: &Quantile) -> String {
    let value = it.value.map_or("not reached".to_owned(), days);
    let bound = |value: Option<f64>| value.map_or("not reached".to_owned(), number);
    match (it.lower, it.upper) {
        (None, None) => value,
        (lower, upper) => format!("{value}, 95 % interval {} to {}", bound(lower), bound(upper)),
    }
}

fn checks(it: &Baseline, out: &mut dyn Write) -> io::Result<()> {
    for check in &it.checks {
        let head = format!("{} {:<5} {}", check.letter.as_str(), check.answer.as_str(), check.name);
        wrapped(&head, &check.words, out)?;
        if let Some(way_out) = &check.way_out {
            wrapped("", &format!("→ {way_out}"), out)?;
        }
    }
    Ok(())
}

/// A name, and its text beside it, broken between words.
fn wrapped(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = visible(text);
    let mut line = format!("{name:<INDENT$}");
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(INDENT);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{}", line.trim_end())
}

fn next(it: &Baseline) -> &'static str {
    if it.is_accepted() {
        "Next: the same command with --format toml > kr.toml writes the draft key result."
    } else {
        "Next: name what is missing and run the same command again."
    }
}
