//! `fixloop lsp`.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_lsp::{Environment, Served, over, serve};
use fixloop_telemetry::Machine;

use crate::error::CommandError;
use crate::index_path::default_path;
use crate::today::today;

/// Serve an editor: alerts at the first reference to a vulnerable package
///
/// Speaks the Language Server Protocol on standard input and output; an editor starts it, nobody types it. Nothing leaves this machine.
/// What it shows: docs/lsp.md. How to set up an editor: docs/editors/.
///
/// A client may send initializationOptions {"index": PATH, "mode": "alert"|"observe", "spool": DIR}; they go before the options here.
#[derive(Args)]
pub(crate) struct LspArguments {
    /// The advisory index [default: the user's data folder, else the starter index]
    #[arg(long, value_name = "FILE", env = "FIXLOOP_INDEX")]
    index: Option<PathBuf>,
    /// Taken and without effect: some clients add it to every server
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(arguments: LspArguments) -> Result<ExitCode, CommandError> {
    let environment = Environment {
        index: arguments.index.map(absolute),
        default_index: default_path(),
        machine: Machine::of_process()?,
        today,
    };
    let transport = over(io::stdin(), io::stdout());
    let (connection, written) = transport.split();
    let served = serve(connection, &environment);
    match written.finish() {
        // A client that is gone reads nothing any more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ if served == Served::Ended => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::from(1)),
    }
}

/// The editor may start it anywhere.
fn absolute(path: PathBuf) -> PathBuf {
    env::current_dir().map(|it| it.join(&path)).unwrap_or(path)
}
