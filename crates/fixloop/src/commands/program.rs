//! `fixloop program`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_program::record::{Entry, Record};
use fixloop_report::{
    ProgramReport, clock_json, write_clock_text, write_program_html, write_program_markdown,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::data::{Data, DataArguments};
use crate::error::CommandError;
use crate::output::{Format, print, print_plain};

/// The whole programme: for a review, as one page, and how long its loops take
#[derive(Subcommand)]
pub(crate) enum ProgramCommand {
    /// Write the whole record as Markdown, every entry with actor and time; with --format json, the entries
    Export(IntoArguments),
    /// Write one HTML page that loads nothing: loops, key results, hypotheses with evidence, experiments, decisions
    Report(IntoArguments),
    /// Show how long each loop and each stage takes
    Clock(ClockArguments),
}

#[derive(Args)]
pub(crate) struct IntoArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The file to write, or to write anew [default: standard output]
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ClockArguments {
    #[command(flatten)]
    data: DataArguments,
}

#[derive(Debug, Error)]
enum ProgramError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("a report is a page for people")]
    NoJson,
}

pub(crate) fn run(command: ProgramCommand) -> Result<ExitCode, CommandError> {
    match command {
        ProgramCommand::Export(arguments) => export(&arguments)?,
        ProgramCommand::Report(arguments) => report(&arguments)?,
        ProgramCommand::Clock(arguments) => clock(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The record, read once, so that nothing that is written meanwhile is shown in halves.
struct Gathered {
    record: Record,
    entries: Vec<Entry>,
    documents: BTreeMap<String, Value>,
    now: jiff::Timestamp,
}

impl Gathered {
    fn of(data: &mut Data) -> Result<Self, CommandError> {
        let entries = data.store.entries()?;
        let record = Record::replay(&entries)?;
        let mut documents = BTreeMap::new();
        for readout in record.readouts.values() {
            let digest = &readout.frozen.document;
            let Some(bytes) = data.store.file(digest)? else { continue };
            // A document that is no JSON has no interval to show; the readout's sentence stays.
            if let Ok(document) = serde_json::from_slice(&bytes) {
                documents.insert(digest.clone(), document);
            }
        }
        Ok(Self { record, entries, documents, now: data.now() })
    }

    fn report(&self) -> ProgramReport<'_> {
        let Self { record, entries, documents, now } = self;
        ProgramReport { record, entries, documents, now: *now }
    }
}

fn export(arguments: &IntoArguments) -> Result<(), CommandError> {
    let mut data = arguments.data.open()?;
    let gathered = Gathered::of(&mut data)?;
    match data.format {
        Format::Text => {
            write(arguments, &data, |out| write_program_markdown(&gathered.report(), out))
        }
        Format::Json => {
            let document = json!({ "schema": "fixloop.record/1", "entries": gathered.entries });
            write(arguments, &data, |out| writeln!(out, "{document:#}"))
        }
    }
}

fn report(arguments: &IntoArguments) -> Result<(), CommandError> {
    let mut data = arguments.data.open()?;
    if data.format == Format::Json {
        let hint = "fixloop program export --format json has the entries, program clock the times";
        return Err(CommandError::from(ProgramError::NoJson).hint(hint));
    }
    let gathered = Gathered::of(&mut data)?;
    write(arguments, &data, |out| write_program_html(&gathered.report(), out))
}

fn clock(arguments: &ClockArguments) -> Result<(), CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let now = data.now();
    match data.format {
        Format::Text => print(|out| write_clock_text(&record, now, out))?,
        Format::Json => {
            let document = clock_json(&record, now);
            print(|out| writeln!(out, "{document:#}"))?;
        }
    }
    Ok(())
}

/// To standard output, or to a file that is there in whole or not at all.
fn write(
    arguments: &IntoArguments,
    data: &Data,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CommandError> {
    let Some(path) = &arguments.into else {
        return Ok(print_plain(content)?);
    };
    let failed = |source| ProgramError::Write { path: path.clone(), source };
    let mut bytes = Vec::new();
    content(&mut bytes)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    readable(&file).map_err(failed)?;
    file.persist(path).map_err(|it| failed(it.error))?;
    data.say(&format!("wrote {}", path.display()))?;
    Ok(())
}

/// A page is for others to read, and a temporary file is only for who made it.
fn readable(file: &NamedTempFile) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    let _ = file;
    Ok(())
}
