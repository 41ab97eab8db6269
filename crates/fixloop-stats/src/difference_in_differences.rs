//! Teams compared with their own past: plain, adjusted for it, and by its difference.
//!
//! One score per team before and after; where teams were chosen and not drawn, p-values are placebo distributions, not proof.

use thiserror::Error;

use crate::interval::p_student;
use crate::least_squares::{LeastSquares, NoFit};
use crate::team_means::{MeanDifference, TeamMeansError, mean_difference};

/// Up to so many assignments are enumerated; beyond it there is no permutation p.
pub const MAX_ASSIGNMENTS: u64 = 20_000;

/// Statistics this near the observed one count as equal to it.
const TIE: f64 = 1e-9;

/// One team; `after` is the outcome, `before` the same score in the time before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeamScore {
    pub is_treated: bool,
    pub before: f64,
    pub after: f64,
}

/// Why teams cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum DifferenceError {
    #[error("a score of team {team} is not a finite number")]
    NotFinite { team: usize },
    #[error(
        "{treated} treated and {control} other teams are too few; at least 2 of each are needed"
    )]
    TooFewTeams { treated: usize, control: usize },
    #[error("the scores before do not differ, so that nothing can be adjusted for them")]
    NoHistory,
    #[error("the scores before tell treated teams from others without exception")]
    HistoryIsArm,
    #[error("the scores after do not differ within the arms")]
    NoVariance,
}

/// Treated minus other teams.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeamDifference {
    /// With the t distribution of teams minus 2.
    pub test: MeanDifference,
    /// Share of all assignments of as many teams whose difference is at least as far from 0; `None` beyond [`MAX_ASSIGNMENTS`].
    pub p_permutation: Option<f64>,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryAdjusted {
    /// Of the scores after alone.
    pub raw: TeamDifference,
    /// Slope of the scores after on those before, over all teams, blind to the arm.
    pub theta: f64,
    /// Of `after - theta (before - mean before)` (CUPED).
    pub cuped: TeamDifference,
    /// Coefficient of the arm beside the scores before (ANCOVA).
    pub ancova: MeanDifference,
    /// Of `after - before`.
    pub difference_in_differences: TeamDifference,
}

/// Compares treated teams with the others, with and without their own past.
///
/// `theta` does not look at the arm, so that the permutation test stays exact where teams were assigned at random. Costs O(assignments * teams).
///
/// # Units
/// Those of the scores.
///
/// # Errors
/// If a score is not finite, an arm has fewer than two teams, or scores do not differ where they must.
///
/// # Source
/// Deng, Xu, Kohavi & Walker 2013 (CUPED), <https://doi.org/10.1145/2433396.2433413>; Fisher 1935, "The Design of Experiments", chapter 3
/// (permutation); Ashenfelter & Card 1985, <https://doi.org/10.2307/1924810> (differences). Tested against numpy and statsmodels.
pub fn difference_in_differences(teams: &[TeamScore]) -> Result<HistoryAdjusted, DifferenceError> {
    check(teams)?;
    let is_treated: Vec<bool> = teams.iter().map(|it| it.is_treated).collect();
    let before: Vec<f64> = teams.iter().map(|it| it.before).collect();
    let after: Vec<f64> = teams.iter().map(|it| it.after).collect();
    let arms: Vec<f64> = is_treated.iter().map(|&it| f64::from(u8::from(it))).collect();
    let slope = LeastSquares::new(&after, &before, 1).map_err(|_| DifferenceError::NoHistory)?;
    let theta = slope.coefficients[0];
    let center = before.iter().map(|it| it / before.len() as f64).sum::<f64>();
    let adjusted = |factor: f64, center: f64| -> Vec<f64> {
        after
            .iter()
            .zip(&before)
            .map(|(after, before)| after - factor * (before - center))
            .collect()
    };
    let both: Vec<f64> = before.iter().zip(&arms).flat_map(|(x, arm)| [*x, *arm]).collect();
    Ok(HistoryAdjusted {
        raw: compare(&after, &is_treated)?,
        theta,
        cuped: compare(&adjusted(theta, center), &is_treated)?,
        ancova: ancova(&after, &both)?,
        difference_in_differences: compare(&adjusted(1.0, 0.0), &is_treated)?,
    })
}

