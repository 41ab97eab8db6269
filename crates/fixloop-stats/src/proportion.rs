//! Intervals of shares, and of the difference of two.

use statrs::distribution::{Beta, ContinuousCDF};
use thiserror::Error;

use crate::{Interval, Level};

/// So many of so many, perhaps worth fewer independent trials than there were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    share: f64,
    n_effective: f64,
}

/// Numbers that are no share.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidProportion {
    #[error("there was no trial")]
    NoTrial,
    #[error("`{successes}` successes are more than `{trials}` trials")]
    MoreThanTrials { successes: u64, trials: u64 },
    #[error("design effect `{0}` is not a finite number of at least 1")]
    DesignEffect(f64),
    #[error("share `{share}` of `{n_effective}` effective trials is no share of any")]
    Effective { share: f64, n_effective: f64 },
}

impl Proportion {
    /// Successes of independent trials.
    ///
    /// # Errors
    /// If there was no trial, or there are more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Self, InvalidProportion> {
        if trials == 0 {
            return Err(InvalidProportion::NoTrial);
        }
        if successes > trials {
            return Err(InvalidProportion::MoreThanTrials { successes, trials });
        }
        Ok(Self { share: successes as f64 / trials as f64, n_effective: trials as f64 })
    }

    /// The same share from trials that go together in clusters: `n / design_effect` of them count.
    ///
    /// # Errors
    /// If the design effect is below 1 or not finite.
    pub fn with_design_effect(self, design_effect: f64) -> Result<Self, InvalidProportion> {
        if !design_effect.is_finite() || design_effect < 1.0 {
            return Err(InvalidProportion::DesignEffect(design_effect));
        }
        Ok(Self { n_effective: self.n_effective / design_effect, ..self })
    }

    /// A share that was not counted (of days, say), worth so many independent trials.
    ///
    /// # Errors
    /// If the share is not from 0 to 1, or the trials are not a positive number.
    pub fn of_effective(share: f64, n_effective: f64) -> Result<Self, InvalidProportion> {
        let is_valid = (0.0..=1.0).contains(&share) && n_effective.is_finite() && n_effective > 0.0;
        let invalid = InvalidProportion::Effective { share, n_effective };
        if is_valid { Ok(Self { share, n_effective }) } else { Err(invalid) }
    }

    pub fn share(self) -> f64 {
        self.share
    }

    pub fn n_effective(self) -> f64 {
        self.n_effective
    }
}

/// Wilson's score interval, without continuity correction.
///
/// # Source
/// Wilson 1927, <https://doi.org/10.1080/01621459.1927.10502953>. Tested on statsmodels.
pub fn wilson(proportion: Proportion, level: Level) -> Interval {
    let z = level.z();
    let Proportion { share, n_effective: n } = proportion;
    let scale = (1.0 + z * z / n).recip();
    let center = (share + z * z / (2.0 * n)) * scale;
    let half = z * scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // The limits reach a share of 0 or 1 exactly; rounding would miss it.
    let lower = if share == 0.0 { 0.0 } else { (center - half).clamp(0.0, share) };
    let upper = if share >= 1.0 { 1.0 } else { (center + half).clamp(share, 1.0) };
    Interval { lower, upper }
}

/// Clopper and Pearson's interval, which covers at least `level` for independent trials.
///
/// A design effect makes the count fractional, as in Korn and Graubard's interval without their correction of degrees of freedom.
///
/// # Source
/// Clopper & Pearson 1934, <https://doi.org/10.1093/biomet/26.4.404>. Tested on statsmodels.
pub fn clopper_pearson(proportion: Proportion, level: Level) -> Interval {
    let Proportion { share, n_effective: n } = proportion;
    let tail = 1.0 - level.upper_tail();
    let (hits, misses) = (share * n, (1.0 - share) * n);
    let beta = |a, b| Beta::new(a, b).expect("both shapes are positive");
    let lower = if share == 0.0 { 0.0 } else { beta(hits, misses + 1.0).inverse_cdf(tail) };
    // Of the misses' share, so that the tail is a small number to the last bit.
    let upper = if share >= 1.0 { 1.0 } else { 1.0 - beta(misses, hits + 1.0).inverse_cdf(tail) };
    Interval { lower, upper }
}

/// Newcombe's interval of `first - second` from both Wilson intervals (his method 10).
///
/// # Source
/// Newcombe 1998, <https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I>. Tested on his examples.
pub fn newcombe_difference(first: Proportion, second: Proportion, level: Level) -> Interval {
    let (a, b) = (wilson(first, level), wilson(second, level));
    let difference = first.share - second.share;
    Interval {
        lower: difference - f64::hypot(first.share - a.lower, b.upper - second.share),
        upper: difference + f64::hypot(a.upper - first.share, second.share - b.lower),
    }
}
