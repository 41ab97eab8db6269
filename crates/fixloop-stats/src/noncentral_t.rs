//! Noncentral Student's t distribution, which statrs does not have.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

/// P(T > t) for `df` degrees of freedom and noncentrality `shift`.
///
/// Integrates over s = sqrt(chi-square / df) on a logarithmic scale, where the trapezoid rule converges exponentially.
pub(crate) fn upper_tail(t: f64, df: f64, shift: f64) -> f64 {
    let normal = Normal::standard();
    // Density of u = ln s.
    let log_constant = std::f64::consts::LN_2 + df / 2.0 * (df / 2.0).ln() - ln_gamma(df / 2.0);
    let density = |u: f64| (log_constant + df * u - df / 2.0 * (2.0 * u).exp()).exp();
    // Below, the density falls as exp(df u); above, faster than a normal of width 1/sqrt(2 df).
    let width = (2.0 * df).sqrt().recip();
    let step = width.min(0.5) / 16.0;
    let (low, high) = ((-40.0 / df).min(-12.0 * width), (12.0 * width).min(4.0));
    let n_steps = ((high - low) / step).ceil();
    let mut sum = 0.0;
    let mut i = 0.0;
    while i <= n_steps {
        let u = low + i * step;
        sum += density(u) * normal.cdf(shift - t * u.exp());
        i += 1.0;
    }
    (sum * step).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::StudentsT;

    use super::*;

    #[test]
    fn without_a_shift_it_is_students_t() {
        for df in [1.0, 2.0, 3.0, 10.0, 100.0, 5000.0] {
            let student = StudentsT::new(0.0, 1.0, df).unwrap();
            for t in [-3.0, -0.5, 0.0, 0.5, 2.0, 4.0] {
                let (found, expected) = (upper_tail(t, df, 0.0), student.sf(t));
                assert!((found - expected).abs() < 1e-11, "{df} {t}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn at_zero_only_the_shift_counts() {
        let found = upper_tail(0.0, 7.0, 1.5);
        assert!((found - Normal::standard().cdf(1.5)).abs() < 1e-11);
    }
}
