//! Who is treated: drawn from a list that was committed to before, by a seed that nobody chose, so that everybody can recompute it.
//!
//! Draws need no random number generator: units of a block are put in the order of SHA-256(seed, attempt, block, unit), and the first
//! ones are treated. `sha256sum` is all that a check needs, today and with any later version.

mod constraint;
mod error;
mod inside_team;
mod seed;
mod units;

use fixloop_stats::randomization::{Assignments, Limits};

pub use constraint::{Constraint, ConstraintUnit};
pub use error::AssignError;
pub use inside_team::arm_of_finding;
pub use seed::{Digest, digest};
pub use units::{Block, Unit};

use crate::table::Arm;
use constraint::cut;
use units::{blocks_of, units_of};

/// What is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// Half of all units.
    Complete,
    /// Half of the units of each stratum.
    Stratified,
    /// One of two neighbors in the order of their history.
    Pairs,
    /// Half of all units (of each stratum, if there are strata), among the draws with the smallest imbalance: this percentage of all.
    Constrained { percent: u32 },
    /// Findings, inside each team.
    InsideTeam,
}

/// What a team did before, in whole numbers, so that everybody hashes the same.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct History {
    pub n_findings: u64,
    pub n_fixed: u64,
    /// Fixes at everybody's pace.
    pub expected_millionths: u64,
}

/// A team that is to be assigned. Empty: no stratum, no platform.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Candidate {
    pub name: String,
    pub stratum: String,
    pub platform: String,
    pub history: History,
}

/// What is committed to: everything that decides the draw but its seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    pub scheme: Scheme,
    pub alpha: f64,
    /// The day of the assignment, as 2026-11-25.
    pub date: String,
    /// By name.
    pub teams: Vec<Candidate>,
    pub units: Vec<Unit>,
    pub blocks: Vec<Block>,
    pub accepted: Option<Accepted>,
    /// Assignments that can be drawn, roughly if they are too many to list; `None` if findings are, or no number holds them.
    pub n_possible: Option<f64>,
    /// The smallest two-sided p that these can show; `None` if findings are drawn.
    pub min_p: Option<f64>,
}

/// The set that a constrained design draws from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accepted {
    pub max_imbalance_millionths: u64,
    /// Accepted among all, or among the drawn ones.
    pub n_kept: usize,
    pub n_seen: usize,
    pub is_exhaustive: bool,
    /// Pairs of units which every accepted assignment treats alike, or every one differently: too many make a test fragile.
    pub n_fixed_pairs: usize,
}

impl Roster {
    /// Checks the list, and that the design can show anything.
    ///
    /// # Errors
    /// If a name cannot be used, a platform is in two strata, or no result could count.
    pub fn new(
        scheme: Scheme,
        alpha: f64,
        date: &str,
        mut teams: Vec<Candidate>,
    ) -> Result<Self, AssignError> {
        teams.sort_by(|a, b| a.name.cmp(&b.name));
        error::check(&teams, date, scheme)?;
        let units = units_of(&teams)?;
        let mut roster = Self {
            scheme,
            alpha,
            date: date.to_owned(),
            teams,
            units,
            blocks: Vec::new(),
            accepted: None,
            n_possible: None,
            min_p: None,
        };
        if scheme == Scheme::InsideTeam {
            return Ok(roster);
        }
        roster.blocks = blocks_of(&roster.units, scheme)?;
        let mut n_possible = units::n_possible(&roster.blocks);
        if let Scheme::Constrained { percent } = scheme {
            let kept = cut(&roster, percent)?;
            let share = kept.n_kept as f64 / kept.n_seen as f64;
            n_possible = if kept.is_exhaustive { kept.n_kept as f64 } else { n_possible * share };
            roster.accepted = Some(kept);
        }
        let min_p = units::min_p(&roster.blocks, n_possible);
        if min_p > alpha {
            let sizes: Vec<usize> = roster.blocks.iter().map(|it| it.units.len()).collect();
            let n_wanted = units::fewest_units(scheme, &sizes, alpha);
            let n_units = roster.units.len();
            return Err(AssignError::CannotReachAlpha { n_units, min_p, alpha, n_wanted });
        }
        roster.n_possible = Some(n_possible).filter(|it| it.is_finite());
        roster.min_p = Some(min_p);
        Ok(roster)
    }

