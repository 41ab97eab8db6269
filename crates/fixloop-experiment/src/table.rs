//! What an experiment left behind: findings of teams that were assigned to arms.

use std::collections::BTreeMap;

use fixloop_stats::{Causes, Observation};
use thiserror::Error;

use crate::assign::Constraint;

/// The cause that is the event; others compete.
pub const FIXED: Causes = Causes::Only(1);

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Arm {
    Control,
    Treated,
}

/// A remediation opportunity: the unit of every statistic, though not of the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Its place among the teams.
    pub team: u32,
    /// As assigned, whatever was received.
    pub arm: Arm,
    /// Compared only with findings of the same stratum (severity).
    pub stratum: u32,
    /// Of the time before the experiment: history, never an outcome.
    pub is_before: bool,
    /// Cause 1 is a fix; any other cause competes.
    pub observation: Observation,
    /// The age up to which it could have been seen: data cut less origin. `None` if nobody can tell.
    pub limit: Option<f64>,
    /// When its clock started, in days since the experiment did.
    pub day: Option<f64>,
}

/// What was randomised, or belongs together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Team {
    pub name: String,
    /// Teams are compared inside their pair or stratum of the randomisation.
    pub block: u32,
    /// Teams of one platform were assigned together.
    pub platform: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Control and treated, as the table calls them.
    pub arm_names: [String; 2],
    pub teams: Vec<Team>,
    pub findings: Vec<Finding>,
    /// Where teams were drawn inside a constraint: which assignments were accepted.
    pub accepted: Option<Constraint>,
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum TableError {
    #[error("there is no finding of the time of the experiment")]
    Empty,
    #[error("{} in both arms: {}", are(teams.len()), listed(teams))]
    BothArms { teams: Vec<String> },
    #[error("teams of one platform are in different arms: {}", listed(teams))]
    SplitPlatform { teams: Vec<String> },
    #[error("nothing of these teams counts, so nobody can tell their arm: {}", listed(teams))]
    Untold { teams: Vec<String> },
    #[error("arm `{0}` has no finding")]
    NoFinding(String),
}

fn are(n: usize) -> String {
    if n == 1 { "1 team is".to_owned() } else { format!("{n} teams are") }
}

fn listed(names: &[String]) -> String {
    const MAX_LISTED: usize = 5;
    let shown: Vec<&str> = names.iter().take(MAX_LISTED).map(|it| &**it).collect();
    let more = names.len().saturating_sub(MAX_LISTED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

impl Arm {
    pub fn index(self) -> usize {
        match self {
            Self::Control => 0,
            Self::Treated => 1,
        }
    }
}

impl Table {
    /// Findings of the experiment's own time.
    pub fn during(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| !it.is_before)
    }

    pub fn before(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.is_before)
    }

    /// The arm of each team, `None` for a team without a finding: every team has one, or it is an error.
    ///
    /// # Errors
    /// If a team's findings are in both arms, teams of a platform are, or an arm has no finding.
    pub fn arms_of_teams(&self) -> Result<Vec<Option<Arm>>, TableError> {
        let mut arms: Vec<Option<Arm>> = vec![None; self.teams.len()];
        let mut is_in_both = vec![false; self.teams.len()];
        for it in &self.findings {
            let known = arms[it.team as usize].get_or_insert(it.arm);
            is_in_both[it.team as usize] |= *known != it.arm;
        }
        let names = |is_named: &dyn Fn(usize) -> bool| -> Vec<String> {
            let named = (0..self.teams.len()).filter(|it| is_named(*it));
            named.map(|it| self.teams[it].name.clone()).collect()
        };
        let teams = names(&|it| is_in_both[it]);
        if !teams.is_empty() {
            return Err(TableError::BothArms { teams });
        }
        let mut of_platform: BTreeMap<u32, Arm> = BTreeMap::new();
        let is_split = |(team, arm): (&Team, &Option<Arm>)| {
            let (Some(platform), Some(arm)) = (team.platform, *arm) else { return false };
            *of_platform.entry(platform).or_insert(arm) != arm
        };
        let split: Vec<bool> = self.teams.iter().zip(&arms).map(is_split).collect();
        let teams = names(&|it| split[it]);
        if !teams.is_empty() {
            return Err(TableError::SplitPlatform { teams });
        }
        self.check_arms()?;
        Ok(arms)
    }

    /// That both arms have findings of the time of the experiment.
    ///
    /// # Errors
    /// If one has none.
    pub fn check_arms(&self) -> Result<(), TableError> {
        let mut n = [0; 2];
        self.during().for_each(|it| n[it.arm.index()] += 1);
        match n {
            [0, 0] => Err(TableError::Empty),
            [0, _] => Err(TableError::NoFinding(self.arm_names[0].clone())),
            [_, 0] => Err(TableError::NoFinding(self.arm_names[1].clone())),
            _ => Ok(()),
        }
    }
}
