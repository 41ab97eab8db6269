//! `fixloop experiment verify`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::{Roster, Scheme};
use thiserror::Error;

use super::assign::documents::{self, Assignment, Commitment, Reveal};
use super::assign::nonce_digest;
use crate::error::CommandError;
use crate::output::print;

/// Check that teams were assigned as it was committed to
///
/// Computes commitment, seed and draw again from commitment.json and the revealed nonce, and compares every file byte for byte.
///
/// Exit code: 0 if all are the same, 1 if something differs, 2 if that cannot be told.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// The folder that `fixloop experiment assign` wrote
    folder: PathBuf,
}

#[derive(Debug, Error)]
#[error("failed to read `{}`", path.display())]
struct CannotRead {
    path: PathBuf,
    source: std::io::Error,
}

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode, CommandError> {
    let folder = &arguments.folder;
    let commitment = Commitment::read(folder)?;
    let reveal = Reveal::read(folder).map_err(|error| {
        CommandError::from(error).hint("who drew reveals the nonce after the experiment: put reveal.json beside the other files")
    })?;
    let assignment = Assignment::read(&folder.join(documents::ASSIGNMENT))?;
    let roster = Roster::new(
        commitment.scheme()?,
        commitment.alpha,
        &commitment.date,
        commitment.candidates(),
    )?;
    let again = Commitment::of(&roster, &nonce_digest(&reveal.nonce));
    let seed = roster.seed(&reveal.nonce, &assignment.public_nonce);
    let mut differences = Vec::new();
    if again.nonce_sha256 != commitment.nonce_sha256 {
        differences.push("reveal.json: the nonce is not the one that was committed to".to_owned());
    }
    let is_same = |name: &str, text: &str| -> Result<bool, CannotRead> {
        let path = folder.join(name);
        let found = fs::read_to_string(&path).map_err(|source| CannotRead { path, source })?;
        Ok(found == text)
    };
    if !is_same(documents::COMMITMENT, &documents::text(&again)?)? {
        differences.push("commitment.json: its hash is not that of its list".to_owned());
    }
    let drawn = documents::assignment(&roster, &again.hash, &seed, &assignment.public_nonce);
    let is_drawn = match &drawn {
        Some(drawn) => is_same(documents::ASSIGNMENT, &documents::text(drawn)?)?,
        None => false,
    };
    if !is_drawn {
        differences.push("assignment.json: it is not what this seed draws".to_owned());
        differences.extend(drawn.iter().flat_map(|it| moved(it, &assignment)));
    }
    if roster.scheme == Scheme::InsideTeam {
        let path = folder.join(documents::ARMS);
        let found = fs::read_to_string(&path).map_err(|source| CannotRead { path, source })?;
        let n_rows = found.lines().count().saturating_sub(1) as u64;
        let n = n_rows / (roster.teams.len() as u64).max(1);
        if found != documents::arms_csv(&roster, &seed, n) {
            differences.push("arms.csv: it is not what this seed draws".to_owned());
        }
    }
    print(|out| {
        if differences.is_empty() {
            writeln!(out, "The same, byte for byte: commitment {}, seed {seed}", again.hash)?;
        }
        differences.iter().try_for_each(|it| writeln!(out, "{}", fixloop_report::visible(it)))
    })?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Units whose arm is another one.
fn moved(drawn: &Assignment, found: &Assignment) -> Vec<String> {
    let is_moved = |it: &&documents::AssignedUnit| {
        let other = found.units.iter().find(|other| other.teams == it.teams);
        other.is_some_and(|other| other.arm != it.arm)
    };
    let said = |it: &documents::AssignedUnit| {
        format!("  {}: drawn into {}, and the file says otherwise", it.teams.join(", "), it.arm)
    };
    drawn.units.iter().filter(is_moved).map(said).collect()
}