    /// What is hashed: lines of tab-separated cells, in the order of the teams' names.
    pub fn text(&self) -> String {
        let (name, percent) = match self.scheme {
            Scheme::Constrained { percent } => ("constrained", percent),
            other => (other.as_str(), 0),
        };
        let head = format!(
            "fixloop.roster/1\ndesign\t{name}\t{percent}\nalpha\t{}\ndate\t{}\n",
            self.alpha, self.date
        );
        let team = |it: &Candidate| {
            let History { n_findings, n_fixed, expected_millionths } = it.history;
            let cells = [&*it.name, &*it.stratum, &*it.platform].join("\t");
            format!("team\t{cells}\t{n_findings}\t{n_fixed}\t{expected_millionths}\n")
        };
        std::iter::once(head).chain(self.teams.iter().map(team)).collect()
    }

    /// What is published before the draw: it fixes the list and the secret nonce, and shows neither arm nor nonce.
    pub fn commitment(&self, nonce_digest: &str) -> String {
        digest(&["fixloop.commitment/1", &self.text(), nonce_digest]).to_string()
    }

    /// What decides: list, secret nonce, and a public one that nobody could know when the commitment was published.
    pub fn seed(&self, nonce: &str, public_nonce: &str) -> Digest {
        digest(&["fixloop.seed/1", &self.text(), nonce, public_nonce])
    }

    /// Whether each unit is treated; `None` if findings are drawn, or no draw is accepted.
    pub fn draw(&self, seed: &Digest) -> Option<Vec<bool>> {
        /// One draw in a hundred is accepted at least, so that this many never fail.
        const MAX_ATTEMPTS: u32 = 100_000;
        let constraint = self.accepted.map(|it| self.constraint(it.max_imbalance_millionths, None));
        let is_accepted = |treated: &[bool]| {
            let row: Vec<f64> = treated.iter().map(|it| f64::from(u8::from(*it))).collect();
            constraint.as_ref().is_none_or(|it| it.accepts(&row))
        };
        if self.blocks.is_empty() {
            return None;
        }
        (0..MAX_ATTEMPTS).map(|it| self.attempt(seed, it)).find(|it| is_accepted(it))
    }

    fn attempt(&self, seed: &Digest, attempt: u32) -> Vec<bool> {
        let mut treated = vec![false; self.units.len()];
        let (seed, attempt) = (seed.to_string(), attempt.to_string());
        for (number, block) in self.blocks.iter().enumerate() {
            let number = number.to_string();
            let name = |unit: usize| &*self.units[unit].name;
            let key = |unit: usize| digest(&["draw", &seed, &attempt, &number, name(unit)]);
            let mut order: Vec<usize> = block.units.clone();
            order.sort_by_cached_key(|it| key(*it));
            order.iter().take(block.n_treated).for_each(|it| treated[*it] = true);
        }
        treated
    }

    /// The rule of a constrained design, for a test inside its accepted set.
    pub fn constraint(
        &self,
        max_imbalance_millionths: u64,
        treated: Option<&[bool]>,
    ) -> Constraint {
        let unit = |(at, unit): (usize, &Unit)| ConstraintUnit {
            teams: unit.teams.iter().map(|it| self.teams[*it].name.clone()).collect(),
            score_millionths: unit.score_millionths,
            n_findings: unit.n_findings,
            is_treated: treated.is_some_and(|it| it[at]),
        };
        let units = self.units.iter().enumerate().map(unit).collect();
        Constraint::new(units, max_imbalance_millionths)
    }

    /// Of each unit, the number of its block.
    pub fn block_of_units(&self) -> Vec<u32> {
        let mut of_unit = vec![0; self.units.len()];
        for (number, block) in (0..).zip(&self.blocks) {
            block.units.iter().for_each(|it| of_unit[*it] = number);
        }
        of_unit
    }

    /// All assignments that blocks allow, or draws of them.
    fn assignments(&self) -> Result<Assignments, AssignError> {
        // Any one stands for the numbers of its blocks.
        let mut treated = vec![false; self.units.len()];
        for block in &self.blocks {
            block.units.iter().take(block.n_treated).for_each(|it| treated[*it] = true);
        }
        let seed = digest(&["fixloop.cutoff/1", &self.text()]).first_word();
        Assignments::of_strata(&self.block_of_units(), &treated, Limits::default(), seed)
            .map_err(AssignError::Assignments)
    }
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stratified => "stratified",
            Self::Pairs => "pairs",
            Self::Constrained { .. } => "constrained",
            Self::InsideTeam => "inside-team",
        }
    }
}

/// `control` and `treated`, as files call them.
pub fn arm_word(arm: Arm) -> &'static str {
    match arm {
        Arm::Control => "control",
        Arm::Treated => "treated",
    }
}

#[cfg(test)]
mod tests;
