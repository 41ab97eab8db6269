//! `fixloop experiment assign`.

pub(super) mod documents;
mod roster;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_experiment::{AssignError, Roster, Scheme, digest};
use rand::TryRng;
use rand::rngs::SysRng;
use thiserror::Error;

use self::documents::{Commitment, Reveal};
use super::written::share;
use crate::error::{CommandError, warn};
use crate::output::print;

/// Draw who is treated, so that everybody can check it
///
/// Reads a CSV file with one row per team. Writes into DIR: commitment.json, to be published now; reveal.json, which holds the secret nonce
/// and is kept until the experiment ends; and assignment.json, with the arm of every team. The seed is a hash of the committed list, the
/// secret nonce and the public one. A design in which no result could count is refused. Nothing leaves this machine.
///
/// Exit code: 0 if teams were assigned, 2 if not.
#[derive(Args)]
pub(crate) struct AssignArguments {
    /// A CSV file with a header and a column `team`
    teams: PathBuf,
    /// What is drawn
    #[arg(long, value_enum)]
    design: SchemeChoice,
    /// Column of the stratum that teams are drawn in
    #[arg(long, value_name = "COLUMN")]
    stratum: Option<String>,
    /// Teams of one platform are assigned together [default: platform]
    #[arg(long, value_name = "COLUMN")]
    platform: Option<String>,
    /// Findings before the experiment, for pairs and constrained designs: a table as `fixloop experiment analyze` reads it
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Percentage of assignments that a constrained design keeps: those with the smallest imbalance of history and size
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    keep: u32,
    /// Error that will be accepted, two-sided
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    alpha: f64,
    /// Text that nobody could know when the commitment was published, as tomorrow's first headline
    #[arg(long, value_name = "TEXT", default_value = "")]
    public_nonce: String,
    /// Only commit now; a second run on the same DIR, with a public nonce, draws
    #[arg(long, conflicts_with = "public_nonce")]
    commit_only: bool,
    /// Arms that are written out for each team, if findings are drawn
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    findings: u64,
    /// A folder for the files; an assignment in it is never drawn again
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum SchemeChoice {
    Complete,
    Stratified,
    Pairs,
    Constrained,
    InsideTeam,
}

#[derive(Debug, Error)]
enum AssignmentError {
    #[error("`{}` holds an assignment", .0.display())]
    Drawn(PathBuf),
    #[error("`{}` was committed to another list of teams or another design", .0.display())]
    OtherList(PathBuf),
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the operating system has no random numbers")]
    Random(#[source] rand::rngs::SysError),
    #[error("no draw was accepted")]
    NoDraw,
}

pub(crate) fn run(arguments: &AssignArguments) -> Result<ExitCode, CommandError> {
    if let Some(assignment) = assigned(arguments)? {
        print(|out| documents::write_summary(&assignment, out))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Draws into files, and says nothing.
pub(super) fn draw(arguments: &AssignArguments) -> Result<(), CommandError> {
    assigned(arguments).map(|_| ())
}

impl AssignArguments {
    /// For an experiment of the record: whole teams, with their past.
    pub(super) fn of(
        design: &str,
        alpha: f64,
        (teams, history): (PathBuf, PathBuf),
        (public_nonce, into): (&str, &Path),
    ) -> Self {
        Self {
            teams,
            design: match design {
                "pairs" => SchemeChoice::Pairs,
                "constrained" => SchemeChoice::Constrained,
                _ => SchemeChoice::Complete,
            },
            stratum: None,
            platform: None,
            history: Some(history),
            keep: 10,
            alpha,
            public_nonce: public_nonce.to_owned(),
            commit_only: false,
            findings: 100,
            into: into.to_owned(),
        }
    }
}

/// The assignment, or nothing where it was only committed to.
fn assigned(arguments: &AssignArguments) -> Result<Option<documents::Assignment>, CommandError> {
    let into = &arguments.into;
    let drawn = into.join(documents::ASSIGNMENT);
    if drawn.exists() {
        let error = CommandError::from(AssignmentError::Drawn(into.clone()));
        return Err(error.hint("who draws until the arms please has not drawn; an experiment that was not begun gets a new folder"));
    }
    let scheme = match arguments.design {
        SchemeChoice::Complete => Scheme::Complete,
        SchemeChoice::Stratified => Scheme::Stratified,
        SchemeChoice::Pairs => Scheme::Pairs,
        SchemeChoice::Constrained => Scheme::Constrained { percent: arguments.keep },
        SchemeChoice::InsideTeam => Scheme::InsideTeam,
    };
    let read = roster::read(
        &arguments.teams,
        arguments.stratum.as_deref(),
        arguments.platform.as_deref(),
        arguments.history.as_deref(),
    )?;
    read.warnings.iter().for_each(|it| warn(it));
    let committed = Commitment::read_if_there(into)?;
    let date =
        committed.as_ref().map_or_else(|| crate::today::today().to_string(), |it| it.date.clone());
    let roster = Roster::new(scheme, arguments.alpha, &date, read.teams).map_err(hinted)?;
    let nonce = match committed {
        Some(committed) => {
            let nonce = Reveal::read(into)?.nonce;
            if committed != Commitment::of(&roster, &nonce_digest(&nonce)) {
                let error = CommandError::from(AssignmentError::OtherList(into.clone()));
                return Err(
                    error.hint("use the list and options that were committed to, or a new folder")
                );
            }
            nonce
        }
        None => commit(into, &roster)?,
    };
    let commitment = Commitment::of(&roster, &nonce_digest(&nonce));
    if arguments.commit_only {
        print(|out| {
            writeln!(out, "commitment {}", commitment.hash)?;
            writeln!(
                out,
                "Publish it with commitment.json. Then draw: the same command with --public-nonce in place of --commit-only."
            )
        })?;
        return Ok(None);
    }
    let seed = roster.seed(&nonce, &arguments.public_nonce);
    let assignment =
        documents::assignment(&roster, &commitment.hash, &seed, &arguments.public_nonce)
            .ok_or(AssignmentError::NoDraw)?;
    if scheme == Scheme::InsideTeam {
        let arms = documents::arms_csv(&roster, &seed, arguments.findings);
        write_new(&into.join(documents::ARMS), &arms, false)?;
    }
    write_new(&drawn, &documents::text(&assignment)?, false)?;
    Ok(Some(assignment))
}

/// Makes a nonce and writes what commits to it.
fn commit(into: &Path, roster: &Roster) -> Result<String, CommandError> {
    let word = || SysRng.try_next_u64().map_err(AssignmentError::Random);
    let nonce = format!("{:016x}{:016x}{:016x}{:016x}", word()?, word()?, word()?, word()?);
    let failed = |source| AssignmentError::Write { path: into.to_owned(), source };
    fs::create_dir_all(into).map_err(failed)?;
    let reveal = Reveal { schema: documents::REVEAL_SCHEMA.to_owned(), nonce: nonce.clone() };
    write_new(&into.join(documents::REVEAL), &documents::text(&reveal)?, true)?;
    let commitment = Commitment::of(roster, &nonce_digest(&nonce));
    write_new(&into.join(documents::COMMITMENT), &documents::text(&commitment)?, false)?;
    Ok(nonce)
}

pub(super) fn nonce_digest(nonce: &str) -> String {
    digest(&["fixloop.nonce/1", nonce]).to_string()
}

/// Writes a file that must not be there; a secret one for its owner only.
pub(super) fn write_new(path: &Path, text: &str, is_secret: bool) -> Result<(), CommandError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    // Elsewhere the folder's own permissions have to do.
    #[cfg(not(unix))]
    let _is_secret = is_secret;
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| AssignmentError::Write { path: path.to_owned(), source }.into())
}

fn hinted(error: AssignError) -> CommandError {
    let hint = match &error {
        AssignError::CannotReachAlpha { .. } => {
            "add teams, draw findings inside teams (--design inside-team), or keep more assignments (--keep)"
        }
        AssignError::NoStratum => "name the column with --stratum",
        AssignError::NoHistory => {
            "give findings before the experiment with --history, or use --design complete"
        }
        AssignError::Alone { .. } => "put it into a larger stratum",
        AssignError::PlatformInTwoStrata { .. } => {
            "teams of one platform are assigned together, so that they need one stratum"
        }
        AssignError::PlatformInsideTeam => {
            "draw teams, or leave the platform column out: --platform names another one"
        }
        _ => return error.into(),
    };
    CommandError::from(error).hint(hint)
}