fn check(teams: &[TeamScore]) -> Result<(), DifferenceError> {
    let is_invalid = |it: &TeamScore| !it.before.is_finite() || !it.after.is_finite();
    if let Some(team) = teams.iter().position(is_invalid) {
        return Err(DifferenceError::NotFinite { team });
    }
    let treated = teams.iter().filter(|it| it.is_treated).count();
    let control = teams.len() - treated;
    if treated < 2 || control < 2 {
        return Err(DifferenceError::TooFewTeams { treated, control });
    }
    Ok(())
}

/// Takes the score before and the arm of each team.
fn ancova(after: &[f64], covariates: &[f64]) -> Result<MeanDifference, DifferenceError> {
    let fit = LeastSquares::new(after, covariates, 2).map_err(|it| match it {
        NoFit::Collinear { .. } => DifferenceError::HistoryIsArm,
        _ => DifferenceError::NoHistory,
    })?;
    let (difference, std_error) = (fit.coefficients[1], fit.std_errors()[1]);
    let size = after.iter().map(|it| it.abs()).fold(0.0, f64::max);
    if !(std_error > 1e-13 * size && std_error.is_finite()) {
        return Err(DifferenceError::NoVariance);
    }
    let (t, degrees_of_freedom) = (difference / std_error, fit.degrees_of_freedom());
    let p = p_student(t, degrees_of_freedom);
    Ok(MeanDifference { difference, std_error, t, degrees_of_freedom, p })
}

fn compare(scores: &[f64], is_treated: &[bool]) -> Result<TeamDifference, DifferenceError> {
    let of = |wanted: bool| -> Vec<f64> {
        let teams = scores.iter().zip(is_treated).filter(|it| *it.1 == wanted);
        teams.map(|it| *it.0).collect()
    };
    let (control, treated) = (of(false), of(true));
    let test = mean_difference(&control, &treated).map_err(|it| match it {
        TeamMeansError::NotFinite { row } => DifferenceError::NotFinite { team: row },
        _ => DifferenceError::NoVariance,
    })?;
    Ok(TeamDifference {
        test,
        p_permutation: p_permutation(scores, treated.len(), test.difference),
    })
}

/// Share of the choices of `n_treated` teams whose difference of means is at least as far from 0 as the observed one.
fn p_permutation(scores: &[f64], n_treated: usize, observed: f64) -> Option<f64> {
    let n = scores.len();
    let mut n_assignments = 1_u64;
    for i in 0..n_treated.min(n - n_treated) {
        // Exact: a product of so many neighbors is divisible by their count.
        n_assignments = n_assignments * (n - i) as u64 / (i + 1) as u64;
        if n_assignments > MAX_ASSIGNMENTS {
            return None;
        }
    }
    let total: f64 = scores.iter().sum();
    let (treated, control) = (n_treated as f64, (n - n_treated) as f64);
    let threshold = observed.abs() - TIE * observed.abs().max(1.0);
    let mut chosen: Vec<usize> = (0..n_treated).collect();
    let mut n_extreme = 0_u64;
    loop {
        let sum: f64 = chosen.iter().map(|&it| scores[it]).sum();
        let difference = sum / treated - (total - sum) / control;
        n_extreme += u64::from(difference.abs() >= threshold);
        // The next choice in lexical order: the last member that can move does, and those after it follow.
        let Some(place) = (0..n_treated).rev().find(|&it| chosen[it] < n - n_treated + it) else {
            return Some(n_extreme as f64 / n_assignments as f64);
        };
        let first = chosen[place] + 1;
        for (member, value) in chosen[place..].iter_mut().zip(first..) {
            *member = value;
        }
    }
}

#[cfg(test)]
mod tests;
