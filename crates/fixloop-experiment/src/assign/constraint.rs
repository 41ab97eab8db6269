//! Assignments whose arms were alike before: the accepted set of a constrained design.
//!
//! # Source
//! Moulton 2004, <https://doi.org/10.1191/1740774504cn024oa>; imbalance as the l2 metric of the R package `cvcrand` (Li et al. 2017,
//! <https://doi.org/10.1002/sim.7410>): squared differences of the arms' means, each covariate in units of its standard deviation.

use std::collections::BTreeMap;

use super::{Accepted, AssignError, Roster};

/// A unit with what must be balanced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConstraintUnit {
    pub teams: Vec<String>,
    pub score_millionths: i64,
    pub n_findings: u64,
    pub is_treated: bool,
}

/// Which assignments of all units are accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    units: Vec<ConstraintUnit>,
    /// History score and log size of each unit, in standard deviations.
    values: Vec<[f64; 2]>,
    max_imbalance_millionths: u64,
}

impl Constraint {
    pub fn new(units: Vec<ConstraintUnit>, max_imbalance_millionths: u64) -> Self {
        let scores = units.iter().map(|it| it.score_millionths as f64 / 1e6).collect();
        let sizes = units.iter().map(|it| f64::ln_1p(it.n_findings as f64)).collect();
        let (scores, sizes) = (standardized(scores), standardized(sizes));
        let values = scores.into_iter().zip(sizes).map(|(a, b)| [a, b]).collect();
        Self { units, values, max_imbalance_millionths }
    }

    /// Whether an assignment of all units (1 is treated) is accepted; one with an empty arm never is.
    pub fn accepts(&self, row: &[f64]) -> bool {
        imbalance(&self.values, row)
            .is_some_and(|it| millionths(it) <= self.max_imbalance_millionths)
    }

    /// The same question of assignments of some of the units, told by a team of each: others keep the arm that they were given.
    pub fn of_teams<'t>(&self, teams: impl Iterator<Item = &'t str>) -> impl Fn(&[f64]) -> bool {
        let mut unit_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, unit) in self.units.iter().enumerate() {
            unit.teams.iter().for_each(|it| {
                unit_of.insert(it, at);
            });
        }
        let places: Vec<Option<usize>> = teams.map(|it| unit_of.get(it).copied()).collect();
        let given: Vec<f64> =
            self.units.iter().map(|it| f64::from(u8::from(it.is_treated))).collect();
        move |row| {
            let mut all = given.clone();
            for (place, value) in places.iter().zip(row) {
                if let Some(place) = place {
                    all[*place] = *value;
                }
            }
            self.accepts(&all)
        }
    }
}

/// Rounded up, so that reading a number back never takes an assignment out of the set.
fn millionths(imbalance: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an imbalance is not negative, and a cast saturates"
    )]
    let rounded = (imbalance * 1e6 - 1e-3).ceil().max(0.0) as u64;
    rounded
}

fn standardized(values: Vec<f64>) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
    let scale = if variance > 1e-12 { 1.0 / variance.sqrt() } else { 0.0 };
    values.into_iter().map(|it| (it - mean) * scale).collect()
}

fn imbalance(values: &[[f64; 2]], row: &[f64]) -> Option<f64> {
    let n_treated: f64 = row.iter().sum();
    let n_control = row.len() as f64 - n_treated;
    if n_treated < 1.0 || n_control < 1.0 {
        return None;
    }
    let difference = |k: usize| {
        let of = |value: &[f64; 2], z: &f64| value[k] * (z / n_treated - (1.0 - z) / n_control);
        values.iter().zip(row).map(|(value, z)| of(value, z)).sum::<f64>()
    };
    Some((0..2).map(|k| difference(k) * difference(k)).sum())
}

/// The cut-off that keeps this percentage of all assignments, or of the drawn ones.
pub(super) fn cut(roster: &Roster, percent: u32) -> Result<Accepted, AssignError> {
    let all = roster.assignments()?;
    let values = roster.constraint(0, None).values;
    let of_row = |row: &[f64]| imbalance(&values, row).map_or(u64::MAX, millionths);
    let imbalances: Vec<u64> = all.iter().map(of_row).collect();
    let mut sorted = imbalances.clone();
    sorted.sort_unstable();
    let n_asked = (sorted.len() * percent as usize).div_ceil(100);
    let max = sorted.get(n_asked.saturating_sub(1)).copied().unwrap_or(u64::MAX);
    let kept: Vec<&[f64]> =
        all.iter().zip(&imbalances).filter(|it| *it.1 <= max).map(|it| it.0).collect();
    Ok(Accepted {
        max_imbalance_millionths: max,
        n_kept: kept.len(),
        n_seen: all.len(),
        is_exhaustive: all.is_exhaustive(),
        n_fixed_pairs: n_fixed_pairs(&kept, roster.units.len()),
    })
}

/// Pairs of units always alike, or always different; a pair that blocks keep apart is counted, too.
fn n_fixed_pairs(kept: &[&[f64]], n_units: usize) -> usize {
    let is_alike = |row: &[f64], a: usize, b: usize| row[a].total_cmp(&row[b]).is_eq();
    let is_fixed = |a: usize, b: usize| {
        let mut rows = kept.iter();
        let first = rows.next().is_some_and(|it| is_alike(it, a, b));
        rows.all(|it| is_alike(it, a, b) == first)
    };
    (0..n_units).map(|a| (a + 1..n_units).filter(|b| is_fixed(a, *b)).count()).sum()
}
