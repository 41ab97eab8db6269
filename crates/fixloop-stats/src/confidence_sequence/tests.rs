use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::NormalMixture;
use crate::e_normal::log_e_normal_mixture;

proptest! {
    /// A sum on the boundary is where the e-value with the same mixture reaches one over alpha.
    #[test]
    fn the_bound_is_where_the_e_value_rejects(variance in 0.0_f64..1e4, rho in 0.01_f64..1e3, alpha in 0.001_f64..0.5) {
        let bound = NormalMixture::new(rho, alpha).unwrap().bound(variance).unwrap();
        let log_e = log_e_normal_mixture(bound, variance, rho.recip()).unwrap();
        prop_assert!((log_e + f64::ln(alpha)).abs() < 1e-6 * (1.0 + log_e.abs()), "{log_e}");
    }

    #[test]
    fn the_unit_of_the_sum_scales_the_bound(variance in 0.0_f64..1e3, rho in 0.01_f64..1e3, unit in 0.1_f64..10.0) {
        let bound = NormalMixture::new(rho, 0.05).unwrap().bound(variance).unwrap();
        let square = unit * unit;
        let scaled = NormalMixture::new(rho * square, 0.05).unwrap().bound(variance * square).unwrap();
        prop_assert!((bound * unit / scaled - 1.0).abs() < 1e-12);
    }

    /// The tuning is an approximation to the best rho; no other is better by more than a hundredth.
    #[test]
    fn tuning_makes_the_bound_tight(variance in 1.0_f64..1e4, alpha in 0.001_f64..0.1, factor in 0.2_f64..5.0) {
        let tuned = NormalMixture::tuned_to(variance, alpha).unwrap();
        let other = NormalMixture::new(tuned.rho() * factor, alpha).unwrap();
        prop_assert!(tuned.bound(variance).unwrap() <= 1.01 * other.bound(variance).unwrap());
    }
}

#[test]
fn what_is_out_of_range_is_an_error() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(NormalMixture::new(bad, 0.05).is_err(), "{bad}");
        assert!(NormalMixture::tuned_to(bad, 0.05).is_err(), "{bad}");
        assert!(NormalMixture::new(1.0, bad).is_err(), "{bad}");
    }
    let mixture = NormalMixture::new(1.0, 0.05).unwrap();
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(mixture.bound(bad).is_err(), "{bad}");
        assert!(mixture.half_width(5, bad).is_err(), "{bad}");
    }
    assert!(mixture.half_width(0, 1.0).is_err());
    assert!(mixture.half_width(u64::MAX, 1.0).unwrap().is_finite());
}

#[test]
fn a_random_walk_stays_within_at_all_times() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mixture = NormalMixture::tuned_to(100.0, 0.2).unwrap();
    let n_walks = 400;
    let mut n_left = 0;
    for _ in 0..n_walks {
        let mut sum = 0.0;
        let leaves = (1..=1000).any(|n| {
            sum += if rng.random::<bool>() { 1.0 } else { -1.0 };
            f64::abs(sum) >= mixture.bound(f64::from(n)).unwrap()
        });
        n_left += i32::from(leaves);
    }
    let share = f64::from(n_left) / f64::from(n_walks);
    // 20% less four standard errors would be kept by chance; a bound that is never reached would be useless.
    assert!((0.02..0.28).contains(&share), "{share}");
}
