//! What people read about interviews.

use std::io::{self, Write};

use fixloop_program::interviews::EditorReasons;
use fixloop_program::interviews::candidates::{Candidates, Side};
use fixloop_program::record::{ObjectId, Problem};
use fixloop_report::visible;

use super::filed::Heard;

/// Of a column of teams.
const MAX_WIDTH: usize = 28;

/// Comments from editors that are printed.
const MAX_COMMENTS: usize = 5;

pub(super) fn candidates(
    problem: &Problem,
    found: &Candidates,
    cut: jiff::Timestamp,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "Whom to ask about {}: {}", problem.id, visible(&problem.believe))?;
    writeln!(out, "Worst: {}", found.focus.words())?;
    let n = found.n_teams_with_a_case;
    let day = cut.strftime("%Y-%m-%d");
    writeln!(out, "Cases of the 180 days until {day}; teams with one: {n}")?;
    for note in &found.notes {
        writeln!(out, "Note: {note}")?;
    }
    for (side, name) in [(Side::Worst, "worst"), (Side::Best, "best")] {
        let teams: Vec<_> = found.teams.iter().filter(|it| it.side == side).collect();
        if teams.is_empty() {
            continue;
        }
        writeln!(out, "\n{name}")?;
        let names: Vec<String> = teams
            .iter()
            .map(|it| {
                let mark = if it.is_interviewed { " (interviewed)" } else { "" };
                format!("{}{mark}", visible(&it.team))
            })
            .collect();
        let width = names.iter().map(|it| it.chars().count()).max().unwrap_or(0).min(MAX_WIDTH);
        for (name, it) in names.iter().zip(teams) {
            writeln!(out, "  {name:width$}  {}", visible(&it.case.words))?;
        }
    }
    let Some(first) = found.teams.iter().find(|it| !it.is_interviewed) else {
        let what = if found.teams.is_empty() { "No team has" } else { "No further team has" };
        return writeln!(out, "\n{what} a recent case; fixloop interview new --team NAME asks any");
    };
    let (id, team) = (problem.id, quoted(&first.team));
    writeln!(out, "\nNext: fixloop interview new {id} --team {team} --into interview.md")
}

pub(super) fn lints(found: &[String], out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nFor the next interview:")?;
    for it in found {
        writeln!(out, "  {}", visible(it))?;
    }
    Ok(())
}

pub(super) fn heard(problem: ObjectId, heard: &Heard, out: &mut dyn Write) -> io::Result<()> {
    let rule = &heard.stop_rule;
    let noun = if rule.n == 1 { "interview" } else { "interviews" };
    writeln!(
        out,
        "\n{problem}: {} {noun}, {} for, {} against, {} neither",
        rule.n, rule.n_for, rule.n_against, rule.n_neither
    )?;
    for it in &rule.advice {
        writeln!(out, "  {it}")?;
    }
    editors(&heard.editors, out)?;
    writeln!(out, "Next: fixloop hypothesis show {problem} says what is missing")
}

fn editors(it: &EditorReasons, out: &mut dyn Write) -> io::Result<()> {
    if it.n() == 0 {
        return writeln!(out, "Editors: nobody called an alert not useful");
    }
    let unreadable = match it.unreadable {
        0 => String::new(),
        n => format!(", {n} for a reason that this build does not know"),
    };
    writeln!(
        out,
        "Editors: an alert was called not useful {} times: {} wrong, {} not mine, {} cannot now{unreadable}",
        it.n(),
        it.wrong,
        it.not_mine,
        it.cannot_now
    )?;
    for it in it.comments.iter().take(MAX_COMMENTS) {
        writeln!(out, "  {}: \"{}\"", it.reason.replace('_', " "), visible(&it.words))?;
    }
    Ok(())
}

/// As one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./@:+,".contains(it);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", visible(text).replace('\'', r"'\''"))
}
