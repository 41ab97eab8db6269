use proptest::prelude::*;

use super::{GuardrailError, Harm, RateCounts, non_inferiority, rate_ratio_alarm, ratio_of_sums};
use crate::{Interval, Level};

fn look(treated_events: u64, control_events: u64) -> RateCounts {
    RateCounts { treated_events, treated_exposure: 10.0, control_events, control_exposure: 10.0 }
}

proptest! {
    #[test]
    fn the_unit_changes_no_verdict(lower in -2.0_f64..2.0, width in 0.0_f64..3.0, margin in 0.01_f64..2.0, unit in 0.01_f64..100.0) {
        let of = |unit: f64| {
            let interval = Interval { lower: lower * unit, upper: (lower + width) * unit };
            non_inferiority(interval, margin * unit).unwrap()
        };
        prop_assume!((lower + width - margin).abs() > 1e-9);
        prop_assert_eq!(of(1.0), of(unit));
    }

    #[test]
    fn a_wider_interval_never_knows_more(lower in -2.0_f64..2.0, width in 0.0_f64..3.0, more in 0.0_f64..3.0, margin in 0.01_f64..2.0) {
        let of = |more: f64| {
            non_inferiority(Interval { lower: lower - more, upper: lower + width + more }, margin).unwrap()
        };
        // Certain harm below the margin may become uncertain, or harmless; what was not known stays so.
        if of(0.0) == Harm::NotKnown {
            prop_assert_eq!(of(more), Harm::NotKnown);
        }
    }

    #[test]
    fn ratios_scale_and_ignore_order(
        teams in proptest::collection::vec((0.0_f64..50.0, 0.5..50.0), 2..12),
        unit in 0.1_f64..10.0,
    ) {
        let (y, x): (Vec<f64>, Vec<f64>) = teams.iter().copied().unzip();
        let a = ratio_of_sums(&y, &x).unwrap();
        let (y, x): (Vec<f64>, Vec<f64>) = teams.iter().rev().map(|&(y, x)| (y * unit, x)).unzip();
        let b = ratio_of_sums(&y, &x).unwrap();
        prop_assert!((a.ratio * unit - b.ratio).abs() < 1e-9 * (1.0 + b.ratio));
        prop_assert!((a.std_error * unit - b.std_error).abs() < 1e-9 * (1.0 + b.std_error));
    }

    /// Given the number of events, each is a treated one with probability of its share of the exposure.
    #[test]
    fn one_look_has_mean_1_at_equal_rates(n in 1_u64..40, treated in 0.1_f64..10.0, control in 0.1_f64..10.0, ratio in 1.01_f64..5.0) {
        let share = treated / (treated + control);
        let mut probability = f64::powf(1.0 - share, n as f64);
        let mut mean = 0.0;
        for k in 0..=n {
            let counts = RateCounts {
                treated_events: k,
                treated_exposure: treated,
                control_events: n - k,
                control_exposure: control,
            };
            let alarm = rate_ratio_alarm(&[counts], ratio, 0.05).unwrap();
            mean += probability * alarm.log_e[0].exp();
            probability *= (n - k) as f64 / (k + 1) as f64 * share / (1.0 - share);
        }
        prop_assert!((mean - 1.0).abs() < 1e-8, "{mean}");
    }
}

#[test]
fn three_answers() {
    let of = |lower, upper| non_inferiority(Interval { lower, upper }, 0.05).unwrap();
    assert_eq!(of(-0.02, 0.04), Harm::Safe);
    assert_eq!(of(-0.02, 0.05), Harm::NotKnown);
    assert_eq!(of(0.0, 0.06), Harm::NotKnown);
    assert_eq!(of(0.01, 0.09), Harm::Harm);
    assert_eq!(of(0.01, 0.04), Harm::Harm);
    assert_eq!(of(f64::NEG_INFINITY, f64::INFINITY), Harm::NotKnown);
}

