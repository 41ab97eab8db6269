//! `fixloop exception`.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_exceptions::NewException;
use fixloop_report::visible;
use fixloop_scan::{EXCEPTIONS_FILE, write_whole};
use jiff::civil::Date;
use thiserror::Error;

use crate::error::CommandError;
use crate::output::print;
use crate::today::today;

/// Findings that someone accepts, with reason, owner and expiry
#[derive(Subcommand)]
pub(crate) enum ExceptionCommand {
    Add(AddArguments),
}

/// Write an exception to fixloop.toml, leaving everything in it as it is
///
/// Needs an advisory, a package or a build rule, and always a reason, an owner and a last day. A finding that it covers is listed as suppressed and
/// does not count for the exit code of `fixloop scan`.
#[derive(Args)]
pub(crate) struct AddArguments {
    /// The folder whose fixloop.toml is written
    #[arg(default_value = ".")]
    root: PathBuf,
    /// Any id of the advisory: CVE-…, GHSA-…, RUSTSEC-…
    #[arg(long)]
    id: Option<String>,
    /// The package, as `pkg:npm/lodash` or `pkg:npm/lodash@4.17.15`
    #[arg(long, value_name = "PURL")]
    package: Option<String>,
    /// The build rule, as `dependency-confusion`, in place of an advisory or a package
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Only in this folder, file or glob, relative to the root
    #[arg(long)]
    path: Option<String>,
    /// Why it is accepted
    #[arg(long)]
    reason: String,
    /// Who answers for it
    #[arg(long)]
    owner: String,
    /// The last day on which it holds, as 2027-01-31
    #[arg(long, value_name = "DAY")]
    expires: Date,
}

#[derive(Debug, Error)]
enum ExceptionError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("`{}` is no folder", .0.display())]
    NoFolder(PathBuf),
}

pub(crate) fn run(command: ExceptionCommand) -> Result<ExitCode, CommandError> {
    match command {
        ExceptionCommand::Add(arguments) => add(arguments),
    }
}

fn add(arguments: AddArguments) -> Result<ExitCode, CommandError> {
    if !arguments.root.is_dir() {
        return Err(ExceptionError::NoFolder(arguments.root).into());
    }
    let path = arguments.root.join(EXCEPTIONS_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ExceptionError::Read { path, source }.into()),
    };
    let new = NewException {
        id: arguments.id,
        package: arguments.package,
        rule: arguments.rule,
        path: arguments.path,
        reason: arguments.reason,
        owner: arguments.owner,
        expires: arguments.expires,
    };
    let text = fixloop_exceptions::add(EXCEPTIONS_FILE, &text, &new, today())?;
    write_whole(&path, &text)
        .map_err(|source| ExceptionError::Write { path: path.clone(), source })?;
    print(|out| writeln!(out, "wrote an exception to {}", visible(&path.display().to_string())))?;
    Ok(ExitCode::SUCCESS)
}
