//! The smallest effect that a comparison would probably find.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::bisect::bisect;

use super::{ClusteredEvents, ErrorRates, InvalidSize, not_negative, positive};

/// The longest time, as a share of the control's, that the comparison detects with the wanted power.
///
/// 0.7 says: fixes must arrive in 0.7 of the time. For hazards that do not change with age, where the time ratio is the inverse of the hazard ratio.
/// Inverts [`super::cluster_power`].
pub fn minimum_detectable_ratio(comparison: ClusteredEvents, rates: ErrorRates) -> f64 {
    let missing = |shift: f64| comparison.power_at(shift, rates.alpha()) - rates.power();
    let mut reach = 8.0;
    while missing(reach) < 0.0 && reach < 1e6 {
        reach *= 2.0;
    }
    let shift = bisect(0.0, reach, missing);
    (-shift * comparison.log_ratio_variance().sqrt()).exp()
}

/// Smallest difference that one estimate with a standard error detects: `(t_{1-alpha/2} + t_{power}) std_error`.
///
/// For a before/after change, `std_error` is that of the log ratio of times, and `exp(-difference)` the ratio.
///
/// # Errors
/// If `std_error` is negative or `df` is not positive.
///
/// # Source
/// Bloom 1995, <https://doi.org/10.1177/0193841X9501900504>.
pub fn minimum_detectable_difference(
    std_error: f64,
    df: f64,
    rates: ErrorRates,
) -> Result<f64, InvalidSize> {
    let df = positive("degrees of freedom", df)?;
    let student = StudentsT::new(0.0, 1.0, df).expect("df is positive");
    let t = student.inverse_cdf(rates.alpha() / 2.0) + student.inverse_cdf(1.0 - rates.power());
    Ok(-t * not_negative("standard error", std_error)?)
}
