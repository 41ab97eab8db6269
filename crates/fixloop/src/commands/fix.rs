//! `fixloop fix`.

mod show;
mod write;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use fixloop_fix::Relock;
use fixloop_match::Known;
use fixloop_plan::{Files, Plan, plan};
use fixloop_scan::{Options, scan};
use thiserror::Error;

use crate::error::{CommandError, warn};
use crate::index_path::IndexArgument;
use crate::output::print;
use crate::today::today;
pub(super) use show::{diff_of, write_diff, write_plan};
use write::write;

/// With `--run`: what one upgrade brings in may itself be affected. More rounds than this do not come to an end.
const MAX_ROUNDS: usize = 3;

/// Upgrade vulnerable dependencies to the nearest version that clears every advisory
///
/// Edits manifests, where the version stands: also a workspace's table, a catalog, a central version file, a property, and overrides or
/// constraints for what other packages bring in. Only the bytes of the version change. Each edit is proven before it is made: the edited
/// manifest is read again, and what it asks for is checked against the index. A lockfile follows its manifest by the package manager's
/// own command, which is named ("clean after") and only run with --run.
///
/// Edited are package.json, pnpm-workspace.yaml, Cargo.toml, requirements.txt, pyproject.toml, Pipfile, go.mod, pom.xml, projects of
/// .NET and Directory.Packages.props, Gemfile, composer.json and version catalogs of Gradle. A finding in any other file, and one that no
/// version clears, is named as not fixed. What fixloop.toml accepts is left alone.
///
/// Exit code: 0 if everything is done or there is nothing to do, 2 if something cannot be fixed or a file could not be read. With
/// --dry-run: 0 if there is nothing to do, 1 if there are changes to make, 2 if something cannot be fixed or read.
#[derive(Args)]
pub(crate) struct FixArguments {
    /// The folder or file to fix
    #[arg(default_value = ".")]
    path: PathBuf,
    #[command(flatten)]
    index: IndexArgument,
    /// Change nothing; print the changes as a unified diff
    #[arg(long, conflicts_with = "run")]
    dry_run: bool,
    /// Also edit files that differ from the last commit
    #[arg(long)]
    allow_dirty: bool,
    /// Run the named package manager commands after the edits. They run code of this project and its dependencies
    #[arg(long)]
    run: bool,
    #[command(flatten)]
    read: ReadArguments,
}

/// What is read, and what counts.
#[derive(Args)]
struct ReadArguments {
    /// A registry that serves the public registry's packages unchanged (repeatable)
    #[arg(long = "mirror", value_name = "HOST")]
    mirrors: Vec<String>,
    /// An OpenVEX document: what it calls not affected or fixed is left alone (repeatable)
    #[arg(long = "vex", value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// Read files that `.gitignore` leaves out, too
    #[arg(long)]
    no_gitignore: bool,
}

#[derive(Debug, Error)]
enum FixError {
    #[error("failed to start `{command}`")]
    Start { command: String, source: std::io::Error },
    #[error("`{command}` failed with {status}")]
    Failed { command: String, status: String },
}

pub(crate) fn run(arguments: &FixArguments) -> Result<ExitCode, CommandError> {
    let index = arguments.index.open()?;
    let options = Options {
        mirrors: arguments.read.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect(),
        respect_gitignore: !arguments.read.no_gitignore,
        with_inventory: false,
        vex: arguments.read.vex.clone(),
        urgency: arguments.index.urgency()?,
        today: today(),
    };
    let known = Known::new(&index);
    let root = folder_of(&arguments.path);
    let mut written = Vec::new();
    for round in 0..MAX_ROUNDS {
        let scan = scan(&arguments.path, &index, &options, &|_, _| {})?;
        let mut files = Files::new(root);
        let plan = plan(&scan, &known, &mut files)?;
        print(|out| write_plan(&plan, round > 0, out))?;
        let changes = files.changes();
        if arguments.dry_run {
            print(|out| write_diff(&changes, out))?;
            return Ok(dry_exit(&plan));
        }
        write(root, &changes, &written, arguments.allow_dirty)?;
        written.extend(changes.into_iter().map(|it| it.path));
        let commands = plan.commands();
        if !arguments.run || commands.is_empty() {
            return Ok(if plan.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
        for command in commands {
            run_command(root, &command)?;
        }
    }
    // Whatever is left after the last round has not been fixed.
    let scan = scan(&arguments.path, &index, &options, &|_, _| {})?;
    let left = plan(&scan, &known, &mut Files::new(root))?;
    if !left.is_empty() {
        warn(&format!("{} findings are left after {MAX_ROUNDS} rounds", scan.findings.len()));
    }
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn dry_exit(plan: &Plan) -> ExitCode {
    match (plan.is_complete(), plan.fixed.is_empty()) {
        (false, _) => ExitCode::from(2),
        (true, false) => ExitCode::from(1),
        (true, true) => ExitCode::SUCCESS,
    }
}

/// The root that paths are relative to, as in a scan.
fn folder_of(path: &Path) -> &Path {
    if path.is_dir() {
        return path;
    }
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Its output goes to standard error: ours is the plan.
fn run_command(root: &Path, relock: &Relock) -> Result<(), FixError> {
    let place = if relock.folder.is_empty() { "." } else { &relock.folder };
    warn(&format!("running {relock} in {place}"));
    let Some((program, words)) = relock.command.split_first() else { return Ok(()) };
    let status = Command::new(program)
        .args(words)
        .current_dir(root.join(&relock.folder))
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|source| FixError::Start { command: relock.to_string(), source })?;
    if status.success() {
        return Ok(());
    }
    Err(FixError::Failed { command: relock.to_string(), status: status.to_string() })
}
