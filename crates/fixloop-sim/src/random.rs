//! Random numbers of the distributions that simulated worlds are made of; the same for organisations and for validating statistics.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The numbers of one run of one cell: a seed per cell, a stream per run, so that runs may be made in any order.
pub fn rng_of(cell: u64, run: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(cell);
    rng.set_stream(run);
    rng
}

/// Uniform, without 0.
fn open_unit(rng: &mut impl Rng) -> f64 {
    1.0 - rng.random::<f64>()
}

/// Exponential with mean 1.
pub fn exponential(rng: &mut impl Rng) -> f64 {
    -open_unit(rng).ln()
}

/// Standard normal: Box & Muller 1958.
pub fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (2.0 * exponential(rng)).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// Gamma with mean 1 and this variance, at most 1; 1 if it is 0. Rejection: Marsaglia & Tsang 2000.
pub fn frailty(rng: &mut impl Rng, variance: f64) -> f64 {
    if variance <= 0.0 {
        return 1.0;
    }
    let d = 1.0 / variance - 1.0 / 3.0;
    let c = (9.0 * d).sqrt().recip();
    loop {
        let z = normal(rng);
        let root = 1.0 + c * z;
        let cube = root * root * root;
        if root > 0.0 && open_unit(rng).ln() < z * z / 2.0 + d * (1.0 - cube + cube.ln()) {
            return d * cube * variance;
        }
    }
}

/// Poisson: how many exponential waits fit into `mean`. Costs as many draws.
pub fn poisson(rng: &mut impl Rng, mean: f64) -> usize {
    let (mut n, mut waited) = (0, exponential(rng));
    while waited <= mean {
        n += 1;
        waited += exponential(rng);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 20,000 draws within five standard errors of what they should be.
    #[track_caller]
    fn check(draw: impl Fn(&mut ChaCha8Rng) -> f64, mean: f64, variance: f64) {
        let mut rng = rng_of(1, 1);
        let n = 20_000;
        let drawn: Vec<f64> = (0..n).map(|_| draw(&mut rng)).collect();
        let found = drawn.iter().sum::<f64>() / f64::from(n);
        let spread = drawn.iter().map(|it| (it - found).powi(2)).sum::<f64>() / f64::from(n);
        assert!((found - mean).abs() < 5.0 * (variance / f64::from(n)).sqrt(), "mean {found}");
        // A variance's own error needs the fourth moment; these distributions stay well below a tenth.
        assert!((spread / variance - 1.0).abs() < 0.1, "variance {spread}");
    }

    #[test]
    fn numbers_have_their_mean_and_variance() {
        check(exponential, 1.0, 1.0);
        check(normal, 0.0, 1.0);
        check(|it| frailty(it, 0.1), 1.0, 0.1);
        check(|it| frailty(it, 0.3), 1.0, 0.3);
        check(|it| poisson(it, 15.0) as f64, 15.0, 15.0);
    }
}
