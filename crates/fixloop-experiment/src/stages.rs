//! Where open time goes, by stage, and the most that removing a stage could give.
//!
//! Restricted means of a multi-state curve need no complete chain and add up to the horizon, unlike averages over what is closed.

mod groups;

use fixloop_stats::{InvalidTransitions, Jackknife, Level};
use thiserror::Error;

use crate::table::Arm;
use groups::Groups;

/// One stretch of one finding in one stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageStretch {
    /// Any number; stretches of one number belong together.
    pub finding: usize,
    pub team: u32,
    /// `None` for all where nothing is compared.
    pub arm: Option<Arm>,
    /// In days since the finding's origin.
    pub start: f64,
    pub stop: f64,
    pub from: usize,
    /// `None` if still there when the watch ended.
    pub to: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StageTable {
    /// Names; stages that somebody leaves are open, the others endings.
    pub stages: Vec<String>,
    pub n_teams: usize,
    /// Control and treated.
    pub arm_names: Option<[String; 2]>,
    pub stretches: Vec<StageStretch>,
}

/// Days in a stage up to the horizon, in one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageDays {
    pub days: f64,
    /// `None` with one team, or where a curve without one of them does not reach the horizon.
    pub jackknife: Option<Jackknife>,
    /// Of the open days; `None` of an ending.
    pub share: Option<f64>,
    pub share_jackknife: Option<Jackknife>,
}

/// Whether removing a stage could give the wanted change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ceiling {
    /// Even the most that the interval allows is less than what is wanted.
    Rejected,
    /// The least that the interval allows is enough.
    Enough,
    CannotTell,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub name: String,
    pub is_open: bool,
    /// By group: all, or control and treated.
    pub groups: Vec<StageDays>,
    /// Treated minus control, in days; `None` without arms or without an error.
    pub difference: Option<Jackknife>,
    /// Of an open stage in the first group (the control, where there are arms), if a change is wanted.
    pub ceiling: Option<Ceiling>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    pub horizon: f64,
    /// As a share of open time, as 0.2.
    pub wanted: Option<f64>,
    /// `all`, or the arms' names.
    pub groups: Vec<String>,
    pub n_findings: Vec<usize>,
    pub n_teams: Vec<usize>,
    /// Days in all open stages together, by group.
    pub open_days: Vec<f64>,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, Error, PartialEq)]
pub enum StagesError {
    #[error("there is no stretch of any finding")]
    Empty,
    #[error("horizon `{0}` is no number of days above 0")]
    Horizon(f64),
    #[error("wanted share `{0}` is not between 0 and 1")]
    Wanted(f64),
    #[error("a stretch of finding {finding} is of team {team}, and there are {n_teams}")]
    Team { finding: usize, team: u32, n_teams: usize },
    #[error("finding {0} is in two teams or two arms")]
    TwoPlaces(usize),
    #[error("{group}")]
    Transitions { group: String, source: InvalidTransitions },
    #[error("{group} is watched up to day {end}, and the horizon is {horizon}")]
    TooShort { group: String, end: f64, horizon: f64 },
}

/// Days by stage up to `horizon`, by arm if there are arms.
///
/// Same-day moves collapse to the later stage. Errors are by team (jackknife; more than 200 teams of an arm are put together). Costs a pass
/// over the stretches per team.
///
/// # Errors
/// If stretches do not join, a finding is in two teams, or a group is not watched up to the horizon.
///
/// # Source
/// Datta & Satten 2001; Royston & Parmar 2013, by state. Tested on R `survival`.
pub fn stages(
    table: &StageTable,
    horizon: f64,
    wanted: Option<f64>,
) -> Result<Stages, StagesError> {
    if !horizon.is_finite() || horizon <= 0.0 {
        return Err(StagesError::Horizon(horizon));
    }
    if let Some(wanted) = wanted.filter(|it| !(0.0 < *it && *it < 1.0)) {
        return Err(StagesError::Wanted(wanted));
    }
    let is_open = open_stages(table);
    let groups = Groups::of(table, &is_open, horizon)?;
    let n_groups = groups.names.len();
    let open_days: Vec<f64> = (0..n_groups).map(|at| groups.open_days(at)).collect();
    let stage = |(place, name): (usize, &String)| {
        let of: Vec<StageDays> = (0..n_groups).map(|at| groups.days(at, place)).collect();
        Stage {
            name: name.clone(),
            is_open: is_open[place],
            difference: groups.difference(place),
            ceiling: wanted
                .filter(|_| is_open[place])
                .map(|wanted| ceiling(of[0].share_jackknife.as_ref(), wanted)),
            groups: of,
        }
    };
    Ok(Stages {
        horizon,
        wanted,
        stages: table.stages.iter().enumerate().map(stage).collect(),
        n_findings: groups.n_findings.clone(),
        n_teams: groups.n_teams.clone(),
        groups: groups.names,
        open_days,
    })
}

/// Those that somebody leaves.
fn open_stages(table: &StageTable) -> Vec<bool> {
    let mut is_open = vec![false; table.stages.len()];
    for it in &table.stretches {
        if let Some(is_open) = is_open.get_mut(it.from) {
            *is_open = true;
        }
    }
    is_open
}

fn ceiling(share: Option<&Jackknife>, wanted: f64) -> Ceiling {
    let Some(interval) = share.map(|it| it.interval(Level::P95)) else {
        return Ceiling::CannotTell;
    };
    // No spread between teams is no knowledge of the spread.
    if interval.lower >= interval.upper {
        Ceiling::CannotTell
    } else if interval.upper < wanted {
        Ceiling::Rejected
    } else if interval.lower >= wanted {
        Ceiling::Enough
    } else {
        Ceiling::CannotTell
    }
}

#[cfg(test)]
mod tests;
