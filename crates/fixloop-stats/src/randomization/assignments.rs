//! Which units could have been treated.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// How many assignments are listed at most, and how many are drawn where there are more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    pub n_listed: usize,
    /// Drawn in addition to the observed one.
    pub n_drawn: usize,
}

impl Default for Limits {
    /// All of up to 20,000; else 9,999 draws, which with the observed one make p-values of 1 in 10,000.
    fn default() -> Self {
        Self { n_listed: 20_000, n_drawn: 9_999 }
    }
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum AssignmentsError {
    #[error("there are `{n_units}` units, and `{n_other}` numbers that should be one for each")]
    Length { n_units: usize, n_other: usize },
    #[error(
        "no stratum has both a treated unit and an untreated one: nothing else could have been drawn"
    )]
    Fixed,
    #[error("the observed assignment is not one of the accepted ones")]
    NotAccepted,
}

/// The assignments that could have been drawn, the observed one among them.
///
/// Each is a row of `n_units` values, 1 for treated and 0 for not: as numbers, since a statistic is a sum over units.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignments {
    n_units: usize,
    rows: Vec<f64>,
    observed: usize,
    is_exhaustive: bool,
    n_possible: f64,
}

impl Assignments {
    /// Every stratum treats as many of its units as it was observed to: all units in one stratum (complete randomisation), strata, or
    /// pairs (strata of two).
    ///
    /// `strata[u]` and `treated[u]` are unit `u`'s. Where there are more than the limit, the observed one stands first and the rest is
    /// drawn with `seed`, with replacement; p-values stay exact (the observed one counts among them).
    ///
    /// # Errors
    /// If the lengths differ, or nothing else could have been drawn.
    pub fn of_strata(
        strata: &[u32],
        treated: &[bool],
        limits: Limits,
        seed: u64,
    ) -> Result<Self, AssignmentsError> {
        Self::accepted(strata, treated, limits, seed, |_| true)
    }

    /// [`Assignments::of_strata`], of these only what the design accepted (constrained randomisation): `accepts` gets one row.
    ///
    /// # Errors
    /// Also if the observed assignment is not accepted, or it is the only one found.
    pub fn accepted(
        strata: &[u32],
        treated: &[bool],
        limits: Limits,
        seed: u64,
        accepts: impl Fn(&[f64]) -> bool,
    ) -> Result<Self, AssignmentsError> {
        let n_units = treated.len();
        if strata.len() != n_units {
            return Err(AssignmentsError::Length { n_units, n_other: strata.len() });
        }
        let observed: Vec<f64> = treated.iter().map(|it| f64::from(u8::from(*it))).collect();
        if !accepts(&observed) {
            return Err(AssignmentsError::NotAccepted);
        }
        let members = members(strata);
        let n_treated = |units: &Vec<usize>| units.iter().filter(|it| treated[**it]).count();
        let n_possible: f64 = members.iter().map(|it| n_choices(it.len(), n_treated(it))).product();
        if n_possible < 2.0 {
            return Err(AssignmentsError::Fixed);
        }
        let is_exhaustive = n_possible <= limits.n_listed as f64;
        let mut rows = Vec::new();
        if is_exhaustive {
            let choices: Vec<Vec<Vec<usize>>> =
                members.iter().map(|it| choices(it, n_treated(it))).collect();
            list(&choices, n_units, |row| {
                if accepts(row) {
                    rows.extend_from_slice(row);
                }
            });
        } else {
            rows.extend_from_slice(&observed);
            draw(&members, &observed, (limits.n_drawn, seed), |row| {
                let is_accepted = accepts(row);
                if is_accepted {
                    rows.extend_from_slice(row);
                }
                is_accepted
            });
        }
        let place = rows.chunks_exact(n_units).position(|it| it == observed);
        let observed = place.ok_or(AssignmentsError::NotAccepted)?;
        let n = rows.len() / n_units;
        if n < 2 {
            return Err(AssignmentsError::Fixed);
        }
        let n_possible = if is_exhaustive { n as f64 } else { n_possible };
        Ok(Self { n_units, rows, observed, is_exhaustive, n_possible })
    }

