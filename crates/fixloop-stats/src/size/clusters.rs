//! Comparisons of whole teams.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::noncentral_t;

use super::{ErrorRates, InvalidSize, between, not_negative, positive, ratio, share};

/// How teams differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterSpread {
    frailty_variance: f64,
    size_cv: f64,
    history_reliability: f64,
}

/// Events and teams of a comparison in which whole teams are treated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusteredEvents {
    n_events: f64,
    clusters_per_arm: u32,
    spread: ClusterSpread,
}

impl ClusterSpread {
    /// Teams whose hazards vary by `frailty_variance` (of the multiplier) and whose sizes vary by `size_cv` (standard deviation over mean).
    ///
    /// # Errors
    /// If a number is negative or not finite.
    pub fn new(frailty_variance: f64, size_cv: f64) -> Result<Self, InvalidSize> {
        Ok(Self {
            frailty_variance: not_negative("frailty variance", frailty_variance)?,
            size_cv: not_negative("coefficient of variation", size_cv)?,
            history_reliability: 0.0,
        })
    }

    /// Adjusted for each team's history, which explains this share of the frailty variance.
    ///
    /// # Errors
    /// If the share is not from 0 to 1.
    pub fn with_history(self, reliability: f64) -> Result<Self, InvalidSize> {
        Ok(Self { history_reliability: share("reliability", reliability)?, ..self })
    }
}

impl ClusteredEvents {
    /// `n_events` is of both arms together.
    ///
    /// # Errors
    /// If there is no event, or fewer than two teams per arm.
    pub fn new(
        n_events: f64,
        clusters_per_arm: u32,
        spread: ClusterSpread,
    ) -> Result<Self, InvalidSize> {
        let n_events = positive("number of events", n_events)?;
        let range = "at least 2";
        if clusters_per_arm < 2 {
            let value = f64::from(clusters_per_arm);
            return Err(InvalidSize { name: "number of teams per arm", value, range });
        }
        Ok(Self { n_events, clusters_per_arm, spread })
    }

    /// Approximate variance of the log hazard ratio: `4/D + 2 theta (1 + cv^2)(1 - r^2)/G`.
    pub fn log_ratio_variance(self) -> f64 {
        4.0 / self.n_events + self.asymptote()
    }

    /// What the variance comes down to with more events: more days cannot replace teams.
    pub fn asymptote(self) -> f64 {
        let ClusterSpread { frailty_variance, size_cv, history_reliability } = self.spread;
        let unexplained =
            frailty_variance * (1.0 + size_cv * size_cv) * (1.0 - history_reliability);
        2.0 * unexplained / f64::from(self.clusters_per_arm)
    }

    /// `2 G - 2`.
    pub fn df(self) -> f64 {
        2.0 * f64::from(self.clusters_per_arm) - 2.0
    }

    /// Power against an effect of `shift` standard errors.
    pub(super) fn power_at(self, shift: f64, alpha: f64) -> f64 {
        let student = StudentsT::new(0.0, 1.0, self.df()).expect("there are two teams per arm");
        noncentral_t::upper_tail(-student.inverse_cdf(alpha / 2.0), self.df(), shift)
    }
}

/// Power of a two-sided t test between teams to detect a hazard ratio.
///
/// A screen, within 0.08 of simulations without adjustment for history and up to 0.19 optimistic with it.
///
/// # Errors
/// If the ratio is 1 or not positive, or `alpha` is not between 0 and 1.
///
/// # Source
/// Student's t with noncentrality `|log HR| / sqrt(Var)`; tested on scipy's `nct`.
pub fn cluster_power(
    comparison: ClusteredEvents,
    hazard_ratio: f64,
    alpha: f64,
) -> Result<f64, InvalidSize> {
    let alpha = between("alpha", alpha, 0.0, 1.0, "between 0 and 1")?;
    let log_ratio = ratio("hazard ratio", hazard_ratio)?.ln();
    Ok(comparison.power_at(log_ratio.abs() / comparison.log_ratio_variance().sqrt(), alpha))
}

/// Factor by which clustering inflates a variance: `1 + ((cv^2 + 1) m - 1) icc`, never below 1.
///
/// # Errors
/// If the mean size is below 1, `size_cv` is negative, or `icc` is not from 0 to 1.
///
/// # Source
/// Eldridge, Ashby & Kerry 2006, <https://doi.org/10.1093/ije/dyl129>.
pub fn design_effect(mean_size: f64, size_cv: f64, icc: f64) -> Result<f64, InvalidSize> {
    if !mean_size.is_finite() || mean_size < 1.0 {
        return Err(InvalidSize { name: "mean size", value: mean_size, range: "at least 1" });
    }
    let cv = not_negative("coefficient of variation", size_cv)?;
    Ok(1.0 + ((cv * cv + 1.0) * mean_size - 1.0) * share("intra-cluster correlation", icc)?)
}

/// Teams per arm to tell two shares apart, unmatched.
///
/// `mean_size` subjects per team; `between_cv` is the coefficient of variation of the share between teams of an arm.
///
/// # Errors
/// If shares are not between 0 and 1 or equal, or a number is negative.
///
/// # Source
/// Hayes & Bennett 1999, <https://doi.org/10.1093/ije/28.2.319>.
pub fn clusters_per_arm(
    shares: [f64; 2],
    mean_size: f64,
    between_cv: f64,
    rates: ErrorRates,
) -> Result<f64, InvalidSize> {
    let [p0, p1] = shares;
    let p0 = between("control share", p0, 0.0, 1.0, "between 0 and 1")?;
    let p1 = between("treated share", p1, 0.0, 1.0, "between 0 and 1")?;
    if p0 - p1 == 0.0 {
        return Err(InvalidSize {
            name: "treated share",
            value: p1,
            range: "other than control's",
        });
    }
    let size = positive("mean size", mean_size)?;
    let cv = not_negative("coefficient of variation", between_cv)?;
    let within = (p0 * (1.0 - p0) + p1 * (1.0 - p1)) / size;
    let between = cv * cv * (p0 * p0 + p1 * p1);
    Ok(1.0 + rates.squared_z() * (within + between) / ((p0 - p1) * (p0 - p1)))
}
