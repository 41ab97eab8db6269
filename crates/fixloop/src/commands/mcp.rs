//! `fixloop mcp`.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_mcp::{Environment, serve};
use fixloop_telemetry::Machine;

use crate::error::CommandError;
use crate::index_path::{data_folder, default_path};
use crate::today::today;

/// Serve a coding agent: the alert before it adds a dependency
///
/// Speaks the Model Context Protocol on standard input and output; an agent starts it, nobody types it. It offers `check_package`,
/// `scan_project` and `suggest_fix`. It writes no file of a project, runs no command and uses no network, except to ask for a policy that
/// has an address. How to set it up: docs/mcp.md.
#[derive(Args)]
pub(crate) struct McpArguments {
    /// The advisory index [default: the user's data folder, else the starter index]
    #[arg(long, value_name = "FILE", env = "FIXLOOP_INDEX")]
    index: Option<PathBuf>,
    /// The signed policy of the organization, which decides what is said unasked: a path or an https address
    #[arg(long, value_name = "PATH|URL", env = "FIXLOOP_POLICY")]
    policy: Option<String>,
    /// The public key that the policy is signed with, or a file that holds it
    #[arg(long, value_name = "KEY", env = "FIXLOOP_POLICY_KEY")]
    policy_key: Option<String>,
}

pub(crate) fn run(arguments: McpArguments) -> Result<ExitCode, CommandError> {
    let environment = Environment {
        index: arguments.index.map(absolute),
        default_index: default_path(),
        policy: arguments.policy,
        policy_key: arguments.policy_key,
        policy_cache: data_folder().map(|it| it.join("policy")),
        folder: env::current_dir().ok(),
        machine: Machine::of_process()?,
        today,
    };
    match serve(io::stdin(), io::stdout(), environment) {
        // A client that is gone reads nothing any more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The agent may start it anywhere.
fn absolute(path: PathBuf) -> PathBuf {
    env::current_dir().map(|it| it.join(&path)).unwrap_or(path)
}
