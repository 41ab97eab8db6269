use proptest::prelude::*;

use super::*;
use crate::tests::samples::{entered, event, open, samples, scaled};
use crate::{Causes, Sample, Start, kaplan_meier, kaplan_meier_from};

#[test]
fn the_mean_of_complete_times_is_their_mean() {
    let curve = kaplan_meier(&[event(1.0), event(3.0), event(8.0)], Causes::Any).unwrap();
    let mean = restricted_mean(&curve, 10.0).unwrap();
    assert!((mean.mean - 4.0).abs() < 1e-12);
}

#[test]
fn a_horizon_past_the_last_subject_is_refused() {
    let curve = kaplan_meier(&[event(1.0), open(3.0)], Causes::Any).unwrap();
    let error = HorizonOutOfRange { tau: 3.5, start: 0.0, end: 3.0 };
    assert_eq!(restricted_mean(&curve, 3.5), Err(error));
    assert!(restricted_mean(&curve, f64::NAN).is_err());
    assert!(restricted_mean(&curve, 3.0).is_ok());
}

#[test]
fn a_late_start_counts_the_time_before_in_full() {
    let sample = Sample::new(&[entered(2.0, 5.0), entered(2.0, 9.0)]).unwrap();
    let curve = kaplan_meier_from(sample, Causes::Any, Start::After(3.0));
    assert!((restricted_mean(&curve, 9.0).unwrap().mean - 7.0).abs() < 1e-12);
    assert!(restricted_mean(&curve, 2.0).is_err());
}

#[test]
fn equal_certainties_have_no_z() {
    let curve = kaplan_meier(&[event(2.0)], Causes::Any).unwrap();
    let mean = restricted_mean(&curve, 4.0).unwrap();
    let difference = restricted_mean_difference(mean, mean);
    assert_eq!((difference.std_error, difference.z, difference.p), (0.0, None, None));
}

proptest! {
    #[test]
    fn the_mean_lies_between_zero_and_the_horizon(sample in samples(), share in 0.0..=1.0) {
        let curve = kaplan_meier(&sample, Causes::Any).unwrap();
        let tau = share * curve.sample().last_time();
        let mean = restricted_mean(&curve, tau).unwrap();
        prop_assert!((0.0..=tau + 1e-9).contains(&mean.mean));
        prop_assert!(mean.std_error.is_finite());
        let hours: Vec<_> = sample.iter().map(|it| scaled(it, 24.0)).collect();
        let hours = kaplan_meier(&hours, Causes::Any).unwrap();
        let in_hours = restricted_mean(&hours, (tau * 24.0).min(hours.sample().last_time())).unwrap();
        prop_assert!((in_hours.mean - 24.0 * mean.mean).abs() < 1e-9);
        prop_assert!((in_hours.std_error - 24.0 * mean.std_error).abs() < 1e-9);
    }
}
