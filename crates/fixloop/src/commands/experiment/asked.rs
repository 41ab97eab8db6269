//! What `analyze` and `export` are asked alike: the table, how teams were drawn, and the test.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fixloop_experiment::{Settings, Statistic, Theta};

use super::assigned;
use super::findings::{self, ExperimentColumns, Findings};
use super::written::share;
use crate::error::CommandError;
use crate::intervals::{Codes, ColumnArguments, condition};

#[derive(Args)]
pub(super) struct TestArguments {
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
    /// The assignment.json that teams were drawn by: arms are checked against it, pairs, platforms and the accepted set come from it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pair", "platform"])]
    assignment: Option<PathBuf>,
    /// Error that is accepted, two-sided
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    alpha: f64,
    /// What is compared: scores of teams adjusted for their history, or the log-rank numerator
    #[arg(long, value_enum, default_value_t = StatisticChoice::TeamScore)]
    statistic: StatisticChoice,
    /// Variance between teams for the weights of their scores: a number, or `history`
    #[arg(long, value_name = "THETA", default_value = "0.2", value_parser = theta)]
    theta: Theta,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum StatisticChoice {
    TeamScore,
    LogRank,
}

impl TestArguments {
    pub(super) fn codes(&self) -> Codes {
        Codes::new(&self.event)
    }

    /// The table as it is to be analysed, with the set that its assignment was drawn from.
    pub(super) fn findings(&self) -> Result<Findings, CommandError> {
        let mut findings = findings::read(
            &self.file,
            &self.columns,
            &self.experiment,
            &self.conditions,
            &self.codes(),
        )?;
        if let Some(file) = &self.assignment {
            findings.table.accepted = assigned::apply(&mut findings, file)?;
        }
        Ok(findings)
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            alpha: self.alpha,
            statistic: match self.statistic {
                StatisticChoice::TeamScore => Statistic::TeamScore,
                StatisticChoice::LogRank => Statistic::LogRank,
            },
            theta: self.theta,
            ..Settings::default()
        }
    }
}

fn theta(written: &str) -> Result<Theta, &'static str> {
    if written == "history" {
        return Ok(Theta::FromHistory);
    }
    let theta = written.parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0);
    theta.map(Theta::Fixed).ok_or("write `history` or a number of at least 0")
}
