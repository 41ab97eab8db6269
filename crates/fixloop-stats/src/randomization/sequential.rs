//! Looking at a randomisation test more than once, without paying with its error.

use thiserror::Error;

/// One look's outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The absolute statistic of the observed assignment, as compared.
    pub observed: f64,
    /// The smallest absolute statistic rejected at this look; `None` if the budget bought no whole group of ties.
    pub threshold: Option<f64>,
    /// Assignments rejected at this look or before.
    pub n_spent: usize,
    /// The observed assignment is among those rejected at this look.
    pub is_rejected: bool,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LookError {
    #[error("there are `{n_assignments}` assignments, and `{n_statistics}` statistics")]
    Length { n_assignments: usize, n_statistics: usize },
    #[error(
        "the budget `{budget}` is less than what was spent before (`{n_spent}`): looks come in the order of the schedule"
    )]
    Order { budget: usize, n_spent: usize },
}

/// An exact group-sequential randomisation test: over all looks at most the last budget of the assignments is ever rejected, so the total
/// error is at most that share, however the statistics of different looks go together.
///
/// At each look the largest statistics are rejected among assignments not rejected before, in whole groups of ties, as many as the
/// cumulative budget allows.
///
/// # Source
/// Alpha spending (Lan & `DeMets` 1983, <https://doi.org/10.1093/biomet/70.3.659>) on the randomisation distribution, as in Mehta,
/// Patel, Senchaudhuri & Tsiatis 1994, Biometrics 50, 1042.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequential {
    is_alive: Vec<bool>,
    observed: usize,
    n_spent: usize,
}

/// How many of `n` assignments may be rejected by the look at `share` of the whole time: floor(n alpha share^power).
pub fn spent_budget(n: usize, alpha: f64, share: f64, power: f64) -> usize {
    let budget = n as f64 * alpha * share.clamp(0.0, 1.0).powf(power);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of assignments; the cast takes a NaN to 0"
    )]
    let budget = (budget + 1e-9).floor() as usize;
    budget.min(n)
}

impl Sequential {
    pub fn new(n_assignments: usize, observed: usize) -> Self {
        Self { is_alive: vec![true; n_assignments], observed, n_spent: 0 }
    }

    /// One look: a statistic per assignment, and how many may be rejected by now.
    ///
    /// Statistics are compared by absolute value, rounded to nine decimals. One that is not finite is never rejected.
    ///
    /// # Errors
    /// If the number of statistics is another, or the budget shrank. Nothing is spent then.
    pub fn look(&mut self, statistics: &[f64], budget: usize) -> Result<Look, LookError> {
        let n_assignments = self.is_alive.len();
        if statistics.len() != n_assignments {
            return Err(LookError::Length { n_assignments, n_statistics: statistics.len() });
        }
        let n_spent = self.n_spent;
        let left = budget.checked_sub(n_spent).ok_or(LookError::Order { budget, n_spent })?;
        let rounded = |it: f64| (it.abs() * 1e9).round() / 1e9;
        let values: Vec<f64> = statistics.iter().map(|it| rounded(*it)).collect();
        let mut alive: Vec<f64> = values
            .iter()
            .zip(&self.is_alive)
            .filter(|(it, is_alive)| **is_alive && it.is_finite())
            .map(|(it, _)| *it)
            .collect();
        alive.sort_unstable_by(|a, b| b.total_cmp(a));
        let mut threshold = None;
        let mut n = 0;
        for ties in alive.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
            n += ties.len();
            if n > left {
                break;
            }
            threshold = Some(ties[0]);
        }
        let mut is_rejected = false;
        if let Some(threshold) = threshold {
            for (index, value) in values.iter().enumerate() {
                if self.is_alive[index] && *value >= threshold {
                    self.is_alive[index] = false;
                    self.n_spent += 1;
                    is_rejected |= index == self.observed;
                }
            }
        }
        let observed = values.get(self.observed).copied().unwrap_or(f64::NAN);
        Ok(Look { observed, threshold, n_spent: self.n_spent, is_rejected })
    }
}
