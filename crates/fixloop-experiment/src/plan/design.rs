//! Which designs a treatment and a number of teams allow, the best first.

use fixloop_stats::size::{min_p_of_complete, min_p_of_pairs};

/// How a treatment reaches people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Treatment {
    Hint,
    PrComment,
    AutoPr,
    BuildWarn,
    BuildBreak,
}

/// How a pilot can be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PilotDesign {
    /// A coin for each finding inside its team.
    InsideTeam,
    /// Teams in pairs with a like history, a coin for each pair.
    MatchedPairs,
    /// Half of the teams, all drawn together.
    TeamRandomized,
    /// Teams in waves whose order is drawn; compared inside each period.
    RingWaves,
    /// Weeks drawn inside each team.
    Switchback,
    /// Teams that were chosen: at best this supports.
    Observational,
}

/// Why a design is not offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// No result could count: the smallest p is over alpha. So many teams could.
    CannotReachAlpha { min_p: f64, teams_needed: u32 },
    /// Below four teams against four nothing is run.
    TooFewTeams { teams_needed: u32 },
}

/// Four against four.
pub const MIN_TEAMS: u32 = 8;

/// From here on a comparison of teams is planned; below, it can be run.
pub const MIN_TEAMS_PLANNED: u32 = 12;

/// Waves of a ring rollout, each at least two against two.
const MIN_TEAMS_OF_WAVES: u32 = 8;

/// More than these are never asked for.
const MAX_TEAMS: u32 = 10_000;

impl Treatment {
    /// In the order in which they are offered.
    pub fn designs(self) -> &'static [PilotDesign] {
        use PilotDesign::{
            InsideTeam, MatchedPairs, Observational, RingWaves, Switchback, TeamRandomized,
        };
        match self {
            Self::Hint | Self::PrComment | Self::AutoPr => {
                &[InsideTeam, MatchedPairs, TeamRandomized, RingWaves, Observational]
            }
            // A warning stands in the build of everybody, so findings cannot be drawn; it can be taken back, so weeks can.
            Self::BuildWarn => {
                &[MatchedPairs, TeamRandomized, RingWaves, Switchback, Observational]
            }
            Self::BuildBreak => &[MatchedPairs, TeamRandomized, RingWaves],
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::PrComment => "pr-comment",
            Self::AutoPr => "auto-pr",
            Self::BuildWarn => "build-warn",
            Self::BuildBreak => "build-break",
        }
    }
}

impl PilotDesign {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InsideTeam => "inside-team",
            Self::MatchedPairs => "matched-pairs",
            Self::TeamRandomized => "team-randomized",
            Self::RingWaves => "ring-waves",
            Self::Switchback => "switchback",
            Self::Observational => "observational",
        }
    }

    /// Whether teams, and not findings or weeks, are what is drawn in one go.
    pub fn draws_teams(self) -> bool {
        matches!(self, Self::MatchedPairs | Self::TeamRandomized)
    }

    /// Whether its power is known by replaying the past.
    pub fn is_replayed(self) -> bool {
        self.draws_teams() || self == Self::InsideTeam
    }

    /// The smallest two-sided p that so many teams can show; `None` where something else than teams is drawn.
    pub fn min_p(self, n_teams: u32) -> Option<f64> {
        match self {
            Self::MatchedPairs => Some(min_p_of_pairs(n_teams / 2)),
            Self::TeamRandomized => {
                let treated = n_teams / 2;
                Some(min_p_of_complete(treated, n_teams - treated))
            }
            Self::InsideTeam | Self::RingWaves | Self::Switchback | Self::Observational => None,
        }
    }

    /// Why so many teams are too few for it.
    pub fn refusal(self, n_teams: u32, alpha: f64) -> Option<Refusal> {
        if let Some(min_p) = self.min_p(n_teams).filter(|it| *it > alpha) {
            let reaches = |it: &u32| self.min_p(*it).is_some_and(|it| it <= alpha);
            let teams_needed = (MIN_TEAMS..MAX_TEAMS).step_by(2).find(reaches);
            let teams_needed = teams_needed.unwrap_or(MAX_TEAMS);
            return Some(Refusal::CannotReachAlpha { min_p, teams_needed });
        }
        let teams_needed = match self {
            Self::MatchedPairs | Self::TeamRandomized => MIN_TEAMS,
            Self::RingWaves => MIN_TEAMS_OF_WAVES,
            Self::InsideTeam | Self::Switchback => 1,
            Self::Observational => 2,
        };
        (n_teams < teams_needed).then_some(Refusal::TooFewTeams { teams_needed })
    }
}
