//! `fixloop policy`.

mod build;
mod explain;
mod verify;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_client::public_key;
use fixloop_model::Timestamp;
use fixloop_policy::{Bundle, Expect, MAX_BYTES, Refused, verify as verified};
use thiserror::Error;

pub(crate) use build::{expiry, publish, publish_if_there, team_of};

use crate::error::CommandError;
use crate::output::Format;
use crate::today::now;

/// The signed bundle that says what each team gets
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    Build(build::BuildArguments),
    Verify(verify::VerifyArguments),
    Explain(explain::ExplainArguments),
}

pub(crate) fn run(command: &PolicyCommand) -> Result<ExitCode, CommandError> {
    match command {
        PolicyCommand::Build(arguments) => build::run(arguments),
        PolicyCommand::Verify(arguments) => verify::run(arguments),
        PolicyCommand::Explain(arguments) => explain::run(arguments),
    }
}

/// A bundle, and the key that it has to be signed with.
#[derive(Args)]
struct BundleArguments {
    /// The bundle as editors read it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The organization's public key, or a file that holds it
    #[arg(long, value_name = "KEY", env = "FIXLOOP_POLICY_KEY")]
    key: String,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Error)]
enum BundleError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is not to be believed", path.display())]
    Refused { path: PathBuf, source: Refused },
}

impl BundleArguments {
    /// The bundle, if an editor would believe it that has seen none before.
    fn open(&self) -> Result<Bundle, CommandError> {
        let key = public_key(&self.key)?;
        let path = &self.file;
        let bytes =
            bytes(path).map_err(|source| BundleError::Read { path: path.clone(), source })?;
        let now = Timestamp(now().as_microsecond());
        let expect = Expect { now, organization: None, last_version: None };
        let refused = |source| {
            let error = CommandError::from(BundleError::Refused { path: path.clone(), source });
            error.hint("editors that read this observe: they record, and show nothing")
        };
        verified(&bytes, &key, &expect).map_err(refused)
    }
}

/// One byte more than a bundle may have tells that it is too large.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// To the second, in UTC.
fn time(at_us: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(at_us);
    time.map_or_else(|_| "-".to_owned(), |it| it.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
