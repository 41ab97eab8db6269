//! A plan on one screen: what is offered, what would change, what it cannot show.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_experiment::Variation;

use super::PlanReport;
use super::cannot_show::cannot_show;
use super::words;
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_experiment_plan_text(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let plan = &report.plan;
    writeln!(out, "{BOLD}{}{BOLD:#}", visible(&words::head(report)))?;
    writeln!(out)?;
    if plan.power().is_some() {
        let smallest = plan.outlook.smallest_effect.map_or_else(
            || "none that was tried".to_owned(),
            |it| format!("a {} cut", words::percent(it)),
        );
        writeln!(
            out,
            "smallest effect seen in {} of pilots: {smallest}",
            words::percent(plan.question.power)
        )?;
        let days =
            plan.days_to_decision().map_or_else(|| "none that was tried".to_owned(), words::days);
        writeln!(out, "days to a decision with these teams: {days}")?;
        variations("seen by days, one look", &plan.outlook.over_days, out)?;
        variations("seen by teams", &plan.outlook.over_teams, out)?;
    }
    if let Some(replay) = plan.offered().and_then(|it| it.replay.as_ref()) {
        let look = |it: &fixloop_experiment::LookPower| {
            format!("day {} {}", it.day, words::percent(it.power))
        };
        let looks: Vec<String> = replay.looks.iter().map(look).collect();
        writeln!(out, "seen by look: {}", looks.join(", "))?;
    }
    writeln!(out, "{}", words::needed(plan))?;
    writeln!(out, "\nDesigns that this treatment allows, the best first:")?;
    for (at, it) in plan.choices.iter().enumerate() {
        let mark = if plan.chosen == Some(at) { '*' } else { ' ' };
        writeln!(out, "{mark} {:<16} {}", it.design.as_str(), words::choice(it))?;
    }
    writeln!(out, "\n{BOLD}What this pilot cannot show{BOLD:#}")?;
    for it in cannot_show(report) {
        writeln!(out, "- {}", visible(&it))?;
    }
    writeln!(
        out,
        "\n{DIM}{}; {}{DIM:#}",
        visible(&words::past(report)),
        visible(&report.teams_from)
    )
}

fn variations(what: &str, all: &[Variation], out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let one = |it: &Variation| format!("{} {}", it.n, words::percent(it.power.share));
    let told: Vec<String> = all.iter().map(one).collect();
    writeln!(out, "{what}: {}", told.join(", "))
}
