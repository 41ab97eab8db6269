//! `fixloop telemetry`: what editors and agents recorded on this machine.

mod collect;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_report::visible;
use fixloop_telemetry::{Machine, Purged, purge, switch_off, switch_on};
use thiserror::Error;

use crate::error::CommandError;
use crate::output::print;

/// See, stop or delete what editors and agents record on this machine
///
/// Events go to the folder that a signed policy names, and nowhere else. Recording also stops while `DO_NOT_TRACK` is set in the environment, or where the editor's telemetry
/// setting says so.
#[derive(Subcommand)]
pub(crate) enum TelemetryCommand {
    Show(show::ShowArguments),
    Collect(collect::CollectArguments),
    Off(OffArguments),
    On(OnArguments),
    Purge(PurgeArguments),
}

/// Stop recording, and delete what was recorded
#[derive(Args)]
pub(crate) struct OffArguments {
    #[command(flatten)]
    spool: SpoolArgument,
}

/// Record again after `off`
#[derive(Args)]
pub(crate) struct OnArguments {
    #[command(flatten)]
    spool: SpoolArgument,
}

/// Delete what was recorded, and go on recording under a new pseudonym
#[derive(Args)]
pub(crate) struct PurgeArguments {
    #[command(flatten)]
    spool: SpoolArgument,
}

#[derive(Args)]
struct SpoolArgument {
    /// The folder in which events are kept [default: the user's state folder]
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,
}

#[derive(Debug, Error)]
#[error("this machine has no folder for the user's state")]
struct NoFolder;

impl SpoolArgument {
    fn folder(&self, machine: &Machine) -> Result<PathBuf, CommandError> {
        let folder = self.spool.clone().or_else(|| machine.default_folder.clone());
        folder.ok_or_else(|| CommandError::from(NoFolder).hint("name one with --spool DIR"))
    }
}

pub(crate) fn run(command: &TelemetryCommand) -> Result<ExitCode, CommandError> {
    let machine = Machine::of_process()?;
    match command {
        TelemetryCommand::Collect(arguments) => return collect::run(arguments),
        TelemetryCommand::Show(arguments) => return show::run(arguments, &machine),
        TelemetryCommand::Off(arguments) => {
            let folder = arguments.spool.folder(&machine)?;
            let purged = switch_off(&folder)?;
            let deleted = deleted(purged);
            say(&format!("telemetry is off for {}: {deleted}", name(&folder)))?;
        }
        TelemetryCommand::On(arguments) => on(&arguments.spool.folder(&machine)?, &machine)?,
        TelemetryCommand::Purge(arguments) => {
            let folder = arguments.spool.folder(&machine)?;
            let deleted = deleted(purge(&folder)?);
            say(&format!("{deleted} from {}", name(&folder)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn on(folder: &Path, machine: &Machine) -> Result<(), CommandError> {
    let was_off = switch_on(folder)?;
    let now = if was_off { "telemetry is on again" } else { "telemetry was not off" };
    say(&format!("{now} for {}", name(folder)))?;
    if let Some(denial) = machine.denial(folder, None) {
        say(&format!("nothing is recorded all the same: {}", show::because(denial)))?;
    }
    Ok(())
}

fn deleted(purged: Purged) -> String {
    match purged.n_segments {
        0 => "there was nothing to delete".to_owned(),
        _ => format!("deleted {} KiB of events and the pseudonym", purged.n_bytes.div_ceil(1024)),
    }
}

fn name(folder: &Path) -> String {
    visible(&folder.display().to_string()).into_owned()
}

fn say(line: &str) -> Result<(), CommandError> {
    Ok(print(|out| writeln!(out, "{line}"))?)
}
