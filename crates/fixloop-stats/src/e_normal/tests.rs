use proptest::prelude::*;

use super::{ENormalError, log_e_normal_mixture};

proptest! {
    /// The mixture over effects, integrated literally.
    #[test]
    fn it_is_the_mixture_of_normal_bets(score in -20.0_f64..20.0, variance in 0.1_f64..40.0, tau2 in 0.01_f64..1.0) {
        let tau = f64::sqrt(tau2);
        let n = 8000;
        // Beyond the prior's reach by as much as the score draws the effect.
        let reach = 10.0 * tau + tau2 * score.abs();
        let step = 2.0 * reach / f64::from(n);
        let bet = |i: i32| {
            let effect = -reach + step * f64::from(i);
            let prior = (-effect * effect / (2.0 * tau2)).exp() / (tau * (2.0 * std::f64::consts::PI).sqrt());
            prior * (effect * score - effect * effect * variance / 2.0).exp() * step
        };
        let literal: f64 = (0..=n).map(bet).sum();
        let log_e = log_e_normal_mixture(score, variance, tau2).unwrap();
        prop_assert!((log_e - literal.ln()).abs() < 1e-6, "{} {}", log_e, literal.ln());
    }

    #[test]
    fn the_sign_of_the_score_does_not_matter(score in 0.0_f64..50.0, variance in 0.0_f64..50.0, tau2 in 0.0_f64..5.0) {
        let [a, b] = [score, -score].map(|it| log_e_normal_mixture(it, variance, tau2));
        prop_assert_eq!(a, b);
    }
}

#[test]
fn without_a_bet_it_stays_1() {
    assert_eq!(log_e_normal_mixture(3.0, 2.0, 0.0), Ok(0.0));
    assert_eq!(log_e_normal_mixture(0.0, 0.0, 1.0), Ok(0.0));
}

#[test]
fn what_is_no_score_is_an_error() {
    assert!(matches!(log_e_normal_mixture(f64::NAN, 1.0, 1.0), Err(ENormalError::Score(_))));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let is_variance = |it| matches!(it, Err(ENormalError::Variance { .. }));
        assert!(is_variance(log_e_normal_mixture(1.0, bad, 1.0)), "{bad}");
        assert!(is_variance(log_e_normal_mixture(1.0, 1.0, bad)), "{bad}");
    }
    assert!(matches!(log_e_normal_mixture(1e200, 0.0, 1.0), Err(ENormalError::TooLarge { .. })));
    assert!(matches!(log_e_normal_mixture(1.0, 1e200, 1e200), Err(ENormalError::TooLarge { .. })));
}
