//! `fixloop lsp`.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_lsp::{Environment, Served, over, serve};
use fixloop_telemetry::Machine;

use crate::error::CommandError;
use crate::index_path::{data_folder, default_path};
use crate::today::today;

/// Serve an editor: alerts at the first reference to a vulnerable package
///
/// Speaks the Language Server Protocol on standard input and output; an editor starts it, nobody types it. Nothing leaves this machine
/// unless a policy names a folder for events.
/// What it shows: docs/lsp.md. How to set up an editor: docs/editors/.
///
/// A client may send initializationOptions {"index": PATH, "mode": "alert"|"observe", "spool": DIR, "policy": PATH|URL, "policyKey": KEY}; they go before the options here.
#[derive(Args)]
pub(crate) struct LspArguments {
    /// The advisory index [default: the user's data folder, else the starter index]
    #[arg(long, value_name = "FILE", env = "FIXLOOP_INDEX")]
    index: Option<PathBuf>,
    /// The signed policy of the organization, which decides what is shown where: a path or an https address
    #[arg(long, value_name = "PATH|URL", env = "FIXLOOP_POLICY")]
    policy: Option<String>,
    /// The public key that the policy is signed with, or a file that holds it
    #[arg(long, value_name = "KEY", env = "FIXLOOP_POLICY_KEY")]
    policy_key: Option<String>,
    /// Taken and without effect: some clients add it to every server
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(arguments: LspArguments) -> Result<ExitCode, CommandError> {
    let environment = Environment {
        index: arguments.index.map(absolute),
        default_index: default_path(),
        policy: arguments.policy,
        policy_key: arguments.policy_key,
        policy_cache: data_folder().map(|it| it.join("policy")),
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
