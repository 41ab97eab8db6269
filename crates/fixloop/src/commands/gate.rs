//! `fixloop gate`: what a build is told of what it brings, and whether it goes on.

mod break_glass;
mod build;
mod events;
mod gather;
mod outputs;
mod replay;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_gate::{Report, judge};
use fixloop_policy::BranchKind;

use crate::commands::gate::build::Build;
use crate::commands::gate::gather::gather;
use crate::commands::gate::outputs::{GateFormat, Output, write};
use crate::error::{CommandError, warn};
use crate::index_path::IndexArgument;

/// Decide whether a build goes on: what it brings against its merge-base, by the organization's signed policy
///
/// Finds what this change introduced, made worse or fixed, and what was there before or was disclosed since. Only what was introduced or made
/// worse, and has a fix, may end a build; a campaign may end those that keep what it is about after its grace period. A change that only fixes
/// always passes. Without a policy the built-in one ends builds that introduce a malicious package, or a critical or high vulnerability that
/// has a fix. What could not be verified is said, and ends no build unless --fail-unverified or the policy says so.
///
/// In an emergency `FIXLOOP_BREAK_GLASS="TICKET: reason"` lets one commit through for 24 hours, and is recorded.
///
/// Exit code: 0 if the build goes on; 1 if it ends; 2 if it ends because nothing could be verified, or on a usage error.
#[derive(Args)]
pub(crate) struct GateArguments {
    /// The folder that is built
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The revision that this is to be merged into: a branch, tag or commit. Its merge-base with HEAD is compared
    ///
    /// Without one, everything counts as there before.
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// The signed policy of the organization: a path or an https address
    #[arg(long, value_name = "PATH|URL", env = "FIXLOOP_POLICY", hide_env_values = true)]
    policy: Option<String>,
    /// The public key that the policy is signed with, or a file that holds it
    #[arg(long, value_name = "KEY", env = "FIXLOOP_POLICY_KEY", hide_env_values = true)]
    policy_key: Option<String>,
    /// The repository's address, if its remote `origin` does not tell
    #[arg(long, value_name = "ADDRESS", env = "FIXLOOP_REPOSITORY")]
    repository: Option<String>,
    /// What is built [default: as the pipeline's environment says, else pull-request with --base and other without]
    #[arg(long, value_enum)]
    branch: Option<BranchName>,
    /// End the build if it could not be verified
    #[arg(long)]
    fail_unverified: bool,
    /// Preview the policy on the past instead: which builds of the last DAYS days it would have ended
    ///
    /// Of the repository at PATH, or of every mirror of --fleet; each first-parent commit of the default branch and of release branches counts as a build.
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["base", "branch", "outputs"])]
    replay: Option<u32>,
    /// With --replay: every mirror of a fleet; see fixloop fleet sync
    #[arg(long, value_name = "DIR", requires = "replay")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    index: IndexArgument,
    /// A registry that serves the public registry's packages unchanged (repeatable)
    #[arg(long = "mirror", value_name = "HOST")]
    mirrors: Vec<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = GateFormat::Text)]
    format: GateFormat,
    /// A further format of the same run, into a file (repeatable)
    #[arg(long = "output", value_name = "FORMAT=FILE")]
    outputs: Vec<Output>,
}

#[derive(Clone, Copy, ValueEnum)]
enum BranchName {
    PullRequest,
    Default,
    Release,
    Other,
}

impl From<BranchName> for BranchKind {
    fn from(name: BranchName) -> Self {
        match name {
            BranchName::PullRequest => Self::PullRequest,
            BranchName::Default => Self::Default,
            BranchName::Release => Self::Release,
            BranchName::Other => Self::Other,
        }
    }
}

pub(crate) fn run(arguments: &GateArguments) -> Result<ExitCode, CommandError> {
    if let Some(days) = arguments.replay {
        return replay::run(arguments, days);
    }
    let build = Build::of(arguments);
    let gathered = gather(arguments, &build)?;
    let (recorded, question) = (gathered.recording, gathered.question);
    let report: Report = judge(question);
    // What is decided is recorded before it is told: a build that is ended at once has been counted.
    if let Some(problem) = recorded.record(&report) {
        warn(&problem);
    }
    match write(&report, arguments.format, &arguments.outputs) {
        // Whoever read it went away: the verdict stays.
        Err(error) if !error.is_broken_pipe() => Err(error),
        _ => Ok(ExitCode::from(report.exit_code())),
    }
}
