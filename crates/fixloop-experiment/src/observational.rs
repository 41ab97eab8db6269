//! Teams that were chosen, not drawn: their change beside the others' change. It supports at best; it never confirms.

use fixloop_stats::difference_in_differences::{
    DifferenceError, HistoryAdjusted, TeamScore, difference_in_differences,
};
use fixloop_stats::{Causes, Observation, Sample, Start, kaplan_meier_from, restricted_mean};
use thiserror::Error;

use crate::table::{Arm, Finding, Table, TableError};

/// Stretches that the time before is cut into for placebo effects.
const N_PLACEBO_STRETCHES: usize = 4;

/// Why nothing can be said.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CannotObserve {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(
        "there is no time before (a column `period`), and without it teams that were chosen cannot be told from teams that changed"
    )]
    NoHistory,
    #[error("for {n} of {of} teams the time before or during tells no mean up to {horizon} days")]
    TeamsUntold { n: usize, of: usize, horizon: f64 },
    #[error(transparent)]
    Difference(#[from] DifferenceError),
}

/// Means of days open by team, before and during, and what their differences say.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// In days; below 0: the treated teams' findings are open for less time than before, beside the others'.
    pub differences: HistoryAdjusted,
    pub n_teams: [usize; 2],
    /// The same difference between neighbouring stretches of the time before, in which nothing was treated; `None` where days are not
    /// known or a stretch tells too little.
    pub placebos: Vec<Option<f64>>,
    /// No placebo effect is more than half as large as the estimate, and there are three.
    pub is_apart_from_drift: bool,
}

/// Difference in differences of the mean days open up to `horizon`, by team.
///
/// Only findings that were watched from their start on, so that both times are read by the same clock.
///
/// # Errors
/// If arms are no property of teams, there is no time before, or a team tells no mean.
pub fn observe(table: &Table, horizon: f64) -> Result<Observed, CannotObserve> {
    let arms = table.arms_of_teams()?;
    if table.before().next().is_none() {
        return Err(CannotObserve::NoHistory);
    }
    let before: Vec<&Finding> = table.before().collect();
    let during: Vec<&Finding> = table.during().collect();
    let teams = scores(&arms, &before, &during, horizon);
    let n = teams.iter().flatten().count();
    let of = arms.iter().flatten().count();
    if n < of {
        return Err(CannotObserve::TeamsUntold { n: of - n, of, horizon });
    }
    let teams: Vec<TeamScore> = teams.into_iter().flatten().collect();
    let differences = difference_in_differences(&teams)?;
    let n_treated = teams.iter().filter(|it| it.is_treated).count();
    let placebos = placebos(&arms, &before, horizon);
    let estimate = differences.difference_in_differences.test.difference;
    let is_small = |it: &Option<f64>| it.is_some_and(|it| it.abs() <= estimate.abs() / 2.0);
    Ok(Observed {
        n_teams: [teams.len() - n_treated, n_treated],
        is_apart_from_drift: placebos.iter().all(is_small),
        placebos,
        differences,
    })
}

/// Of each team that has an arm, its means of two times; `None` where one tells none.
fn scores(
    arms: &[Option<Arm>],
    before: &[&Finding],
    during: &[&Finding],
    horizon: f64,
) -> Vec<Option<TeamScore>> {
    let mean = |findings: &[&Finding], team: usize| {
        let of_team = findings.iter().filter(|it| it.team as usize == team);
        let seen = of_team.filter(|it| it.observation.entry().is_none());
        let observations: Vec<Observation> = seen.map(|it| it.observation).collect();
        let curve = kaplan_meier_from(Sample::new(&observations).ok()?, Causes::Any, Start::Origin);
        Some(restricted_mean(&curve, horizon).ok()?.mean)
    };
    let score = |(team, arm): (usize, &Option<Arm>)| {
        let is_treated = (*arm)? == Arm::Treated;
        Some((mean(before, team), mean(during, team), is_treated))
    };
    let told = arms.iter().enumerate().filter_map(score);
    told.map(|(before, during, is_treated)| {
        Some(TeamScore { is_treated, before: before?, after: during? })
    })
    .collect()
}

/// Differences in differences between neighbouring stretches of the time before.
fn placebos(arms: &[Option<Arm>], before: &[&Finding], horizon: f64) -> Vec<Option<f64>> {
    let none = vec![None; N_PLACEBO_STRETCHES - 1];
    let days: Option<Vec<f64>> = before.iter().map(|it| it.day).collect();
    let Some(days) = days else { return none };
    let (first, last) = days
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |range, it| (range.0.min(*it), range.1.max(*it)));
    let width = (last - first) / N_PLACEBO_STRETCHES as f64;
    if width.is_nan() || width <= 0.0 {
        return none;
    }
    let stretch = |number: usize| -> Vec<&Finding> {
        let (from, to) = (first + width * number as f64, first + width * (number + 1) as f64);
        let is_last = number + 1 == N_PLACEBO_STRETCHES;
        let is_inside = |it: f64| it >= from && (it < to || is_last);
        let inside = before.iter().zip(&days).filter(|(_, day)| is_inside(**day));
        inside.map(|(it, _)| *it).collect()
    };
    let effect = |number: usize| {
        let scores = scores(arms, &stretch(number), &stretch(number + 1), horizon);
        let teams: Vec<TeamScore> = scores.into_iter().flatten().collect();
        let found = difference_in_differences(&teams).ok()?;
        Some(found.difference_in_differences.test.difference)
    };
    (0..N_PLACEBO_STRETCHES - 1).map(effect).collect()
}
