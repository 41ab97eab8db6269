//! `fixloop.commitment/1`, `fixloop.reveal/1` and `fixloop.assignment/1`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fixloop_experiment::{
    Arm, Candidate, Constraint, ConstraintUnit, Digest, History, Roster, Scheme, arm_of_finding,
    arm_word,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) const COMMITMENT: &str = "commitment.json";
pub(crate) const REVEAL: &str = "reveal.json";
pub(crate) const ASSIGNMENT: &str = "assignment.json";
pub(crate) const ARMS: &str = "arms.csv";

const COMMITMENT_SCHEMA: &str = "fixloop.commitment/1";
pub(crate) const REVEAL_SCHEMA: &str = "fixloop.reveal/1";
const ASSIGNMENT_SCHEMA: &str = "fixloop.assignment/1";

/// More than any of them has.
const MAX_BYTES: u64 = 1 << 26;

/// Of more assignments nobody wants to know how many.
const MAX_TOLD: f64 = 1e6;

#[derive(Debug, Error)]
pub(crate) enum DocumentError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is larger than any such file", .0.display())]
    Size(PathBuf),
    #[error("`{}` cannot be understood", path.display())]
    Parse { path: PathBuf, source: serde_json::Error },
    #[error("`{}` is `{found}`, and `{expected}` is read", path.display())]
    Schema { path: PathBuf, found: String, expected: &'static str },
    #[error("design `{0}` is not known")]
    Design(String),
}

/// What is published before the draw.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commitment {
    pub(crate) schema: String,
    #[serde(rename = "commitment")]
    pub(crate) hash: String,
    pub(crate) nonce_sha256: String,
    pub(crate) design: String,
    /// Of all assignments, as a constrained design keeps them.
    pub(crate) keep_percent: Option<u32>,
    pub(crate) alpha: f64,
    pub(crate) date: String,
    pub(crate) teams: Vec<CommittedTeam>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommittedTeam {
    team: String,
    stratum: String,
    platform: String,
    findings: u64,
    fixed: u64,
    expected_millionths: u64,
}

/// What is kept secret until the experiment ends.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reveal {
    pub(crate) schema: String,
    pub(crate) nonce: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    pub(crate) schema: String,
    pub(crate) commitment: String,
    pub(crate) design: String,
    pub(crate) date: String,
    pub(crate) alpha: f64,
    pub(crate) public_nonce: String,
    /// Assignments that could have been drawn; `null` if findings are, or no number holds them.
    pub(crate) possible: Option<f64>,
    /// The smallest two-sided p that these can show.
    pub(crate) min_p: Option<f64>,
    pub(crate) accepted: Option<AcceptedRule>,
    /// What was drawn; empty if findings are.
    pub(crate) units: Vec<AssignedUnit>,
    /// All of them.
    pub(crate) teams: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptedRule {
    max_imbalance_millionths: u64,
    kept: usize,
    of: usize,
    is_exhaustive: bool,
    /// Pairs of units that every accepted assignment treats alike, or every one differently.
    fixed_pairs: usize,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignedUnit {
    pub(crate) teams: Vec<String>,
    pub(crate) arm: String,
    /// Pair or stratum.
    pub(crate) block: u32,
    pub(crate) stratum: String,
    pub(crate) platform: String,
    pub(crate) score_millionths: i64,
    pub(crate) findings: u64,
}

impl Commitment {
    pub(crate) fn of(roster: &Roster, nonce_sha256: &str) -> Self {
        let team = |it: &Candidate| CommittedTeam {
            team: it.name.clone(),
            stratum: it.stratum.clone(),
            platform: it.platform.clone(),
            findings: it.history.n_findings,
            fixed: it.history.n_fixed,
            expected_millionths: it.history.expected_millionths,
        };
        Self {
            schema: COMMITMENT_SCHEMA.to_owned(),
            hash: roster.commitment(nonce_sha256),
            nonce_sha256: nonce_sha256.to_owned(),
            design: roster.scheme.as_str().to_owned(),
            keep_percent: match roster.scheme {
                Scheme::Constrained { percent } => Some(percent),
                _ => None,
            },
            alpha: roster.alpha,
            date: roster.date.clone(),
            teams: roster.teams.iter().map(team).collect(),
        }
    }

    pub(crate) fn read(folder: &Path) -> Result<Self, DocumentError> {
        let path = folder.join(COMMITMENT);
        let read: Self = read(&path)?;
        schema(&path, &read.schema, COMMITMENT_SCHEMA)?;
        Ok(read)
    }

    pub(crate) fn read_if_there(folder: &Path) -> Result<Option<Self>, DocumentError> {
        if folder.join(COMMITMENT).exists() { Self::read(folder).map(Some) } else { Ok(None) }
    }

    pub(crate) fn scheme(&self) -> Result<Scheme, DocumentError> {
        match (&*self.design, self.keep_percent) {
            ("complete", None) => Ok(Scheme::Complete),
            ("stratified", None) => Ok(Scheme::Stratified),
            ("pairs", None) => Ok(Scheme::Pairs),
            ("constrained", Some(percent)) => Ok(Scheme::Constrained { percent }),
            ("inside-team", None) => Ok(Scheme::InsideTeam),
            _ => Err(DocumentError::Design(self.design.clone())),
        }
    }

    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let candidate = |it: &CommittedTeam| Candidate {
            name: it.team.clone(),
            stratum: it.stratum.clone(),
            platform: it.platform.clone(),
            history: History {
                n_findings: it.findings,
                n_fixed: it.fixed,
                expected_millionths: it.expected_millionths,
            },
        };
        self.teams.iter().map(candidate).collect()
    }
}

