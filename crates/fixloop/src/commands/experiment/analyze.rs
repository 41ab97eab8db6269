//! `fixloop experiment analyze`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_experiment::{
    Design, Question, Registration, Schedule, TableError, analyze, health_checks, registration,
    waves,
};
use fixloop_readout::{Ages, Definition, Input, Readout, Row, readout};
use fixloop_report::{
    ExperimentReport, Outlook, experiment_json, write_experiment_html, write_experiment_markdown,
    write_experiment_text,
};
use thiserror::Error;

use super::asked::TestArguments;
use super::findings::Findings;
use super::guardrails;
use super::health::{self, HealthArguments};
use super::written::{days, percent};
use crate::error::{CommandError, warn};
use crate::intervals::Table;
use crate::output::print;

/// Whether a treatment worked: exact with a dozen teams, honest about what it cannot show
///
/// Reads a CSV file with one row per finding: team, arm as assigned, stratum, entry, time and status (as `fixloop analyze` reads them), and
/// the period, if the teams' history is in the table. The decision is a randomisation test on one score per team; everything else is
/// shown beside it. Nothing leaves this machine.
///
/// Exit code: 0 if every row was used, 2 if some could not be.
#[derive(Args)]
pub(crate) struct AnalyzeArguments {
    #[command(flatten)]
    test: TestArguments,
    /// Smallest share of time to fix that is worth the trouble
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = percent)]
    worthwhile: f64,
    /// Up to which age means and shares go, in days
    #[arg(long, value_name = "DAYS", default_value = "14", value_parser = days)]
    horizon: f64,
    /// How findings came to their arms
    #[arg(long, value_enum, default_value_t = DesignChoice::Team)]
    design: DesignChoice,
    /// Planned looks: days since the start, the last being the end; or `usual:END`, every working day of two weeks or every week
    #[arg(long, value_name = "DAYS", value_parser = schedule)]
    looks: Option<Schedule>,
    /// The day of this look [default: the last planned one that the data reaches]
    #[arg(long, value_name = "DAY", requires = "looks", value_parser = days)]
    now: Option<f64>,
    #[command(flatten)]
    health: HealthArguments,
    /// Numbers of guardrails: guardrail, team, numerator, denominator, and margin and day if wanted; dismissal is in the findings
    #[arg(long, value_name = "FILE.CSV")]
    guardrails: Option<PathBuf>,
    /// The hash that this analysis printed before the numbers were known: a changed metric, schedule or column is refused
    #[arg(long, value_name = "HASH")]
    registered: Option<String>,
    /// The experiment goes on: an interval that holds both is no end
    #[arg(long)]
    running: bool,
    /// For people: text, Markdown for a comment, or one HTML file that loads nothing; for scripts: `fixloop.experiment/1`
    #[arg(long, value_enum, default_value_t = ExperimentFormat::Text)]
    format: ExperimentFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExperimentFormat {
    Text,
    Json,
    Markdown,
    Html,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum DesignChoice {
    /// Whole teams were drawn
    Team,
    /// Findings were drawn inside their teams
    InsideTeam,
    /// Teams were chosen: supports at best, never confirms
    Observational,
}

pub(super) fn schedule(written: &str) -> Result<Schedule, String> {
    let number = |it: &str| it.trim().parse::<f64>().map_err(|_| format!("`{it}` is no day"));
    match written.strip_prefix("usual:") {
        Some(end) => Schedule::usual(number(end)?),
        None => Schedule::new(written.split(',').map(number).collect::<Result<_, _>>()?),
    }
    .map_err(|it| it.to_string())
}

/// The day of this look, where looks are planned: as asked, or the last planned one that the data reaches.
fn now(arguments: &AnalyzeArguments, findings: &Findings) -> Result<Option<f64>, CommandError> {
    let Some(schedule) = &arguments.looks else { return Ok(None) };
    if findings.is_dated && findings.started.is_none() {
        let error = CommandError::from(LooksError::Dated);
        return Err(error.hint("say when the experiment started: --started 2026-11-02"));
    }
    let Some(reached) = findings.last_day() else {
        let error = CommandError::from(LooksError::NoDays);
        return Err(
            error.hint("--day names the column: days from the experiment's start to the finding's")
        );
    };
    // Dates are cut somewhere inside their last day.
    let planned = schedule.days.iter().copied().rfind(|it| *it <= reached.ceil());
    Ok(arguments.now.or(planned).or(Some(reached)))
}

#[derive(Debug, Error)]
#[error(
    "the question is not the registered one: `{registered}` was registered, and this is `{now}`"
)]
struct NotRegistered {
    registered: String,
    now: String,
}

