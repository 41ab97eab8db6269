//! Two arms compared by the means of their teams, each team one number.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::interval::p_student;

/// One number per finding, with its team and its arm.
#[derive(Clone, Copy, Debug)]
pub struct TeamRows<'a> {
    pub values: &'a [f64],
    pub teams: &'a [u32],
    /// Arm of each row, numbered as the caller likes; all rows of a team have the same.
    pub arms: &'a [u32],
}

/// Why arms cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum TeamMeansError {
    #[error("{labels} labels for {values} values")]
    Lengths { values: usize, labels: usize },
    #[error("value {row} is not a finite number")]
    NotFinite { row: usize },
    #[error("team `{team}` is in more than one arm")]
    TeamInTwoArms { team: u32 },
    #[error("{0} arms were given where two are compared")]
    NotTwoArms(usize),
    #[error("{0} teams are too few; at least 3 are needed")]
    TooFewTeams(usize),
    #[error("the teams of an arm do not differ")]
    NoVariance,
}

/// One team.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TeamMean {
    pub team: u32,
    pub arm: u32,
    pub n_rows: usize,
    pub mean: f64,
}

/// Difference of two means of independent numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDifference {
    /// Second minus first.
    pub difference: f64,
    /// From the variance pooled over both groups.
    pub std_error: f64,
    pub t: f64,
    pub degrees_of_freedom: usize,
    /// Two-sided.
    pub p: f64,
}

/// Both arms compared.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamMeans {
    /// By ascending number.
    pub teams: Vec<TeamMean>,
    /// The arm with the higher number minus the other.
    pub test: MeanDifference,
}

/// Student's t test on the teams' means, every team weighing the same.
///
/// Exact for normal team means of equal variance, however findings of a team go together; with very unequal teams it wastes information.
/// Costs O(n log n).
///
/// # Units
/// Those of the values.
///
/// # Errors
/// If lengths differ, a value is not finite, a team is in two arms, there are not exactly two arms or fewer than three teams, or no team differs
/// from the others of its arm.
///
/// # Source
/// Donner & Klar 2000, "Design and analysis of cluster randomization trials in health research", section 6.2; Student 1908,
/// <https://doi.org/10.1093/biomet/6.1.1>. Tested on R's `t.test`.
pub fn team_means(rows: &TeamRows<'_>) -> Result<TeamMeans, TeamMeansError> {
    let n_values = rows.values.len();
    for labels in [rows.teams.len(), rows.arms.len()] {
        if labels != n_values {
            return Err(TeamMeansError::Lengths { values: n_values, labels });
        }
    }
    if let Some(row) = rows.values.iter().position(|it| !it.is_finite()) {
        return Err(TeamMeansError::NotFinite { row });
    }
    let mut teams = BTreeMap::<u32, TeamMean>::new();
    for ((&value, &team), &arm) in rows.values.iter().zip(rows.teams).zip(rows.arms) {
        let so_far = teams.entry(team).or_insert(TeamMean { team, arm, n_rows: 0, mean: 0.0 });
        if so_far.arm != arm {
            return Err(TeamMeansError::TeamInTwoArms { team });
        }
        so_far.n_rows += 1;
        // A running mean: the sum of the largest numbers would overflow.
        let weight = (so_far.n_rows as f64).recip();
        so_far.mean += value * weight - so_far.mean * weight;
    }
    let teams: Vec<TeamMean> = teams.into_values().collect();
    let mut arms: Vec<u32> = teams.iter().map(|it| it.arm).collect();
    arms.sort_unstable();
    arms.dedup();
    let [first, second] = arms[..] else {
        return Err(TeamMeansError::NotTwoArms(arms.len()));
    };
    let of = |arm: u32| -> Vec<f64> {
        teams.iter().filter(|it| it.arm == arm).map(|it| it.mean).collect()
    };
    let test = mean_difference(&of(first), &of(second))?;
    Ok(TeamMeans { teams, test })
}

/// Second minus first, with the variance pooled over both.
///
/// # Errors
/// If there are fewer than three numbers or none in a group, one is not finite, or none differs from the others of its group.
///
/// # Source
/// Student 1908, <https://doi.org/10.1093/biomet/6.1.1>.
pub fn mean_difference(first: &[f64], second: &[f64]) -> Result<MeanDifference, TeamMeansError> {
    let n = first.len() + second.len();
    if first.is_empty() || second.is_empty() {
        return Err(TeamMeansError::NotTwoArms(usize::from(n > 0)));
    }
    if n < 3 {
        return Err(TeamMeansError::TooFewTeams(n));
    }
    if let Some(row) = first.iter().chain(second).position(|it| !it.is_finite()) {
        return Err(TeamMeansError::NotFinite { row });
    }
    let mean = |values: &[f64]| {
        let n = values.len() as f64;
        values.iter().map(|it| it / n).sum::<f64>()
    };
    let squares = |values: &[f64], mean: f64| -> f64 {
        values.iter().map(|it| (it - mean) * (it - mean)).sum()
    };
    let (mean_first, mean_second) = (mean(first), mean(second));
    let degrees_of_freedom = n - 2;
    let squares = squares(first, mean_first) + squares(second, mean_second);
    let per_team = (first.len() as f64).recip() + (second.len() as f64).recip();
    let std_error = (squares / degrees_of_freedom as f64 * per_team).sqrt();
    let size = first.iter().chain(second).map(|it| it.abs()).fold(0.0, f64::max);
    // Differences that only rounding keeps from 0 are no variance; written so that an overflow is none either.
    if !(std_error > 1e-13 * size && std_error.is_finite()) {
        return Err(TeamMeansError::NoVariance);
    }
    let difference = mean_second - mean_first;
    let t = difference / std_error;
    let p = p_student(t, degrees_of_freedom);
    Ok(MeanDifference { difference, std_error, t, degrees_of_freedom, p })
}

#[cfg(test)]
mod tests;
