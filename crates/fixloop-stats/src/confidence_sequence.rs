//! Bounds that a sum stays within at all times together, so that one may stop at any of them.
//!
//! For independent units (subjects, visits); findings of one team are not, and nothing here makes them so.

use thiserror::Error;

/// The two-sided normal-mixture boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalMixture {
    rho: f64,
    alpha: f64,
}

/// A number out of its range.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("{name} `{value}` is not {range}")]
pub struct InvalidSequence {
    pub name: &'static str,
    pub value: f64,
    pub range: &'static str,
}

impl NormalMixture {
    /// `rho`, on the scale of the variance, says where the boundary is tightest; `alpha` is two-sided, over all times.
    ///
    /// # Errors
    /// If `rho` is not positive, or `alpha` is not between 0 and 1.
    pub fn new(rho: f64, alpha: f64) -> Result<Self, InvalidSequence> {
        Ok(Self { rho: positive("rho", rho)?, alpha: error_rate(alpha)? })
    }

    /// Tightest about where the variance is `variance` (for a mean of units: at so many units).
    ///
    /// # Errors
    /// If `variance` is not positive, or `alpha` is not between 0 and 1.
    ///
    /// # Source
    /// Waudby-Smith et al. 2024, <https://doi.org/10.1214/24-AOS2408>.
    pub fn tuned_to(variance: f64, alpha: f64) -> Result<Self, InvalidSequence> {
        let twice_log = -2.0 * error_rate(alpha)?.ln();
        Self::new(positive("variance", variance)? / (twice_log + twice_log.ln_1p()), alpha)
    }

    pub fn rho(self) -> f64 {
        self.rho
    }

    /// What a sum of variance `variance` and mean 0 stays within, at all times with probability at least `1 - alpha`.
    ///
    /// # Errors
    /// If `variance` is negative or not finite.
    ///
    /// # Source
    /// Howard et al. 2021, <https://doi.org/10.1214/20-AOS1991>. Tested on confseq.
    pub fn bound(self, variance: f64) -> Result<f64, InvalidSequence> {
        let range = "a finite number of at least 0";
        let total = variance + self.rho;
        if variance < 0.0 || !total.is_finite() {
            return Err(InvalidSequence { name: "variance", value: variance, range });
        }
        let log = (total / self.rho).ln() - 2.0 * self.alpha.ln();
        Ok(total.sqrt() * log.sqrt())
    }

    /// Half the width of the confidence sequence of a mean after `n` independent units of standard deviation `std_dev`.
    ///
    /// Asymptotic: it holds for large `n` only, where the standard deviation is as good as known.
    ///
    /// # Units
    /// Those of `std_dev`.
    ///
    /// # Errors
    /// If `n` is 0, or `std_dev` is negative or not finite.
    ///
    /// # Source
    /// Waudby-Smith et al. 2024, <https://doi.org/10.1214/24-AOS2408>.
    pub fn half_width(self, n: u64, std_dev: f64) -> Result<f64, InvalidSequence> {
        let n = positive("number of units", n as f64)?;
        if !std_dev.is_finite() || std_dev < 0.0 {
            let range = "a finite number of at least 0";
            return Err(InvalidSequence { name: "standard deviation", value: std_dev, range });
        }
        Ok(std_dev * (self.bound(n)? / n))
    }
}

fn positive(name: &'static str, value: f64) -> Result<f64, InvalidSequence> {
    let is_positive = value.is_finite() && value > 0.0;
    if is_positive {
        Ok(value)
    } else {
        Err(InvalidSequence { name, value, range: "a positive number" })
    }
}

fn error_rate(alpha: f64) -> Result<f64, InvalidSequence> {
    if 0.0 < alpha && alpha < 1.0 {
        Ok(alpha)
    } else {
        Err(InvalidSequence { name: "alpha", value: alpha, range: "between 0 and 1" })
    }
}

#[cfg(test)]
mod tests;
