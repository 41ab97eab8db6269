//! `fixloop experiment ledger`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::ledger::{Entry, Frozen, ledger};
use fixloop_report::{LedgerReport, ledger_json, write_ledger_text};

use super::cells::Cells;
use crate::error::CommandError;
use crate::output::{Format, print};

/// All hypotheses that were tested, together: what stays confirmed when every test counts
///
/// Reads a CSV file with a row per hypothesis: hypothesis; p of its planned look, or e frozen at its decision, or both; effect, on a scale
/// where 0 is none; decision (confirmed or rejected), which holds whatever comes later. Confirms by Benjamini-Hochberg on p-values and by
/// e-BH on e-values, both counting every row. With five experiments or more, effects are shrunk against the winner's curse.
///
/// Exit code: 0 if the ledger was read, 2 if not.
#[derive(Args)]
pub(crate) struct LedgerArguments {
    /// A CSV file with a header; comma, semicolon or tab between cells
    file: PathBuf,
    /// Share of false ones that is accepted among the confirmed
    #[arg(long, value_name = "SHARE", default_value = "0.10", value_parser = super::written::share)]
    rate: f64,
    /// For people, or `fixloop.experiment-ledger/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &LedgerArguments) -> Result<ExitCode, CommandError> {
    let cells = Cells::read(&arguments.file, "hypothesis,p,e,effect,decision")?;
    let entries = entries(&cells)?;
    let ledger = ledger(&entries, arguments.rate)?;
    let report = LedgerReport { subject: cells.name(), entries, ledger };
    match arguments.format {
        Format::Text => print(|out| write_ledger_text(&report, out))?,
        Format::Json => {
            let document = ledger_json(&report);
            print(|out| writeln!(out, "{document:#}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn entries(cells: &Cells) -> Result<Vec<Entry>, CommandError> {
    let hypothesis = match cells.optional("hypothesis")? {
        Some(it) => it,
        None => cells.optional("h")?.map_or_else(|| cells.column("hypothesis"), Ok)?,
    };
    let (p, e) = (cells.optional("p")?, cells.optional("e")?);
    let (effect, decision) = (cells.optional("effect")?, cells.optional("decision")?);
    if p.is_none() && e.is_none() {
        // The error names the columns there are.
        cells.column("p")?;
    }
    let mut entries = Vec::new();
    for row in cells.rows() {
        let frozen = match (decision, row.text(decision).map(str::to_lowercase).as_deref()) {
            (_, None | Some("open")) => None,
            (_, Some("confirmed")) => Some(Frozen::Confirmed),
            (_, Some("rejected")) => Some(Frozen::Rejected),
            (Some(at), Some(_)) => {
                return Err(row.fault(at, "none of confirmed, rejected and open".to_owned()));
            }
            (None, Some(_)) => None,
        };
        entries.push(Entry {
            hypothesis: row.needed(hypothesis)?.to_owned(),
            p: row.number(p)?,
            e: row.number(e)?,
            effect: row.number(effect)?,
            frozen,
        });
    }
    Ok(entries)
}
