//! Why nothing is drawn.

use fixloop_stats::randomization::AssignmentsError;
use thiserror::Error;

use super::{Candidate, Scheme};

#[derive(Clone, Debug, Error, PartialEq)]
pub enum AssignError {
    #[error("there is no team to assign")]
    Empty,
    #[error("a team has no name")]
    NoName,
    #[error("team `{0}` is in the list twice")]
    Twice(String),
    #[error("`{0}` has a control character, which the hashed list cannot hold")]
    Control(String),
    #[error("`{0}` teams are more than the {MAX_TEAMS} that can be assigned")]
    TooMany(usize),
    #[error("no team has a stratum, and the design draws inside strata")]
    NoStratum,
    #[error("no team has a history, and the design compares histories")]
    NoHistory,
    #[error("findings are drawn inside each team, so that platforms cannot be kept together")]
    PlatformInsideTeam,
    #[error("platform `{platform}` is in two strata: teams `{team}` and `{other}`")]
    PlatformInTwoStrata { platform: String, team: String, other: String },
    #[error("`{team}` is alone in stratum `{stratum}`: there is nothing to draw")]
    Alone { stratum: String, team: String },
    #[error("the share that is kept is `{0}` %, and must be from 1 to 100")]
    Percent(u32),
    #[error(
        "with {n_units} units the smallest two-sided p is {min_p:.3}, so that no result could count at {alpha}; {}", could(*n_wanted)
    )]
    CannotReachAlpha { n_units: usize, min_p: f64, alpha: f64, n_wanted: Option<usize> },
    #[error(transparent)]
    Assignments(AssignmentsError),
}

fn could(n_wanted: Option<usize>) -> String {
    n_wanted
        .map_or_else(|| "more units could not, either".to_owned(), |it| format!("{it} units could"))
}

/// Analyses keep pairs of teams.
const MAX_TEAMS: usize = 5_000;

/// What must hold of a list, sorted by name.
pub(super) fn check(teams: &[Candidate], date: &str, scheme: Scheme) -> Result<(), AssignError> {
    if teams.is_empty() {
        return Err(AssignError::Empty);
    }
    if teams.len() > MAX_TEAMS {
        return Err(AssignError::TooMany(teams.len()));
    }
    if teams.iter().any(|it| it.name.is_empty()) {
        return Err(AssignError::NoName);
    }
    if let Some(twice) = teams.windows(2).find(|it| it[0].name == it[1].name) {
        return Err(AssignError::Twice(twice[0].name.clone()));
    }
    let cells = teams.iter().flat_map(|it| [&*it.name, &it.stratum, &it.platform]);
    if let Some(text) = cells.chain([date]).find(|it| it.chars().any(char::is_control)) {
        return Err(AssignError::Control(text.to_owned()));
    }
    let has_history = teams.iter().any(|it| it.history.n_findings > 0);
    match scheme {
        Scheme::Stratified if teams.iter().all(|it| it.stratum.is_empty()) => {
            Err(AssignError::NoStratum)
        }
        Scheme::Pairs | Scheme::Constrained { .. } if !has_history => Err(AssignError::NoHistory),
        Scheme::Constrained { percent } if !(1..=100).contains(&percent) => {
            Err(AssignError::Percent(percent))
        }
        Scheme::InsideTeam if teams.iter().any(|it| !it.platform.is_empty()) => {
            Err(AssignError::PlatformInsideTeam)
        }
        _ => Ok(()),
    }
}