impl Reveal {
    pub(crate) fn read(folder: &Path) -> Result<Self, DocumentError> {
        let path = folder.join(REVEAL);
        let read: Self = read(&path)?;
        schema(&path, &read.schema, REVEAL_SCHEMA)?;
        Ok(read)
    }
}

impl Assignment {
    pub(crate) fn read(path: &Path) -> Result<Self, DocumentError> {
        let read: Self = read(path)?;
        schema(path, &read.schema, ASSIGNMENT_SCHEMA)?;
        Ok(read)
    }

    /// The set that the test has to stay in; `None` if every assignment of the blocks was accepted.
    pub(crate) fn constraint(&self) -> Option<Constraint> {
        let unit = |it: &AssignedUnit| ConstraintUnit {
            teams: it.teams.clone(),
            score_millionths: it.score_millionths,
            n_findings: it.findings,
            is_treated: it.arm == arm_word(Arm::Treated),
        };
        let rule = self.accepted.as_ref()?;
        let units = self.units.iter().map(unit).collect();
        Some(Constraint::new(units, rule.max_imbalance_millionths))
    }
}

/// What was drawn; `None` if no draw was accepted.
pub(crate) fn assignment(
    roster: &Roster,
    commitment: &str,
    seed: &Digest,
    public_nonce: &str,
) -> Option<Assignment> {
    let treated = match roster.scheme {
        Scheme::InsideTeam => None,
        _ => Some(roster.draw(seed)?),
    };
    let blocks = roster.block_of_units();
    let units = treated.iter().flatten().zip(&roster.units).zip(blocks);
    let unit = |((is_treated, unit), block): ((&bool, &fixloop_experiment::Unit), u32)| {
        let arm = if *is_treated { Arm::Treated } else { Arm::Control };
        AssignedUnit {
            teams: unit.teams.iter().map(|it| roster.teams[*it].name.clone()).collect(),
            arm: arm_word(arm).to_owned(),
            block,
            stratum: unit.stratum.clone(),
            platform: unit.platform.clone(),
            score_millionths: unit.score_millionths,
            findings: unit.n_findings,
        }
    };
    Some(Assignment {
        schema: ASSIGNMENT_SCHEMA.to_owned(),
        commitment: commitment.to_owned(),
        design: roster.scheme.as_str().to_owned(),
        date: roster.date.clone(),
        alpha: roster.alpha,
        public_nonce: public_nonce.to_owned(),
        possible: roster.n_possible,
        min_p: roster.min_p,
        accepted: roster.accepted.map(|it| AcceptedRule {
            max_imbalance_millionths: it.max_imbalance_millionths,
            kept: it.n_kept,
            of: it.n_seen,
            is_exhaustive: it.is_exhaustive,
            fixed_pairs: it.n_fixed_pairs,
        }),
        units: units.map(unit).collect(),
        teams: roster.teams.iter().map(|it| it.name.clone()).collect(),
    })
}

