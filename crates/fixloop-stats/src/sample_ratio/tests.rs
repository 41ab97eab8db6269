use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

use super::{ArmCount, SampleRatioError, exact_binomial, sample_ratio};

fn arms(shares_and_counts: &[(f64, u64)]) -> Vec<ArmCount> {
    let arm = |&(expected_share, observed)| ArmCount { expected_share, observed };
    shares_and_counts.iter().map(arm).collect()
}

fn some_arms() -> impl Strategy<Value = Vec<ArmCount>> {
    let arm = (1_u32..20, 0_u64..2000);
    proptest::collection::vec(arm, 2..6)
        .prop_filter("no unit", |them| them.iter().any(|it| it.1 > 0))
        .prop_map(|them| {
            let total: u32 = them.iter().map(|it| it.0).sum();
            let share = |weight: u32| f64::from(weight) / f64::from(total);
            let arm = |(weight, observed)| ArmCount { expected_share: share(weight), observed };
            them.into_iter().map(arm).collect()
        })
}

proptest! {
    /// The ratio of the two probabilities, by gamma functions.
    #[test]
    fn the_e_value_is_what_its_definition_says(arms in some_arms(), concentration in 0.5_f64..300.0) {
        let n: f64 = arms.iter().map(|it| it.observed as f64).sum();
        let mut expected = ln_gamma(concentration) - ln_gamma(concentration + n);
        for arm in &arms {
            let (prior, observed) = (concentration * arm.expected_share, arm.observed as f64);
            expected += ln_gamma(prior + observed) - ln_gamma(prior) - observed * arm.expected_share.ln();
        }
        let found = sample_ratio(&arms, concentration).unwrap().log_e;
        prop_assert!((found - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{found} {expected}");
    }

    #[test]
    fn the_order_of_arms_does_not_matter(arms in some_arms(), turn in 0_usize..5) {
        let mut turned = arms.clone();
        turned.rotate_left(turn % arms.len());
        let [a, b] = [arms, turned].map(|it| sample_ratio(&it, 100.0).unwrap());
        prop_assert!((a.test.statistic - b.test.statistic).abs() < 1e-9 * (1.0 + a.test.statistic));
        prop_assert!((a.log_e - b.log_e).abs() < 1e-9 * (1.0 + a.log_e.abs()));
    }

    /// Every unit's arm is random with the expected shares, so the e-value has mean 1.
    #[test]
    fn the_e_value_has_mean_1(n in 1_u64..60, share in 0.05_f64..0.95, concentration in 0.5_f64..300.0) {
        let mut probability = (n as f64 * (1.0 - share).ln()).exp();
        let mut mean = 0.0;
        for k in 0..=n {
            let counts = arms(&[(share, k), (1.0 - share, n - k)]);
            mean += probability * sample_ratio(&counts, concentration).unwrap().log_e.exp();
            probability *= (n - k) as f64 / (k + 1) as f64 * share / (1.0 - share);
        }
        prop_assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn swapping_arms_changes_no_exact_p(successes in 0_u64..40, more in 0_u64..40, share in 0.01_f64..0.99) {
        let n = successes + more;
        prop_assume!(n > 0);
        let a = exact_binomial(successes, n, share).unwrap();
        let b = exact_binomial(more, n, 1.0 - share).unwrap();
        prop_assert!((a - b).abs() < 1e-9 && 0.0 < a && a <= 1.0);
    }
}

#[test]
fn exact_p_by_hand() {
    // 4 of 4 under one half: 1/16 on each side. 2 of 2 under a quarter: 1/16, no other count is as rare.
    assert!((exact_binomial(4, 4, 0.5).unwrap() - 0.125).abs() < 1e-15);
    assert!((exact_binomial(2, 2, 0.25).unwrap() - 0.0625).abs() < 1e-15);
    assert!((exact_binomial(0, 1, 0.5).unwrap() - 1.0).abs() < 1e-15);
}

#[test]
fn a_tiny_p_keeps_its_digits() {
    let result = sample_ratio(&arms(&[(0.8, 4072), (0.2, 2035)]), 100.0).unwrap();
    assert!((result.test.p / 2.402_003_111e-149 - 1.0).abs() < 1e-6, "{}", result.test.p);
}

#[test]
fn huge_counts_keep_a_finite_answer() {
    let half = u64::MAX / 2;
    let result = sample_ratio(&arms(&[(0.5, half), (0.5, half)]), 100.0).unwrap();
    // Counts that agree exactly: evidence against a mismatch, by half the logarithm of the units per prior unit.
    let expected = -0.5 * ((u64::MAX as f64).ln() - f64::ln(100.0));
    assert!((result.log_e - expected).abs() < 0.01, "{} {expected}", result.log_e);
    let result = sample_ratio(&arms(&[(0.5, u64::MAX), (0.5, 0)]), 100.0).unwrap();
    assert!(result.log_e.is_finite() && result.log_e > 1e18);
    assert!(result.test.p < 1e-300);
}

#[test]
fn counts_that_cannot_be_compared_are_errors() {
    let of = |them: &[(f64, u64)]| sample_ratio(&arms(them), 100.0).unwrap_err();
    assert_eq!(of(&[]), SampleRatioError::TooFewArms(0));
    assert_eq!(of(&[(1.0, 5)]), SampleRatioError::TooFewArms(1));
    assert_eq!(of(&[(0.5, 0), (0.5, 0)]), SampleRatioError::NoUnit);
    assert_eq!(of(&[(0.5, 1), (0.25, 1)]), SampleRatioError::Sum(0.75));
    assert_eq!(of(&[(0.0, 1), (1.0, 1)]), SampleRatioError::Share(0.0));
    assert!(matches!(of(&[(f64::NAN, 1), (0.5, 1)]), SampleRatioError::Share(_)));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = sample_ratio(&arms(&[(0.5, 1), (0.5, 1)]), bad).unwrap_err();
        assert!(matches!(error, SampleRatioError::Concentration(_)));
    }
    assert_eq!(exact_binomial(0, 0, 0.5), Err(SampleRatioError::NoUnit));
    let more = SampleRatioError::MoreThanTrials { successes: 3, trials: 2 };
    assert_eq!(exact_binomial(3, 2, 0.5), Err(more));
    assert_eq!(exact_binomial(1, u64::MAX, 0.5), Err(SampleRatioError::TooMany(u64::MAX)));
    for bad in [0.0, 1.0, f64::NAN] {
        assert!(matches!(exact_binomial(1, 2, bad), Err(SampleRatioError::Share(_))));
    }
}
