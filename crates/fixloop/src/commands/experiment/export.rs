//! `fixloop experiment export`: the data, our numbers, and two short scripts that compute them from the data again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::{
    Arm, Finding, Settings, Statistic, Table, TeamTest, TimeRatio, admissible, team_test,
    time_ratio, within_day,
};
use fixloop_stats::Outcome;
use serde_json::{Value, json};
use thiserror::Error;

use super::asked::TestArguments;
use crate::error::{CommandError, warn};
use crate::output::print;

const PYTHON: &str = include_str!("export/check.py");
const R: &str = include_str!("export/check.R");

/// Write the data with scripts in Python and R that compute the p-value and the interval again
///
/// Writes data.csv, expected.json (and, for R, expected.csv), check.py (standard library only) and check.R (base R only) into DIR;
/// draws.csv, too, if not every assignment of the blocks is compared. The scripts know nothing of fixloop: they follow the definition.
///
/// Exit code: 0 if every row was used, 2 if some could not be.
#[derive(Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    test: TestArguments,
    /// A folder for the files, which are written over
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

#[derive(Debug, Error)]
#[error("failed to write `{}`", path.display())]
struct CannotWrite {
    path: PathBuf,
    source: io::Error,
}

/// What our engine says.
struct Ours<'a> {
    table: &'a Table,
    settings: Settings,
    test: TeamTest,
    ratio: Option<TimeRatio>,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<ExitCode, CommandError> {
    let findings = arguments.test.findings()?;
    let settings = arguments.test.settings();
    let table = &findings.table;
    let test = team_test(table, &settings)?;
    let ratio = time_ratio(table, &settings);
    if let Err(error) = &ratio {
        warn(&format!("no interval to check: {error}"));
    }
    let is_listed = table.accepted.is_some() || !test.is_exhaustive;
    let ours = Ours { table, settings, test, ratio: ratio.ok() };
    let into = &arguments.into;
    let failed = |source| CannotWrite { path: into.clone(), source };
    fs::create_dir_all(into).map_err(failed)?;
    write(into, "data.csv", &data(table)?)?;
    write(into, "expected.json", &format!("{:#}\n", ours.json()))?;
    write(into, "expected.csv", &ours.csv()?)?;
    write(into, "check.py", PYTHON)?;
    write(into, "check.R", R)?;
    if is_listed {
        let rows = admissible(table, &settings)?;
        write(into, "draws.csv", &draws(table, &rows)?)?;
    } else if into.join("draws.csv").exists() {
        // Of another run: the scripts would take its rows for all there are.
        fs::remove_file(into.join("draws.csv")).map_err(failed)?;
    }
    print(|out| {
        writeln!(out, "p {} over {} assignments", ours.test.p.two_sided, ours.test.n_assignments)?;
        writeln!(out, "Run check.py or check.R in the folder: exit code 0 if they find the same.")
    })?;
    for line in findings.source.skipped_lines() {
        warn(&line);
    }
    Ok(findings.source.exit_code())
}

impl Ours<'_> {
    fn statistic(&self) -> &'static str {
        match self.settings.statistic {
            Statistic::TeamScore => "team-score",
            Statistic::LogRank => "log-rank",
        }
    }

    fn json(&self) -> Value {
        let (from, to, step) = self.settings.ratios;
        let ratio = self.ratio.as_ref();
        json!({
            "schema": "fixloop.check/1",
            "p_value": self.test.p.two_sided,
            "p_greater": self.test.p.greater,
            "difference": self.test.difference,
            "assignments": self.test.n_assignments,
            "low": ratio.and_then(|it| it.low),
            "high": ratio.and_then(|it| it.high),
            "time_ratio": ratio.and_then(|it| it.point),
            "teams": self.table.teams.iter().map(|it| &it.name).collect::<Vec<_>>(),
            "settings": {
                "alpha": self.settings.alpha,
                "statistic": self.statistic(),
                "theta": self.test.theta,
                "ratios": [from, to, step],
                "is_exhaustive": self.test.is_exhaustive,
            },
        })
    }

    /// The same for R, which reads no JSON.
    fn csv(&self) -> Result<String, CommandError> {
        let (from, to, step) = self.settings.ratios;
        let ratio = self.ratio.as_ref();
        let ratio = |of: fn(&TimeRatio) -> Option<f64>| maybe(ratio.and_then(of));
        let mut rows = vec![
            ["name".to_owned(), "value".to_owned()],
            ["p_value".to_owned(), self.test.p.two_sided.to_string()],
            ["p_greater".to_owned(), self.test.p.greater.to_string()],
            ["difference".to_owned(), self.test.difference.to_string()],
            ["assignments".to_owned(), self.test.n_assignments.to_string()],
            ["low".to_owned(), ratio(|it| it.low)],
            ["high".to_owned(), ratio(|it| it.high)],
            ["time_ratio".to_owned(), ratio(|it| it.point)],
            ["alpha".to_owned(), self.settings.alpha.to_string()],
            ["statistic".to_owned(), self.statistic().to_owned()],
            ["theta".to_owned(), self.test.theta.to_string()],
            ["ratio_from".to_owned(), from.to_string()],
            ["ratio_to".to_owned(), to.to_string()],
            ["ratio_step".to_owned(), step.to_string()],
        ];
        rows.extend(self.table.teams.iter().map(|it| ["team".to_owned(), it.name.clone()]));
        table_text(rows)
    }
}

fn data(table: &Table) -> Result<String, CommandError> {
    let header = [
        "team",
        "arm",
        "block",
        "platform",
        "stratum",
        "period",
        "entry",
        "time",
        "cause",
        "limit",
        "within_day",
    ];
    let during: Vec<&Finding> = table.during().collect();
    let mut taken = within_day(&during).into_iter();
    let row = |it: &Finding| {
        let team = &table.teams[it.team as usize];
        let cause = match it.observation.outcome() {
            Outcome::Censored => 0,
            Outcome::Event(cause) => cause,
        };
        [
            team.name.clone(),
            u8::from(it.arm == Arm::Treated).to_string(),
            team.block.to_string(),
            team.platform.map_or_else(String::new, |it| it.to_string()),
            it.stratum.to_string(),
            if it.is_before { "before" } else { "during" }.to_owned(),
            maybe(it.observation.entry()),
            it.observation.time().to_string(),
            cause.to_string(),
            maybe(it.limit),
            if it.is_before { 0.0 } else { taken.next().unwrap_or(0.0) }.to_string(),
        ]
    };
    let rows = table.findings.iter().map(row);
    table_text(std::iter::once(header.map(str::to_owned)).chain(rows))
}

/// One column for each team, one row for each assignment.
fn draws(table: &Table, rows: &[Vec<bool>]) -> Result<String, CommandError> {
    let header: Vec<String> = table.teams.iter().map(|it| it.name.clone()).collect();
    let row = |it: &Vec<bool>| it.iter().map(|it| u8::from(*it).to_string()).collect();
    table_text(std::iter::once(header).chain(rows.iter().map(row)))
}

/// Shortest digits that read back as the same number.
fn maybe(number: Option<f64>) -> String {
    number.map_or_else(String::new, |it| it.to_string())
}

fn table_text<R: IntoIterator<Item = String>>(
    rows: impl IntoIterator<Item = R>,
) -> Result<String, CommandError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8(bytes)?)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), CannotWrite> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|source| CannotWrite { path, source })
}