    pub fn n_units(&self) -> usize {
        self.n_units
    }

    pub fn len(&self) -> usize {
        self.rows.len() / self.n_units
    }

    /// Never: there are two or more.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether every assignment is here; else the observed one and draws.
    pub fn is_exhaustive(&self) -> bool {
        self.is_exhaustive
    }

    /// How many could have been drawn; before a constraint, where they are not listed.
    pub fn n_possible(&self) -> f64 {
        self.n_possible
    }

    /// The place of the observed one.
    pub fn observed(&self) -> usize {
        self.observed
    }

    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.chunks_exact(self.n_units)
    }

    /// One number for each assignment.
    pub fn map(&self, statistic: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
        self.iter().map(statistic).collect()
    }

    /// The smallest two-sided p-value that the most extreme assignment can reach: it and, if every stratum can be mirrored, its mirror
    /// image.
    pub fn min_p(&self) -> f64 {
        let has_mirror = |row: &[f64]| {
            let mirrored: Vec<f64> = row.iter().map(|it| 1.0 - it).collect();
            self.iter().any(|it| it == mirrored)
        };
        let n = if self.iter().take(1).all(has_mirror) { 2.0 } else { 1.0 };
        n / self.len() as f64
    }
}

/// The units of each stratum, in order of the strata.
fn members(strata: &[u32]) -> Vec<Vec<usize>> {
    let mut labels = strata.to_vec();
    labels.sort_unstable();
    labels.dedup();
    let of = |label: &u32| (0..strata.len()).filter(|it| strata[*it] == *label).collect();
    labels.iter().map(of).collect()
}

/// Binomial coefficient; large ones are approximate, which only limits are compared with.
fn n_choices(n: usize, k: usize) -> f64 {
    (0..k.min(n - k)).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).round()
}

/// All ways to choose `k` of these units, in lexicographic order.
fn choices(units: &[usize], k: usize) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let mut chosen: Vec<usize> = (0..k).collect();
    loop {
        all.push(chosen.iter().map(|it| units[*it]).collect());
        let Some(at) = (0..k).rev().find(|it| chosen[*it] < units.len() - k + it) else {
            return all;
        };
        chosen[at] += 1;
        for next in at + 1..k {
            chosen[next] = chosen[next - 1] + 1;
        }
    }
}

/// Every combination of the strata's choices.
fn list(choices: &[Vec<Vec<usize>>], n_units: usize, mut visit: impl FnMut(&[f64])) {
    let mut at = vec![0; choices.len()];
    loop {
        let mut row = vec![0.0; n_units];
        for (choices, at) in choices.iter().zip(&at) {
            for unit in &choices[*at] {
                row[*unit] = 1.0;
            }
        }
        visit(&row);
        // Counts up with one digit per stratum.
        let Some(digit) = (0..at.len()).rev().find(|it| at[*it] + 1 < choices[*it].len()) else {
            return;
        };
        at[digit] += 1;
        at[digit + 1..].fill(0);
    }
}

/// Draws until `n` are taken, or it is clear that too few are.
fn draw(
    members: &[Vec<usize>],
    observed: &[f64],
    (n, seed): (usize, u64),
    mut take: impl FnMut(&[f64]) -> bool,
) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut row = observed.to_vec();
    let (mut n_taken, mut n_tried) = (0, 0);
    while n_taken < n && n_tried < 1000 * n {
        for units in members {
            let mut values: Vec<f64> = units.iter().map(|it| row[*it]).collect();
            values.shuffle(&mut rng);
            for (unit, value) in units.iter().zip(values) {
                row[*unit] = value;
            }
        }
        n_taken += usize::from(take(&row));
        n_tried += 1;
    }
}
