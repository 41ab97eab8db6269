//! The number of successes among independent trials that differ in probability.

use thiserror::Error;

/// Most trials; the cost is their square.
pub const MAX_ITEMS: usize = 10_000;

/// The exact distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonBinomial {
    mean: f64,
    variance: f64,
    probabilities: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum PoissonBinomialError {
    #[error("probability `{0}` is not from 0 to 1")]
    Probability(f64),
    #[error("`{0}` trials are more than {MAX_ITEMS}")]
    TooMany(usize),
}

impl PoissonBinomial {
    /// Takes one probability per trial; without trials the number is 0.
    ///
    /// As a forecast of open items its spread is too narrow, since neither teams nor the curve's error are in it.
    ///
    /// # Errors
    /// If a probability is not from 0 to 1, or there are more than [`MAX_ITEMS`].
    ///
    /// # Source
    /// Wang 1993, <https://www.jstor.org/stable/24304959>, by convolution. Tested on numpy.
    pub fn new(trials: &[f64]) -> Result<Self, PoissonBinomialError> {
        if trials.len() > MAX_ITEMS {
            return Err(PoissonBinomialError::TooMany(trials.len()));
        }
        if let Some(&p) = trials.iter().find(|it| !(0.0..=1.0).contains(*it)) {
            return Err(PoissonBinomialError::Probability(p));
        }
        let mut probabilities = vec![0.0; trials.len() + 1];
        probabilities[0] = 1.0;
        for (n_before, &p) in trials.iter().enumerate() {
            for k in (0..=n_before).rev() {
                probabilities[k + 1] += p * probabilities[k];
                probabilities[k] *= 1.0 - p;
            }
        }
        let mean = trials.iter().sum();
        let variance = trials.iter().map(|p| p * (1.0 - p)).sum();
        Ok(Self { mean, variance, probabilities })
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    pub fn std_dev(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Of exactly `n` successes.
    pub fn probability(&self, n: usize) -> f64 {
        self.probabilities.get(n).copied().unwrap_or(0.0)
    }

    /// Of at least `n` successes.
    pub fn at_least(&self, n: usize) -> f64 {
        // From the rare end, and rounding may not lead past 1.
        let tail = self.probabilities.get(n..).unwrap_or(&[]);
        tail.iter().rev().sum::<f64>().min(1.0)
    }

    /// The smallest number that is not exceeded with probability at least `p`; the largest possible one for `p` of 1 and beyond.
    pub fn quantile(&self, p: f64) -> usize {
        let mut sum = 0.0;
        let reaches = |it: &f64| {
            sum += it;
            sum >= p
        };
        self.probabilities.iter().position(reaches).unwrap_or(self.probabilities.len() - 1)
    }
}