#[derive(Debug, Error)]
enum LooksError {
    #[error("looks are days of the experiment, and the table has dates")]
    Dated,
    #[error("looks need to know on which day each finding started")]
    NoDays,
}

fn outlook(schedule: Option<&Schedule>, now: Option<f64>) -> Outlook {
    let next = schedule.zip(now);
    Outlook {
        settles: None,
        next_look_day: next.and_then(|(it, now)| it.days.iter().copied().find(|it| *it > now)),
        n_looks: schedule.map(|it| it.days.len()),
    }
}

pub(crate) fn run(arguments: &AnalyzeArguments) -> Result<ExitCode, CommandError> {
    let (report, source) = report(arguments)?;
    write(&report, arguments.format)?;
    for line in source.skipped_lines() {
        warn(&line);
    }
    Ok(source.exit_code())
}

/// The analysis, with the table as it was read.
pub(super) fn report(
    arguments: &AnalyzeArguments,
) -> Result<(ExperimentReport, Table), CommandError> {
    let mut findings = arguments.test.findings()?;
    let now = now(arguments, &findings)?;
    let end = arguments.looks.as_ref().and_then(|it| it.days.last().copied());
    let design = match arguments.design {
        DesignChoice::Team => Design::TeamRandomized,
        DesignChoice::InsideTeam => Design::InsideTeam,
        DesignChoice::Observational => Design::Observational,
    };
    let records = health::read(&arguments.health, &findings.table)?;
    let guardrails = guardrails::read(arguments.guardrails.as_deref(), &findings.table, &records)?;
    let question = Question {
        settings: arguments.test.settings(),
        horizon: arguments.horizon,
        worthwhile: arguments.worthwhile,
        health: health_checks(&findings.table, design, &records),
        guardrails,
        has_time_left: arguments.running || now.zip(end).is_some_and(|(now, end)| now < end),
        schedule: arguments.looks.clone(),
        now,
        advisories: findings.advisories.take(),
    };
    let registration = registration(
        design,
        &question,
        &arguments.test.codes().listed().join(", "),
        &findings.source.columns,
    );
    check_registered(arguments.registered.as_deref(), &registration)?;
    let mut analysis = analyze(&findings.table, design, &question).map_err(|error| {
        let is_inside = matches!(error, TableError::BothArms { .. });
        let error = CommandError::from(error);
        let hint = "a team keeps the arm it was assigned; if findings were drawn inside their teams, add --design inside-team";
        if is_inside { error.hint(hint) } else { error }
    })?;
    if analysis.withheld.is_none() {
        let tables = findings.tables_of_waves();
        let tables = tables.iter().map(|(name, table)| (name.clone(), table));
        analysis.waves = waves(tables, &question.settings);
    }
    let rows = if analysis.withheld.is_some() { Vec::new() } else { findings.rows };
    let report = ExperimentReport {
        subject: findings.source.name.clone(),
        columns: findings.source.columns.clone(),
        limits_from: findings.limits.to_owned(),
        curves: curves(rows, arguments.horizon, &findings.source),
        question,
        analysis,
        registration,
        outlook: outlook(arguments.looks.as_ref(), now),
    };
    Ok((report, findings.source))
}

/// The curves of the arms, by the readout that `analyze` prints.
fn curves(rows: Vec<Row>, horizon: f64, source: &Table) -> Readout {
    readout(Input {
        subject: source.name.clone(),
        definition: Definition {
            metric: "time_to_event".into(),
            noun: ("finding", "findings"),
            unit: "finding".into(),
            clock: "the table's own origin".into(),
            event: format!("{} is a fix", source.status_column).into(),
            competing: "every other code that is not 0".into(),
            dropped: "withdrawn".into(),
            censored: "0, open or censored".into(),
        },
        ages: Ages { shares: vec![7.0, 14.0, 30.0], horizon },
        rows,
        cut: None,
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
    })
}

pub(crate) fn write(report: &ExperimentReport, format: ExperimentFormat) -> io::Result<()> {
    print(|out| match format {
        ExperimentFormat::Text => write_experiment_text(report, out),
        ExperimentFormat::Json => writeln!(out, "{:#}", experiment_json(report)),
        ExperimentFormat::Markdown => write_experiment_markdown(report, out),
        ExperimentFormat::Html => write_experiment_html(report, out),
    })
}

/// That the question is the one whose hash was noted.
fn check_registered(asked: Option<&str>, registration: &Registration) -> Result<(), CommandError> {
    let now = registration.hash.to_string();
    match asked {
        Some(registered) if registered != now => {
            let error =
                CommandError::from(NotRegistered { registered: registered.to_owned(), now });
            Err(error.hint(format!(
                "this analysis is: {}; an edit is another experiment, whose looks begin anew",
                registration.lines.join("; ")
            )))
        }
        _ => Ok(()),
    }
}
