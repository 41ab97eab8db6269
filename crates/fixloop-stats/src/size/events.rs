//! Events that a log-rank test needs.

use super::{ErrorRates, InvalidSize, between, ratio};

/// Events in both arms together to detect a hazard ratio, by Schoenfeld's formula.
///
/// `share_treated` is the share of subjects in the treated arm. Assumes independent subjects.
///
/// # Errors
/// If the ratio is 1 or not positive, or the share is not between 0 and 1.
///
/// # Source
/// Schoenfeld 1983, <https://doi.org/10.2307/2531021>.
pub fn schoenfeld_events(
    hazard_ratio: f64,
    share_treated: f64,
    rates: ErrorRates,
) -> Result<f64, InvalidSize> {
    let log_ratio = ratio("hazard ratio", hazard_ratio)?.ln();
    let share = between("share treated", share_treated, 0.0, 1.0, "between 0 and 1")?;
    Ok(rates.squared_z() / (share * (1.0 - share) * log_ratio * log_ratio))
}

/// Events in two equal arms together to detect a hazard ratio, by Freedman's formula.
///
/// # Errors
/// If the ratio is 1 or not positive.
///
/// # Source
/// Freedman 1982, <https://doi.org/10.1002/sim.4780010204>.
pub fn freedman_events(hazard_ratio: f64, rates: ErrorRates) -> Result<f64, InvalidSize> {
    let ratio = ratio("hazard ratio", hazard_ratio)?;
    let contrast = (ratio + 1.0) / (ratio - 1.0);
    Ok(rates.squared_z() * contrast * contrast)
}
