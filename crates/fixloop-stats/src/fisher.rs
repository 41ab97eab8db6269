//! Fisher's exact test of a two by two table.

use thiserror::Error;

use crate::bisect::bisect;
use crate::hypergeometric::Hypergeometric;
use crate::{Interval, Level};

/// Tables as probable as the observed one up to this relative difference count as probable, as in R.
const TIE: f64 = 1e-7;

/// Successes and failures of two groups.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TwoByTwo {
    pub first: (u64, u64),
    pub second: (u64, u64),
}

/// Result of Fisher's exact test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fisher {
    /// Of tables at most as probable as the observed one.
    pub p_two_sided: f64,
    /// Of at least as many successes in the first group.
    pub p_greater: f64,
    /// Of at most as many successes in the first group.
    pub p_less: f64,
    /// Odds of success in the first group over the second's.
    pub odds_ratio: OddsRatio,
}

/// What the table says about the odds ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OddsRatio {
    /// Only one table has these margins.
    CannotTell,
    /// Conditional maximum likelihood estimate and exact limits; the upper ones may be infinite.
    Estimated { estimate: f64, limits: Interval },
}

/// A table beyond [`MAX_TOTAL`].
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a total of `{0}` is more than the {MAX_TOTAL} that can be enumerated")]
pub struct TableTooLarge(u128);

/// Largest total of a table; beyond it, a test of two shares has long been exact enough.
pub const MAX_TOTAL: u64 = 1_000_000;

/// Tests whether success is independent of the group, given the margins of the table.
///
/// Costs O(smallest margin).
///
/// # Errors
/// If the table is beyond [`MAX_TOTAL`].
///
/// # Source
/// Fisher 1935, <https://doi.org/10.2307/2342435>. Tested on R's `fisher.test` with the roots found to the last bit.
pub fn fisher_exact(table: TwoByTwo, level: Level) -> Result<Fisher, TableTooLarge> {
    let total = [table.first.0, table.first.1, table.second.0, table.second.1];
    let total: u128 = total.into_iter().map(u128::from).sum();
    if total > u128::from(MAX_TOTAL) {
        return Err(TableTooLarge(total));
    }
    let tables = Tables::new(table);
    let probabilities = tables.probabilities(0.0);
    let limit = probabilities[tables.observed] * (1.0 + TIE);
    let two_sided: f64 = probabilities.iter().filter(|&&it| it <= limit).sum();
    Ok(Fisher {
        p_two_sided: two_sided.min(1.0),
        p_greater: probabilities[tables.observed..].iter().sum::<f64>().min(1.0),
        p_less: probabilities[..=tables.observed].iter().sum::<f64>().min(1.0),
        odds_ratio: tables.odds_ratio(1.0 - level.upper_tail()),
    })
}

/// Every table with the observed margins, by ascending successes of the first group.
struct Tables {
    distribution: Hypergeometric,
    observed: usize,
}

impl Tables {
    fn new(table: TwoByTwo) -> Self {
        let TwoByTwo { first: (a, b), second: (c, d) } = table;
        let distribution = Hypergeometric::new(a + b, c + d, a + c);
        let observed = usize::try_from(a - distribution.least()).expect("the total is bounded");
        Self { distribution, observed }
    }

    /// Probabilities at an odds ratio of `exp(log_odds)`.
    fn probabilities(&self, log_odds: f64) -> Vec<f64> {
        self.distribution.probabilities(log_odds)
    }

    fn odds_ratio(&self, tail: f64) -> OddsRatio {
        let last = self.distribution.n_counts() - 1;
        if last == 0 {
            return OddsRatio::CannotTell;
        }
        let (is_least, is_most) = (self.observed == 0, self.observed == last);
        let below =
            |log_odds: f64| self.probabilities(log_odds)[..=self.observed].iter().sum::<f64>();
        let above =
            |log_odds: f64| self.probabilities(log_odds)[self.observed..].iter().sum::<f64>();
        let mean = |log_odds: f64| {
            let probabilities = self.probabilities(log_odds);
            probabilities.iter().enumerate().map(|(i, it)| i as f64 * it).sum::<f64>()
        };
        let estimate = match (is_least, is_most) {
            (true, _) => 0.0,
            (_, true) => f64::INFINITY,
            _ => root(|it| mean(it) - self.observed as f64),
        };
        let lower = if is_least { 0.0 } else { root(|it| above(it) - tail) };
        let upper = if is_most { f64::INFINITY } else { root(|it| tail - below(it)) };
        OddsRatio::Estimated { estimate, limits: Interval { lower, upper } }
    }
}

/// The odds ratio at which a function that increases with its logarithm is 0.
fn root(f: impl Fn(f64) -> f64) -> f64 {
    let mut reach = 1.0;
    while reach < 512.0 && !(f(-reach) < 0.0 && f(reach) >= 0.0) {
        reach *= 2.0;
    }
    bisect(-reach, reach, f).exp()
}
