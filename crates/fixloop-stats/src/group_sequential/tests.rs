use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{GroupSequentialError, Look, Spending, critical_values};

const BOTH: [Spending; 2] = [Spending::OBrienFleming, Spending::Pocock];

/// From 2 to 6 looks at least a hundredth apart.
fn information() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(0.02..1.0, 2..7).prop_map(|steps| {
        let total: f64 = steps.iter().sum();
        let mut sum = 0.0;
        let shares = steps.iter().map(|it| {
            sum += it;
            (sum / total).min(1.0)
        });
        shares.collect()
    })
}

/// Probability to pass the first look and stop at the second, by Simpson's rule on a fine grid.
fn second_stop(looks: &[Look]) -> f64 {
    let normal = Normal::standard();
    let (t1, t2) = (looks[0].information, looks[1].information);
    let (c1, c2) = (looks[0].critical_z.unwrap(), looks[1].critical_z.unwrap());
    let step = (t2 - t1).sqrt();
    let c1 = c1.min(12.0);
    let value = |z: f64| {
        let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let score = z * t1.sqrt();
        let bound = c2 * t2.sqrt();
        density * (normal.sf((bound - score) / step) + normal.sf((bound + score) / step))
    };
    let n = 20_000;
    let h = 2.0 * c1 / f64::from(n);
    let weight = |i: i32| {
        if i == 0 || i == n {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=n).map(|i| weight(i) * value(-c1 + h * f64::from(i))).sum::<f64>() * h / 3.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_second_look_spends_what_it_may(
        first in 0.05_f64..0.9,
        second in 0.05_f64..1.0,
        alpha in 0.001_f64..0.3,
        which in 0_usize..2,
    ) {
        let second = first + (1.0 - first) * second;
        prop_assume!(second - first > 0.002);
        let looks = critical_values(BOTH[which], alpha, &[first, second]).unwrap();
        let budget = looks[1].spent - looks[0].spent;
        let spent = second_stop(&looks);
        prop_assert!((spent / budget - 1.0).abs() < 1e-8, "{spent} {budget}");
    }

    #[test]
    fn later_looks_change_no_earlier_bound(information in information(), which in 0_usize..2) {
        let all = critical_values(BOTH[which], 0.05, &information).unwrap();
        for n in 1..information.len() {
            let some = critical_values(BOTH[which], 0.05, &information[..n]).unwrap();
            for (a, b) in some.iter().zip(&all) {
                let (a, b) = (a.critical_z.unwrap(), b.critical_z.unwrap());
                prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn bounds_are_at_least_those_of_one_look(information in information(), which in 0_usize..2) {
        let looks = critical_values(BOTH[which], 0.05, &information).unwrap();
        prop_assert!(looks.iter().all(|it| it.critical_z.unwrap() >= 1.959_963_98));
        prop_assert!(looks.iter().all(|it| it.nominal_p <= 0.05 + 1e-10));
        prop_assert!((looks.last().unwrap().spent - 0.05).abs() < 1e-10);
    }
}

/// Walks of steps with the looks' information: the definition, without a single integral.
#[test]
fn looking_keeps_the_error_rate() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let normal = Normal::standard();
    let information = [0.1, 0.15, 0.5, 0.55, 0.9, 1.0];
    for spending in BOTH {
        let looks = critical_values(spending, 0.1, &information).unwrap();
        let n_walks = 20_000;
        let mut n_stopped = 0;
        for _ in 0..n_walks {
            let (mut score, mut before) = (0.0, 0.0);
            let stops = looks.iter().any(|look| {
                let z = normal.inverse_cdf(1.0 - rng.random::<f64>());
                score += z * f64::sqrt(look.information - before);
                before = look.information;
                f64::abs(score) / look.information.sqrt() >= look.critical_z.unwrap()
            });
            n_stopped += i32::from(stops);
        }
        let share = f64::from(n_stopped) / f64::from(n_walks);
        // Four standard errors.
        assert!((share - 0.1).abs() < 4.0 * 0.0021, "{spending:?} {share}");
    }
}

#[test]
fn one_look_is_a_plain_test() {
    for spending in BOTH {
        let look = critical_values(spending, 0.05, &[1.0]).unwrap()[0];
        assert!((look.critical_z.unwrap() - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((look.nominal_p - 0.05).abs() < 1e-10);
    }
}

#[test]
fn a_look_too_early_to_stop_has_no_bound() {
    let looks = critical_values(Spending::OBrienFleming, 0.05, &[0.001, 1.0]).unwrap();
    assert_eq!((looks[0].critical_z, looks[0].nominal_p), (None, 0.0));
    assert!((looks[1].critical_z.unwrap() - 1.959_963_984_540_054).abs() < 1e-8);
}

#[test]
fn as_many_looks_as_are_allowed_are_computed() {
    let daily: Vec<f64> = (1..=100).map(|it| f64::from(it) / 100.0).collect();
    let looks = critical_values(Spending::Pocock, 0.05, &daily).unwrap();
    assert!(looks.iter().all(|it| it.critical_z.is_some_and(|z| (2.0..5.0).contains(&z))));
    let close: Vec<f64> = (1..=100).map(|it| f64::from(it) / 1000.0).collect();
    assert!(critical_values(Spending::Pocock, 0.05, &close).is_ok());
}

#[test]
fn extreme_error_rates_have_bounds() {
    for alpha in [1e-300, 1e-12, 0.999_999] {
        for spending in BOTH {
            let looks = critical_values(spending, alpha, &[0.5, 0.75, 1.0]).unwrap();
            assert!(looks.iter().all(|it| it.critical_z.is_none_or(f64::is_finite)), "{looks:?}");
        }
    }
}

#[test]
fn what_cannot_be_planned_is_an_error() {
    let of = |alpha, information: &[f64]| {
        critical_values(Spending::Pocock, alpha, information).unwrap_err()
    };
    assert_eq!(of(0.05, &[]), GroupSequentialError::Looks(0));
    assert_eq!(of(0.05, &[0.5; 101]), GroupSequentialError::Looks(101));
    for bad in [0.0, 1.0, f64::NAN] {
        assert!(matches!(of(bad, &[1.0]), GroupSequentialError::Alpha(_)), "{bad}");
    }
    let all =
        [&[0.5, 0.5][..], &[0.5, 0.4], &[1.1], &[0.0], &[-1.0], &[f64::NAN], &[0.5, f64::INFINITY]];
    for information in all {
        let error = of(0.05, information);
        assert!(matches!(error, GroupSequentialError::Information { .. }), "{information:?}");
    }
    assert!(Spending::Pocock.spent(0.05, 1.5).is_err());
    assert_eq!(Spending::OBrienFleming.spent(0.05, 0.0), Ok(0.0));
}
