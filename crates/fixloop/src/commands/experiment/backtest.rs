//! `fixloop experiment backtest`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::backtest::{Forecast, back_test};
use fixloop_report::{BackTestReport, backtest_json, write_backtest_text};

use super::cells::Cells;
use crate::error::CommandError;
use crate::output::{Format, print};

/// How good stored forecasts were: the Brier score of probabilities, the coverage of 80 % intervals
///
/// Reads a CSV file with a row per forecast: kind (probability or count), forecast, low and high (the 10 % and the 90 % quantile of a
/// count), outcome (0 or 1 of a probability, a number of a count; empty while nobody knows).
///
/// Exit code: 0 if the forecasts were read, 2 if not.
#[derive(Args)]
pub(crate) struct BackTestArguments {
    /// A CSV file with a header; comma, semicolon or tab between cells
    file: PathBuf,
    /// For people, or `fixloop.experiment-backtest/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &BackTestArguments) -> Result<ExitCode, CommandError> {
    let cells = Cells::read(&arguments.file, "kind,forecast,low,high,outcome")?;
    let (forecasts, lines) = forecasts(&cells)?;
    let back_test = back_test(&forecasts).map_err(|error| {
        let hint = format!("it is in line {}", lines[error.place]);
        CommandError::from(error).hint(hint)
    })?;
    let report = BackTestReport { subject: cells.name(), back_test };
    match arguments.format {
        Format::Text => print(|out| write_backtest_text(&report, out))?,
        Format::Json => {
            let document = backtest_json(&report);
            print(|out| writeln!(out, "{document:#}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The forecasts, and the lines they are in.
fn forecasts(cells: &Cells) -> Result<(Vec<Forecast>, Vec<u64>), CommandError> {
    let (kind, outcome) = (cells.column("kind")?, cells.column("outcome")?);
    let forecast = cells.column("forecast")?;
    let (low, high) = (cells.optional("low")?, cells.optional("high")?);
    let (mut forecasts, mut lines) = (Vec::new(), Vec::new());
    for row in cells.rows() {
        let it = match row.needed(kind)? {
            "probability" => Forecast::Probability {
                probability: row.needed_number(forecast)?,
                happened: match row.text(Some(outcome)).map(str::to_lowercase).as_deref() {
                    None => None,
                    Some("1" | "yes" | "true") => Some(true),
                    Some("0" | "no" | "false") => Some(false),
                    Some(_) => {
                        return Err(row.fault(outcome, "neither 1 nor 0".to_owned()));
                    }
                },
            },
            "count" => {
                let (Some(low), Some(high)) = (low, high) else {
                    cells.column("low")?;
                    cells.column("high")?;
                    continue;
                };
                row.number(Some(forecast))?;
                Forecast::Count {
                    low: row.needed_number(low)?,
                    high: row.needed_number(high)?,
                    actual: row.number(Some(outcome))?,
                }
            }
            _ => return Err(row.fault(kind, "neither probability nor count".to_owned())),
        };
        forecasts.push(it);
        lines.push(row.line);
    }
    Ok((forecasts, lines))
}
