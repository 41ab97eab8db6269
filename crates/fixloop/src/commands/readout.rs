//! `fixloop readout`.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_program::record::{Kind, ObjectId, Readout};
use serde_json::json;
use thiserror::Error;

use super::experiment::frozen::{analyse, bytes, inputs_of};
use super::experiment::{ExperimentFormat, write_report};
use crate::data::{Data, DataArguments, refused};
use crate::error::CommandError;
use crate::output::{Format, print};

/// What looks said, frozen with what they were computed from
#[derive(Subcommand)]
pub(crate) enum ReadoutCommand {
    Show(ShowArguments),
    Verify(VerifyArguments),
}

/// Show a readout, or all of them in short
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    id: Option<ObjectId>,
    /// The page for people: text, Markdown for a comment, or HTML that loads nothing
    #[arg(long, value_enum, requires = "id")]
    page: Option<PageName>,
    /// Write the frozen files into a folder, to check them without fixloop
    #[arg(long, value_name = "DIR", requires = "id")]
    files: Option<PathBuf>,
}

/// Compute readouts again from their frozen files: the same to the byte, or say what differs
///
/// Exit code: 0 if all are the same, 1 if one is not.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    data: DataArguments,
    /// One of them [default: all]
    id: Option<ObjectId>,
}

#[derive(Clone, Copy, ValueEnum)]
enum PageName {
    Text,
    Markdown,
    Html,
}

#[derive(Debug, Error)]
#[error("failed to write `{}`", path.display())]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

pub(crate) fn run(command: &ReadoutCommand) -> Result<ExitCode, CommandError> {
    match command {
        ReadoutCommand::Show(arguments) => show(arguments),
        ReadoutCommand::Verify(arguments) => verify(arguments),
    }
}

fn show(arguments: &ShowArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let Some(id) = arguments.id else {
        data.list(&[Kind::Readout])?;
        return Ok(ExitCode::SUCCESS);
    };
    let readout = record.readout(id).map_err(refused)?;
    let inputs = inputs_of(&mut data.store, &readout.frozen)?;
    if let Some(folder) = &arguments.files {
        let failed = |path: &PathBuf| {
            let path = path.clone();
            move |source| WriteError { path, source }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        for (name, bytes) in &inputs {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(failed(&path))?;
        }
    }
    let format = match arguments.page {
        Some(PageName::Markdown) => ExperimentFormat::Markdown,
        Some(PageName::Html) => ExperimentFormat::Html,
        None if data.format == Format::Json => {
            data.show(&[id])?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(PageName::Text) | None => ExperimentFormat::Text,
    };
    write_report(&analyse(&inputs)?.report, format)?;
    Ok(ExitCode::SUCCESS)
}

fn verify(arguments: &VerifyArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let readouts: Vec<&Readout> = match arguments.id {
        Some(id) => vec![record.readout(id).map_err(refused)?],
        None => record.readouts.values().collect(),
    };
    let mut verified = Vec::new();
    for readout in readouts {
        verified.push((readout.id, difference(&mut data, readout)?));
    }
    let n_different = verified.iter().filter(|it| it.1.is_some()).count();
    match data.format {
        Format::Json => {
            let rows = verified
                .iter()
                .map(|(id, it)| json!({ "id": id, "is_same": it.is_none(), "difference": it }));
            let document = json!({ "readouts": rows.collect::<Vec<_>>() });
            print(|out| writeln!(out, "{document:#}"))?;
        }
        Format::Text => print(|out| {
            for (id, difference) in &verified {
                match difference {
                    None => writeln!(out, "{id}: the same, to the byte")?,
                    Some(it) => writeln!(out, "{id}: {it}")?,
                }
            }
            Ok(())
        })?,
    }
    Ok(ExitCode::from(u8::from(n_different > 0)))
}

/// What is not as it was frozen.
fn difference(data: &mut Data, readout: &Readout) -> Result<Option<String>, CommandError> {
    let inputs = inputs_of(&mut data.store, &readout.frozen)?;
    let now = bytes(&analyse(&inputs)?.document);
    let then = data.store.file(&readout.frozen.document)?;
    let Some(then) = then else {
        return Ok(Some("its document is not in the data directory".to_owned()));
    };
    if now == then {
        return Ok(None);
    }
    let lines = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (now, then) = (lines(&now), lines(&then));
    let place =
        now.iter().zip(&then).position(|(a, b)| a != b).unwrap_or(now.len().min(then.len()));
    let line = |lines: &[String]| lines.get(place).map_or("(end)", |it| it.trim()).to_owned();
    Ok(Some(format!(
        "line {} was `{}` and is `{}`: another build ({}), or a fault",
        place + 1,
        line(&then),
        line(&now),
        readout.frozen.method
    )))
}
