//! Bounds for looking a planned number of times at a statistic that gathers information, by alpha spending.
//!
//! For statistics that move as a Brownian motion in their information, so log-rank tests of subjects randomized inside teams; whole
//! teams are for a randomization test. Repeated p-values and intervals after stopping are left out.

mod density;
mod quadrature;

use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

use crate::bisect::bisect;
use crate::interval::p_normal;
use density::Density;

/// Most looks that are planned.
pub const MAX_LOOKS: usize = 100;

/// Least information between two looks; the cost of a look grows as its inverse.
pub const MIN_INCREMENT: f64 = 1e-3;

/// Beyond it the normal tail is no number.
const LARGEST_Z: f64 = 38.0;

/// How the error rate is spent over the information.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spending {
    /// `4 - 4 Phi(z_{alpha/4} / sqrt t)`: hardly anything early, so that the last look is nearly a test without looks.
    OBrienFleming,
    /// `alpha log(1 + (e - 1) t)`: about the same bound at every look.
    Pocock,
}

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Share of the information at the end of the trial.
    pub information: f64,
    /// Of the error rate, up to and including this look.
    pub spent: f64,
    /// Stop where |z| is at least this; `None` where next to nothing may be spent, so no statistic is large enough.
    pub critical_z: Option<f64>,
    /// Two-sided p-value of the critical value if there were no other look.
    pub nominal_p: f64,
}

/// Why there are no bounds.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum GroupSequentialError {
    #[error("error rate `{0}` is not between 0 and 1")]
    Alpha(f64),
    #[error("`{0}` looks are none, or more than {MAX_LOOKS}")]
    Looks(usize),
    #[error(
        "information `{information}` of look `{look}` is not at most 1 and {MIN_INCREMENT} after that of the look before"
    )]
    Information { look: usize, information: f64 },
}

impl Spending {
    /// What may be spent of the two-sided `alpha` up to `information`, a share from 0 to 1.
    ///
    /// # Errors
    /// If `alpha` is not between 0 and 1, or `information` is not from 0 to 1.
    pub fn spent(self, alpha: f64, information: f64) -> Result<f64, GroupSequentialError> {
        if !(0.0 < alpha && alpha < 1.0) {
            return Err(GroupSequentialError::Alpha(alpha));
        }
        if !(0.0..=1.0).contains(&information) {
            return Err(GroupSequentialError::Information { look: 0, information });
        }
        let normal = Normal::standard();
        Ok(match self {
            Self::OBrienFleming if information <= 0.0 => 0.0,
            Self::OBrienFleming => {
                let z = -normal.inverse_cdf(alpha / 4.0);
                4.0 * normal.sf(z / information.sqrt())
            }
            Self::Pocock => alpha * ((std::f64::consts::E - 1.0) * information).ln_1p(),
        })
    }
}

/// Two-sided symmetric critical values at looks with so much information each, ascending shares of that at the end.
///
/// The bound of a look depends on those before it, not on those to come: dates may be moved as long as the results do not decide.
/// Information is `V/V_max`, with V the variance of the log-rank score. Numerical integration, exact to 9 digits:
/// the normal tail it uses is known to no more.
///
/// # Errors
/// If `alpha` is not between 0 and 1, there are no looks or more than [`MAX_LOOKS`], or information does not ascend by at least
/// [`MIN_INCREMENT`] up to 1.
///
/// # Source
/// Lan & `DeMets` 1983, <https://doi.org/10.1093/biomet/70.3.659>; Armitage, `McPherson` & Rowe 1969,
/// <https://doi.org/10.2307/2343787>. Tested on the published table of `O'Brien` and Fleming.
pub fn critical_values(
    spending: Spending,
    alpha: f64,
    information: &[f64],
) -> Result<Vec<Look>, GroupSequentialError> {
    if information.is_empty() || information.len() > MAX_LOOKS {
        return Err(GroupSequentialError::Looks(information.len()));
    }
    check(information)?;
    let mut density = Density::Start;
    let (mut reached, mut spent_before) = (0.0, 0.0);
    let mut looks = Vec::with_capacity(information.len());
    for (i, &information_here) in information.iter().enumerate() {
        let spent = spending.spent(alpha, information_here)?;
        let std_dev = (information_here - reached).sqrt();
        let scale = information_here.sqrt();
        let exceeds =
            |z: f64| (spent - spent_before) - density.probability_beyond(z * scale, std_dev);
        // Decreasing in z is the probability, so increasing is what is left of the budget.
        let z = bisect(0.0, LARGEST_Z, exceeds);
        let critical_z = (z < LARGEST_Z - 1e-9).then_some(z);
        let nominal_p = critical_z.map_or(0.0, p_normal);
        looks.push(Look { information: information_here, spent, critical_z, nominal_p });
        if let Some(&next) = information.get(i + 1) {
            let resolution = std_dev.min((next - information_here).sqrt());
            density = density.continued(z * scale, std_dev, resolution);
        }
        (reached, spent_before) = (information_here, spent);
    }
    Ok(looks)
}

fn check(information: &[f64]) -> Result<(), GroupSequentialError> {
    let mut before = 0.0;
    for (look, &information) in information.iter().enumerate() {
        // The tolerance lets sums of a thousandth through.
        let ascends = information - before >= MIN_INCREMENT * (1.0 - 1e-9);
        if !ascends || information > 1.0 {
            return Err(GroupSequentialError::Information { look, information });
        }
        before = information;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
