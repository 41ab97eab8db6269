//! How many events, findings and teams a comparison needs, and what it can detect.

mod accrual;
mod clusters;
mod detectable;
mod events;
mod permutation;

use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

pub use accrual::{Accrual, ExponentialHazard, total_subjects};
pub use clusters::{
    ClusterSpread, ClusteredEvents, cluster_power, clusters_per_arm, design_effect,
};
pub use detectable::{minimum_detectable_difference, minimum_detectable_ratio};
pub use events::{freedman_events, schoenfeld_events};
pub use permutation::{min_p_of_complete, min_p_of_pairs};

/// Error rates that a design must keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorRates {
    alpha: f64,
    power: f64,
}

/// A number out of its range.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("{name} `{value}` is not {range}")]
pub struct InvalidSize {
    pub name: &'static str,
    pub value: f64,
    pub range: &'static str,
}

impl ErrorRates {
    /// Two-sided 5%, power 80%.
    pub const USUAL: Self = Self { alpha: 0.05, power: 0.8 };

    /// `alpha` is two-sided.
    ///
    /// # Errors
    /// If not 0 < `alpha` < `power` < 1.
    pub fn new(alpha: f64, power: f64) -> Result<Self, InvalidSize> {
        let alpha = between("alpha", alpha, 0.0, 1.0, "between 0 and 1")?;
        let power = between("power", power, alpha, 1.0, "between alpha and 1")?;
        Ok(Self { alpha, power })
    }

    pub fn alpha(self) -> f64 {
        self.alpha
    }

    pub fn power(self) -> f64 {
        self.power
    }

    /// `(z_{1-alpha/2} + z_{power})^2`.
    fn squared_z(self) -> f64 {
        let normal = Normal::standard();
        let z = normal.inverse_cdf(self.alpha / 2.0) + normal.inverse_cdf(1.0 - self.power);
        z * z
    }
}

fn positive(name: &'static str, value: f64) -> Result<f64, InvalidSize> {
    between(name, value, 0.0, f64::INFINITY, "a positive number")
}

fn not_negative(name: &'static str, value: f64) -> Result<f64, InvalidSize> {
    if value == 0.0 {
        Ok(value)
    } else {
        between(name, value, 0.0, f64::INFINITY, "a number of at least 0")
    }
}

/// A share that may be 0 or 1.
fn share(name: &'static str, value: f64) -> Result<f64, InvalidSize> {
    let is_share = (0.0..=1.0).contains(&value);
    if is_share { Ok(value) } else { Err(InvalidSize { name, value, range: "from 0 to 1" }) }
}

/// A ratio other than 1.
fn ratio(name: &'static str, value: f64) -> Result<f64, InvalidSize> {
    let value = positive(name, value)?;
    if value.ln() == 0.0 {
        return Err(InvalidSize { name, value, range: "a positive number other than 1" });
    }
    Ok(value)
}

fn between(
    name: &'static str,
    value: f64,
    low: f64,
    high: f64,
    range: &'static str,
) -> Result<f64, InvalidSize> {
    if low < value && value < high { Ok(value) } else { Err(InvalidSize { name, value, range }) }
}
