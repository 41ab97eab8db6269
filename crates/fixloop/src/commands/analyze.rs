//! `fixloop analyze`.

mod arms;
mod estimates;
mod json;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_readout::{Ages, Definition, Input, Readout, TIME_TO_FIX, readout};
use fixloop_report::{
    ReadoutJson, readout_json, write_readout_html, write_readout_text, write_rows_csv,
};
use serde::Serialize;
use serde_json::{Value, json};

use self::estimates::{Estimated, Estimates, Points};
use crate::error::{CommandError, warn};
use crate::intervals::{self, Codes, ColumnArguments, Table, condition};
use crate::output::{ReadoutFormat, print, print_plain};

/// The readouts of any table of intervals, to be checked against R in a minute
///
/// Reads a CSV file with one row per interval: an age at its end (`time`), how it ended (`status`), and, if it was not watched from the
/// start, the age at which it came under observation (`entry`). A table written by `fixloop history --format csv` is read as it is.
/// Nothing leaves this machine.
///
/// Exit code: 0 if every row was used, 2 if some could not be.
#[derive(Args)]
pub(crate) struct AnalyzeArguments {
    /// A CSV file with a header; comma, semicolon or tab between cells
    file: PathBuf,
    #[command(flatten)]
    columns: ColumnArguments,
    /// Status codes that are the event; other codes compete, and 0, open and censored are censored
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "1")]
    event: Vec<String>,
    /// Only rows with this value in this column; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// Up to which age the restricted mean goes, in days (the table's unit)
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = age)]
    horizon: f64,
    /// Ages at which curves are told
    #[arg(long, value_name = "DAYS", value_delimiter = ',', default_value = "7,14,30,90", value_parser = age)]
    times: Vec<f64>,
    /// For people, `fixloop.analyze/1` for scripts, the rows as they were understood, or one self-contained page
    #[arg(long, value_enum, default_value_t = ReadoutFormat::Text)]
    format: ReadoutFormat,
}

fn age(written: &str) -> Result<f64, &'static str> {
    let age = written.trim().parse().ok().filter(|it: &f64| it.is_finite() && *it > 0.0);
    age.ok_or("write a number of days above 0")
}

pub(crate) fn run(arguments: &AnalyzeArguments) -> Result<ExitCode, CommandError> {
    let codes = Codes::new(&arguments.event);
    let mut table =
        intervals::read(&arguments.file, &arguments.columns, &arguments.conditions, &codes, &[])?;
    let points = Points::new(&arguments.times, arguments.horizon);
    let rows = std::mem::take(&mut table.rows);
    let estimated = Estimated::of(&rows);
    let input = Input {
        subject: subject(arguments, &table),
        definition: definition(&codes, &table),
        ages: Ages { shares: points.times.clone(), horizon: arguments.horizon },
        rows,
        cut: None,
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: limits(&table),
    };
    let (mut readout, estimates) = rayon::join(|| read_out(input), || estimated.estimates(points));
    readout.facts = facts(&table, &estimates);
    match arguments.format {
        ReadoutFormat::Text => print(|out| {
            write_readout_text(&readout, out)?;
            text::write_comparison(&estimates, out)?;
            table.write_skipped(out)
        })?,
        ReadoutFormat::Json => {
            let document = document(&codes, &table, &estimates, &readout);
            print_plain(|out| {
                serde_json::to_writer_pretty(&mut *out, &document)?;
                writeln!(out)
            })?;
        }
        ReadoutFormat::Csv => print(|out| write_rows_csv(&readout.rows, out))?,
        ReadoutFormat::Html => print(|out| write_readout_html(&readout, out))?,
    }
    if matches!(arguments.format, ReadoutFormat::Csv | ReadoutFormat::Html) {
        for line in table.skipped_lines() {
            warn(&line);
        }
    }
    Ok(table.exit_code())
}

fn subject(arguments: &AnalyzeArguments, table: &Table) -> String {
    let conditions: Vec<String> =
        arguments.conditions.iter().map(|(column, value)| format!("{column}={value}")).collect();
    if conditions.is_empty() {
        table.name.clone()
    } else {
        format!("{} where {}", table.name, conditions.join(" and "))
    }
}

fn facts(table: &Table, estimates: &Estimates) -> Vec<(String, String)> {
    let mut facts = vec![("columns".to_owned(), table.columns.clone())];
    if let Some(separator) = table.unusual_separator {
        facts.push(("separator".to_owned(), separator.to_owned()));
    }
    facts.extend(text::comparison_facts(estimates));
    facts
}

fn limits(table: &Table) -> Vec<String> {
    let mut limits = Vec::new();
    if let Some(separator) = table.unusual_separator {
        limits.push(format!("Cells are separated by a {separator}, as the header shows."));
    }
    if table.n_skipped > 0 {
        let rows = if table.n_skipped == 1 { "row" } else { "rows" };
        limits.push(format!("{} {rows} could not be used.", table.n_skipped));
    }
    limits
}

/// The readout, with how the comparisons are made.
fn read_out(input: Input) -> Readout {
    let mut readout = readout(input);
    if readout.definition != TIME_TO_FIX {
        let text =
            "Fixed is an end by the event of the definition; competing ends count as suppressed.";
        readout.method.insert(0, text.to_owned());
    }
    let text = "Comparisons: log-rank with the hypergeometric variance; by team, the sum of squared team scores with t of teams minus two (Lin & Wei 1989); the difference of restricted means by the delete-one-team jackknife within arms. Here, and in every estimate of the JSON output but the incidences, competing ends are censored, as R's survfit and survdiff have it.";
    readout.method.push(text.to_owned());
    readout
}

/// What the numbers of this table mean.
fn definition(codes: &Codes, table: &Table) -> Definition {
    if table.is_own && codes.is_usual {
        return TIME_TO_FIX;
    }
    Definition {
        metric: "time_to_event".into(),
        noun: ("row", "rows"),
        unit: "row".into(),
        clock: "the table's own origin".into(),
        event: format!("{} is {}", table.status_column, codes.written()).into(),
        competing: "every other code that is not 0".into(),
        dropped: "withdrawn".into(),
        censored: "0, open or censored".into(),
    }
}

/// Fields come in the order of their names.
#[derive(Serialize)]
struct Document<'a> {
    estimates: Value,
    event: &'a [String],
    n_skipped: usize,
    rows: usize,
    schema: &'static str,
    skipped: Vec<Value>,
    summary: ReadoutJson<'a>,
}

fn document<'a>(
    codes: &'a Codes,
    table: &Table,
    estimates: &Estimates,
    readout: &'a Readout,
) -> Document<'a> {
    let skipped =
        table.skipped.iter().map(|it| json!({ "line": it.line, "reason": it.reason.to_string() }));
    Document {
        estimates: json::estimates(estimates),
        event: codes.listed(),
        n_skipped: table.n_skipped,
        rows: readout.rows.len(),
        schema: "fixloop.analyze/1",
        skipped: skipped.collect(),
        summary: readout_json(readout),
    }
}
