//! The programme as one HTML file that loads nothing: styles and charts are inside, there is no script.
//!
//! Foreign text is visible already (see [`super::cards`]); askama escapes it in the template.

use std::io::{self, Write};

use askama::Template;
use fixloop_program::record::{DecisionVerdict, ProblemState, Record};

use super::ProgramReport;
use super::cards::{Card, Group, groups, logged, overrides};
use super::chart::{self, Loops, Progress};
use super::clock::{Clocks, clocks, median, median_interval};
use super::words::when;
use crate::readout::words::counted;

/// Lines of the log on the page: `fixloop program export` has all.
const MAX_LOG: usize = 500;

/// Kinds that have a section of their own; the others are further down, folded.
const SHOWN: [&str; 5] = ["key-results", "hypotheses", "solutions", "experiments", "decisions"];

#[derive(Template)]
#[template(path = "program.html")]
struct Page {
    headline: String,
    clock_says: String,
    seen: String,
    is_clock_set: bool,
    loops: Option<Loops>,
    standings: Vec<[String; 3]>,
    stages: Vec<[String; 5]>,
    stuck: Vec<String>,
    sections: Vec<Section>,
    overrides: Vec<[String; 4]>,
    more: Vec<Group>,
    log: Vec<[String; 5]>,
    log_note: Option<String>,
}

struct Section {
    of: Group,
    /// Of key results, by id.
    charts: Vec<Progress>,
}

impl Section {
    fn chart(&self, card: &Card) -> Option<&Progress> {
        self.charts.iter().find(|it| it.id == card.id)
    }
}

/// Writes the whole document.
pub fn write_program_html(report: &ProgramReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let clocks = clocks(report.record, report.now);
    let (mut shown, mut more) = (Vec::new(), Vec::new());
    for of in groups(report) {
        if SHOWN.contains(&of.key) {
            let is_charted = of.key == "key-results";
            let charts = report.record.key_results.values().filter_map(chart::progress);
            let charts = if is_charted { charts.collect() } else { Vec::new() };
            shown.push(Section { of, charts });
        } else {
            more.push(of);
        }
    }
    more.retain(|it| !it.cards.is_empty());
    let n = report.entries.len();
    let page = Page {
        headline: headline(report.record),
        clock_says: clocks.says(),
        seen: when(report.now),
        is_clock_set: report.entries.iter().any(|it| it.is_clock_set),
        loops: chart::loops(&clocks),
        standings: standings(&clocks),
        stages: stages(&clocks),
        stuck: stuck(&clocks),
        sections: shown,
        overrides: overrides(report),
        more,
        log: report.entries.iter().rev().take(MAX_LOG).map(logged).collect(),
        log_note: (n > MAX_LOG)
            .then(|| format!("The last {MAX_LOG} of {n} entries; fixloop program export has all.")),
    };
    // A percent sign stays with its number.
    let html = page.render().map_err(io::Error::other)?.replace(" %", "\u{202f}%");
    out.write_all(html.as_bytes())
}

/// How far the loop is, in one sentence.
fn headline(record: &Record) -> String {
    let n_problems = record.problems.len();
    if n_problems == 0 {
        return "No hypothesis yet.".to_owned();
    }
    let of_state = |state: ProblemState| {
        let n = record.problems.values().filter(|it| it.state == state).count();
        (n > 0).then(|| format!("{n} {}", state.as_str()))
    };
    let states = [
        ProblemState::Confirmed,
        ProblemState::Supported,
        ProblemState::Rejected,
        ProblemState::Inconclusive,
    ];
    let states: Vec<String> = states.into_iter().filter_map(of_state).collect();
    let decided = if states.is_empty() { "none judged yet".to_owned() } else { states.join(", ") };
    let mut text =
        format!("{}: {decided}.", counted(n_problems, "hypothesis", "hypotheses"));
    let n_open = record.experiments.values().filter(|it| it.is_open()).count();
    if n_open > 0 {
        text += &format!(" {} open.", counted(n_open, "experiment", "experiments"));
    }
    let expanded = record.decisions.values();
    let n_expanded =
        expanded.filter(|it| it.decided.verdict == DecisionVerdict::Expand).count();
    let n_decisions = record.decisions.len();
    if n_decisions > 0 {
        text += &format!(
            " {}, {n_expanded} to expand.",
            counted(n_decisions, "decision", "decisions")
        );
    }
    text
}

fn standings(clocks: &Clocks<'_>) -> Vec<[String; 3]> {
    let row = |(problem, clock): &(&fixloop_program::record::Problem, _)| {
        let believe = super::words::seen(&problem.believe);
        [problem.id.to_string(), believe, clocks.standing(clock)]
    };
    clocks.loops.iter().map(row).collect()
}

fn stages(clocks: &Clocks<'_>) -> Vec<[String; 5]> {
    let row = |it: &fixloop_program::record::StageTime| {
        [
            it.stage.words().to_owned(),
            median(&it.median),
            median_interval(&it.median),
            it.n_reached.to_string(),
            it.n_open.to_string(),
        ]
    };
    clocks.stages.iter().map(row).collect()
}

fn stuck(clocks: &Clocks<'_>) -> Vec<String> {
    let all = clocks.loops.iter().filter(|it| clocks.stuck_at(&it.1).is_some());
    all.map(|(problem, clock)| format!("{} {}", problem.id, clocks.standing(clock))).collect()
}
