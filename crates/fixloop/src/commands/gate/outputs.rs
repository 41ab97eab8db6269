//! The report in every format that somebody asks for.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use fixloop_gate::Report;
use fixloop_report::{
    write_gate_azure, write_gate_github, write_gate_json, write_gate_junit, write_gate_markdown,
    write_gate_sarif, write_gate_summary, write_gate_text,
};
use thiserror::Error;

use crate::error::CommandError;
use crate::output::print;

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GateFormat {
    /// For people at a terminal
    Text,
    /// `fixloop.gate/1`
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Annotations of Azure Pipelines
    Azure,
    /// `JUnit` XML
    Junit,
    /// A comment of a pull request
    Markdown,
    /// A job summary
    Summary,
}

/// `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    format: GateFormat,
    path: PathBuf,
}

#[derive(Debug, Error)]
enum WrongOutput {
    #[error("expected FORMAT=FILE, as in `sarif=gate.sarif`")]
    NoFile,
    #[error("`{0}` is no format: fixloop gate --help lists them")]
    Format(String),
}

impl FromStr for Output {
    type Err = CommandErrorText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (format, path) = text.split_once('=').ok_or(WrongOutput::NoFile)?;
            let wrong = |_| WrongOutput::Format(format.to_owned());
            let format = GateFormat::from_str(format, true).map_err(wrong)?;
            if path.is_empty() {
                return Err(WrongOutput::NoFile);
            }
            Ok(Self { format, path: PathBuf::from(path) })
        };
        read().map_err(|error| CommandErrorText(error.to_string()))
    }
}

/// What clap prints beside the argument.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct CommandErrorText(String);

#[derive(Debug, Error)]
#[error("failed to write `{}`", path.display())]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// Prints the report, and writes it wherever else it is asked for: a file that cannot be written keeps none of the others from it.
pub(super) fn write(
    report: &Report,
    format: GateFormat,
    outputs: &[Output],
) -> Result<(), CommandError> {
    let mut failed = None;
    for it in outputs {
        let written = File::create(&it.path).and_then(|file| {
            let mut out = BufWriter::new(file);
            render(report, it.format, &mut out)?;
            out.flush()
        });
        if let Err(source) = written {
            failed.get_or_insert(WriteError { path: it.path.clone(), source });
        }
    }
    print(|out| render(report, format, out))?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn render(report: &Report, format: GateFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        GateFormat::Text => write_gate_text(report, out),
        GateFormat::Json => write_gate_json(report, out),
        GateFormat::Sarif => write_gate_sarif(report, out),
        GateFormat::Github => write_gate_github(report, out),
        GateFormat::Azure => write_gate_azure(report, out),
        GateFormat::Junit => write_gate_junit(report, out),
        GateFormat::Markdown => write_gate_markdown(report, out),
        GateFormat::Summary => write_gate_summary(report, out),
    }
}
