//! `fixloop experiment analyze`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_experiment::{Question, Settings, Statistic, Theta, analyze};
use fixloop_readout::{Ages, Definition, Input, Readout, Row, readout};
use fixloop_report::{
    ExperimentReport, Outlook, experiment_json, write_experiment_html, write_experiment_markdown,
    write_experiment_text,
};

use super::findings::{self, ExperimentColumns};
use crate::error::{CommandError, warn};
use crate::intervals::{Codes, ColumnArguments, Table, condition};
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
    /// A CSV file with a header; comma, semicolon or tab between cells
    file: PathBuf,
    #[command(flatten)]
    columns: ColumnArguments,
    #[command(flatten)]
    experiment: ExperimentColumns,
    /// Status codes that are a fix; other codes compete, and 0, open and censored are censored
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "1")]
    event: Vec<String>,
    /// Only rows with this value in this column; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// Error that is accepted, two-sided
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    alpha: f64,
    /// What is compared: scores of teams adjusted for their history, or the log-rank numerator
    #[arg(long, value_enum, default_value_t = StatisticChoice::TeamScore)]
    statistic: StatisticChoice,
    /// Variance between teams for the weights of their scores: a number, or `history`
    #[arg(long, value_name = "THETA", default_value = "0.2", value_parser = theta)]
    theta: Theta,
    /// Smallest share of time to fix that is worth the trouble
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = percent)]
    worthwhile: f64,
    /// Up to which age means and shares go, in days
    #[arg(long, value_name = "DAYS", default_value = "14", value_parser = days)]
    horizon: f64,
    /// The experiment goes on: an interval that holds both is no end
    #[arg(long)]
    running: bool,
    /// For people: text, Markdown for a comment, or one HTML file that loads nothing; for scripts: `fixloop.experiment/1`
    #[arg(long, value_enum, default_value_t = ExperimentFormat::Text)]
    format: ExperimentFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum ExperimentFormat {
    Text,
    Json,
    Markdown,
    Html,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum StatisticChoice {
    TeamScore,
    LogRank,
}

fn theta(written: &str) -> Result<Theta, &'static str> {
    if written == "history" {
        return Ok(Theta::FromHistory);
    }
    let theta = written.parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0);
    theta.map(Theta::Fixed).ok_or("write `history` or a number of at least 0")
}

fn share(written: &str) -> Result<f64, &'static str> {
    let share = written.trim().parse().ok().filter(|it: &f64| *it > 0.0 && *it < 1.0);
    share.ok_or("write a number between 0 and 1")
}

fn percent(written: &str) -> Result<f64, &'static str> {
    let number = written.trim().trim_end_matches('%').trim().parse().ok();
    let number = number.filter(|it: &f64| *it > 0.0 && *it < 100.0).map(|it| it / 100.0);
    number.ok_or("write a number of percent between 0 and 100")
}

fn days(written: &str) -> Result<f64, &'static str> {
    let days = written.trim().parse().ok().filter(|it: &f64| it.is_finite() && *it > 0.0);
    days.ok_or("write a number of days above 0")
}

pub(crate) fn run(arguments: &AnalyzeArguments) -> Result<ExitCode, CommandError> {
    let codes = Codes::new(&arguments.event);
    let findings = findings::read(
        &arguments.file,
        &arguments.columns,
        &arguments.experiment,
        &arguments.conditions,
        &codes,
    )?;
    let question = Question {
        settings: Settings {
            alpha: arguments.alpha,
            statistic: match arguments.statistic {
                StatisticChoice::TeamScore => Statistic::TeamScore,
                StatisticChoice::LogRank => Statistic::LogRank,
            },
            theta: arguments.theta,
            ..Settings::default()
        },
        horizon: arguments.horizon,
        worthwhile: arguments.worthwhile,
        health: Vec::new(),
        guardrails: Vec::new(),
        has_time_left: arguments.running,
    };
    let analysis = analyze(&findings.table, &question)?;
    let report = ExperimentReport {
        subject: findings.source.name.clone(),
        columns: findings.source.columns.clone(),
        limits_from: findings.limits.to_owned(),
        curves: curves(findings.rows, arguments.horizon, &findings.source),
        question,
        analysis,
        outlook: Outlook::default(),
    };
    match arguments.format {
        ExperimentFormat::Text => print(|out| write_experiment_text(&report, out))?,
        ExperimentFormat::Json => {
            let document = experiment_json(&report);
            print(|out| writeln!(out, "{document:#}"))?;
        }
        ExperimentFormat::Markdown => print(|out| write_experiment_markdown(&report, out))?,
        ExperimentFormat::Html => print(|out| write_experiment_html(&report, out))?,
    }
    for line in findings.source.skipped_lines() {
        warn(&line);
    }
    Ok(findings.source.exit_code())
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