/// The arms of each team's first findings.
pub(crate) fn arms_csv(roster: &Roster, seed: &Digest, n: u64) -> String {
    let head = "team,number,arm\n".to_owned();
    let row = |team: &Candidate, number: u64| {
        let arm = arm_word(arm_of_finding(seed, &team.name, number));
        format!("{},{number},{arm}\n", quoted(&team.name))
    };
    let rows = roster.teams.iter().flat_map(|team| (0..n).map(move |it| row(team, it)));
    std::iter::once(head).chain(rows).collect()
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// As it is written and compared, byte for byte.
pub(crate) fn text(document: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

/// For people.
pub(crate) fn write_summary(it: &Assignment, out: &mut dyn Write) -> io::Result<()> {
    let visible = fixloop_report::visible;
    writeln!(out, "commitment {}", it.commitment)?;
    let n_teams = it.teams.len();
    match it.min_p {
        Some(min_p) => {
            let possible = match it.possible.filter(|it| *it <= MAX_TOLD) {
                Some(possible) => format!("{possible:.0}"),
                None => format!("more than {MAX_TOLD}"),
            };
            let n_units = it.units.len();
            writeln!(
                out,
                "{}: {n_teams} teams in {n_units} units, {possible} assignments, smallest two-sided p {min_p:.4}",
                it.design
            )?;
        }
        None => writeln!(out, "{}: findings of {n_teams} teams, two of four treated", it.design)?,
    }
    if let Some(rule) = &it.accepted {
        writeln!(
            out,
            "imbalance of history and size at most {:.6}: kept {} of {}{}",
            rule.max_imbalance_millionths as f64 / 1e6,
            rule.kept,
            rule.of,
            if rule.is_exhaustive { "" } else { " drawn ones" }
        )?;
        if rule.fixed_pairs > 0 {
            writeln!(
                out,
                "{} pairs of units are always alike or always apart: keep more",
                rule.fixed_pairs
            )?;
        }
    }
    let n_width = it.teams.iter().map(|it| it.chars().count()).max().unwrap_or(0);
    for unit in &it.units {
        for team in &unit.teams {
            let team = visible(team);
            writeln!(out, "  {team:n_width$}  {:7}  block {}", unit.arm, unit.block)?;
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, DocumentError> {
    let failed = |source| DocumentError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
        return Err(DocumentError::Size(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    serde_json::from_str(&text)
        .map_err(|source| DocumentError::Parse { path: path.to_owned(), source })
}

fn schema(path: &Path, found: &str, expected: &'static str) -> Result<(), DocumentError> {
    if found == expected {
        return Ok(());
    }
    let (path, found) = (path.to_owned(), found.to_owned());
    Err(DocumentError::Schema { path, found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_by_people() {
        let team = |at: u64| Candidate {
            name: format!("team {at}"),
            platform: if at < 2 { "payments".to_owned() } else { String::new() },
            history: History {
                n_findings: 5 + at,
                n_fixed: at % 5,
                expected_millionths: 3_000_000,
            },
            ..Candidate::default()
        };
        let scheme = Scheme::Constrained { percent: 30 };
        let roster = Roster::new(scheme, 0.05, "2026-11-25", (0..12).map(team).collect());
        let roster = roster.unwrap_or_else(|error| panic!("{error}"));
        let seed = roster.seed("nonce", "headline");
        let drawn = assignment(&roster, &roster.commitment("digest"), &seed, "headline");
        let drawn = drawn.unwrap_or_else(|| panic!("nothing was drawn"));
        let mut out = Vec::new();
        write_summary(&drawn, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
        assert_eq!(drawn.constraint().is_some(), drawn.accepted.is_some());
        let read: Assignment = serde_json::from_str(&text(&drawn).unwrap()).unwrap();
        assert_eq!(text(&read).unwrap(), text(&drawn).unwrap());
    }
}
