//! Random numbers that are gamma distributed.

use rand::{Rng, RngExt};
use statrs::distribution::{ContinuousCDF, Normal};

/// One with mean `shape / rate`; both positive.
///
/// Rejection: Marsaglia & Tsang 2000, <https://doi.org/10.1145/358407.358414>.
pub(super) fn gamma(rng: &mut impl Rng, shape: f64, rate: f64) -> f64 {
    if shape < 1.0 {
        // The rejection needs a shape of at least 1; a power of a uniform number makes up for it.
        let uniform: f64 = open_unit(rng);
        return gamma(rng, shape + 1.0, rate) * uniform.powf(shape.recip());
    }
    let d = shape - 1.0 / 3.0;
    let c = (9.0 * d).sqrt().recip();
    loop {
        let z = Normal::standard().inverse_cdf(open_unit(rng));
        let root = 1.0 + c * z;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        if open_unit(rng).ln() < z * z / 2.0 + d * (1.0 - cube + cube.ln()) {
            return d * cube / rate;
        }
    }
}

/// Uniform, without 0.
fn open_unit(rng: &mut impl Rng) -> f64 {
    1.0 - rng.random::<f64>()
}
