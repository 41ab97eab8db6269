//! A draft key result in TOML 1.0: what is known is filled in, what a person has to say is named in comments.

use std::io::{self, Write};

use fixloop_program::{Answer, Baseline};

use super::{json, text};

pub(super) fn write(it: &Baseline, out: &mut dyn Write) -> io::Result<()> {
    let plan = &it.plan;
    let state = if it.is_accepted() { "accepted" } else { "not accepted" };
    writeln!(out, "# A draft key result, {state}. Checks that did not pass:")?;
    for check in it.checks.iter().filter(|it| it.answer != Answer::Pass) {
        let way_out = check.way_out.as_deref().unwrap_or("");
        let (answer, letter) = (check.answer.as_str(), check.letter.as_str());
        let line = format!("{letter} {answer}, {}: {}; {way_out}", check.name, check.words);
        writeln!(out, "#   {}", comment(&line))?;
    }
    writeln!(out, "\n[key_result]")?;
    writeln!(out, "statement = {}", quoted(&text::statement(it)))?;
    writeln!(out, "metric = {}", quoted(plan.metric.name()))?;
    writeln!(out, "statistic = {}", quoted(plan.metric.words()))?;
    writeln!(out, "unit = {}", quoted(json::unit(plan.metric.unit())))?;
    writeln!(out, "direction = \"decrease\"")?;
    writeln!(out, "population = {}", quoted(plan.population.option()))?;
    writeln!(out, "clock = {}", quoted(&it.definition.clock))?;
    writeln!(out, "event = {}", quoted(&it.definition.event))?;
    writeln!(out, "start = {}", plan.start)?;
    match plan.end {
        Some(end) => writeln!(out, "end = {end}")?,
        None => writeln!(out, "# end = the last day, as {}", plan.start)?,
    }
    to_fill(out, "owner", plan.owner.as_deref(), "the one person who answers for it")?;
    to_fill(out, "risk", plan.risk.as_deref(), "the risk or policy that it is about")?;
    let guards: Vec<String> = it.guards.iter().map(|it| quoted(it.metric)).collect();
    writeln!(out, "guard_metrics = [{}]", guards.join(", "))?;
    numbers(it, out)
}

fn numbers(it: &Baseline, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n[key_result.baseline]")?;
    match it.value {
        Some(value) => writeln!(out, "value = {}", float(value.value))?,
        None => writeln!(out, "# value: cannot tell")?,
    }
    match it.value.and_then(|it| it.interval) {
        Some((lower, upper)) => {
            writeln!(out, "interval = [{}, {}] # 95 %", float(lower), float(upper))?;
        }
        None => writeln!(out, "# interval: cannot tell")?,
    }
    writeln!(out, "window = {{ from = {}, until = {} }}", it.window.from, it.window.until)?;
    writeln!(out, "n_events = {}", it.n_fixed())?;
    writeln!(out, "n_teams = {}", it.group.n_teams)?;
    writeln!(out, "exposure_days = {}", float(it.group.exposure_days))?;
    writeln!(out, "\n[key_result.target]")?;
    if let Some(target) = it.plan.target {
        writeln!(out, "given = {}", quoted(&target.to_string()))?;
    }
    match it.wanted {
        Some(wanted) => writeln!(out, "value = {}", float(wanted.value)),
        None => writeln!(out, "# value: to be filled in"),
    }
}

fn to_fill(out: &mut dyn Write, key: &str, value: Option<&str>, what: &str) -> io::Result<()> {
    match value {
        Some(value) => writeln!(out, "{key} = {}", quoted(value)),
        None => writeln!(out, "{key} = \"\" # to be filled in: {what}"),
    }
}

/// A TOML float has a point.
fn float(value: f64) -> String {
    format!("{value:?}")
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            it if it.is_control() => quoted.extend(format!("\\u{:04X}", u32::from(it)).chars()),
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

/// A comment is one line without control characters.
fn comment(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}