#[test]
fn a_ratio_by_hand() {
    // 2/4 and 1/8: 3/12. Deviations 2 - 1 and 1 - 2; sqrt(2 / 1) / (sqrt 2 * 6).
    let result = ratio_of_sums(&[2.0, 1.0], &[4.0, 8.0]).unwrap();
    assert!((result.ratio - 0.25).abs() < 1e-15);
    assert!((result.std_error - 1.0 / 6.0).abs() < 1e-15);
    let interval = result.interval(Level::P95);
    assert!((interval.upper - (0.25 + 12.706_204_736 / 6.0)).abs() < 1e-6);
}

#[test]
fn an_alarm_by_hand() {
    // Each treated event multiplies by 1.5 / 1.25, each control event by 1 / 1.25.
    let alarm = rate_ratio_alarm(&[look(1, 0), look(0, 1), look(20, 0)], 1.5, 0.05).unwrap();
    assert!((alarm.log_e[0] - f64::ln(1.2)).abs() < 1e-12);
    assert!((alarm.log_e[1] - f64::ln(0.96)).abs() < 1e-12);
    assert_eq!(alarm.first_alarm, Some(2));
    let quiet = rate_ratio_alarm(&[look(0, 0), look(0, 50)], 1.5, 0.05).unwrap();
    assert_eq!((quiet.log_e[0], quiet.first_alarm), (0.0, None));
    assert_eq!(rate_ratio_alarm(&[], 1.5, 0.05).unwrap().first_alarm, None);
}

#[test]
fn an_arm_without_exposure_says_nothing() {
    let alone = RateCounts { control_exposure: 0.0, ..look(5, 0) };
    let alarm = rate_ratio_alarm(&[alone], 1.5, 0.05).unwrap();
    assert!(alarm.log_e[0].abs() < 1e-12);
    let impossible = RateCounts { treated_exposure: 0.0, ..look(5, 0) };
    let error = rate_ratio_alarm(&[look(1, 1), impossible], 1.5, 0.05).unwrap_err();
    assert_eq!(error, GuardrailError::EventsWithoutExposure(1));
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let interval = Interval { lower: 0.0, upper: 1.0 };
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(non_inferiority(interval, bad), Err(GuardrailError::Margin(_))), "{bad}");
    }
    for (lower, upper) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN)] {
        let error = non_inferiority(Interval { lower, upper }, 1.0);
        assert!(matches!(error, Err(GuardrailError::Interval { .. })));
    }
    assert!(matches!(ratio_of_sums(&[1.0], &[]), Err(GuardrailError::Lengths { .. })));
    assert_eq!(ratio_of_sums(&[1.0], &[1.0]), Err(GuardrailError::TooFewClusters(1)));
    assert_eq!(ratio_of_sums(&[1.0, 1.0], &[0.0, 0.0]), Err(GuardrailError::NoSum));
    assert_eq!(ratio_of_sums(&[f64::MAX, f64::MAX], &[1.0, 1.0]), Err(GuardrailError::NoSum));
    let negative = GuardrailError::Value { cluster: 1, value: -1.0 };
    assert_eq!(ratio_of_sums(&[1.0, 1.0], &[2.0, -1.0]), Err(negative));
    assert!(matches!(
        ratio_of_sums(&[f64::NAN, 1.0], &[2.0, 1.0]),
        Err(GuardrailError::Value { .. })
    ));
    for bad in [1.0, 0.5, f64::NAN, f64::INFINITY] {
        assert!(matches!(rate_ratio_alarm(&[], bad, 0.05), Err(GuardrailError::RateRatio(_))));
    }
    for bad in [0.0, 1.0, f64::NAN] {
        assert!(matches!(rate_ratio_alarm(&[], 1.5, bad), Err(GuardrailError::Alpha(_))));
    }
    let endless = RateCounts { treated_exposure: f64::INFINITY, ..look(1, 1) };
    let error = rate_ratio_alarm(&[endless], 1.5, 0.05).unwrap_err();
    assert!(matches!(error, GuardrailError::Exposure { look: 0, .. }));
}
