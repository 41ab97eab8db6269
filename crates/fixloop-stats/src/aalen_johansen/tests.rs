use proptest::prelude::*;

use super::*;
use crate::tests::samples::{entered, event, open, samples};
use crate::{Observation, Outcome, kaplan_meier, kaplan_meier_from};

#[test]
fn nobody_has_no_incidence() {
    assert_eq!(aalen_johansen(&[], Causes::Any).unwrap_err(), EmptySample);
}

#[test]
fn a_cause_that_never_happens_has_a_share_of_zero() {
    let incidence = aalen_johansen(&[event(1.0), open(2.0)], Causes::Only(9)).unwrap();
    let step = incidence.at(2.0).unwrap();
    assert_eq!((step.share, step.std_error, step.gray_std_error), (0.0, 0.0, 0.0));
    assert_eq!(incidence.at(2.5), None);
}

#[test]
fn one_subject_is_no_reason_to_divide_by_zero() {
    let step = aalen_johansen(&[event(1.0)], Causes::Any).unwrap().at(7.0).unwrap();
    assert!((step.share - 1.0).abs() < 1e-15);
    assert!(step.std_error.abs() < 1e-15);
    assert!(step.gray_std_error.is_finite());
}

#[test]
fn a_start_leaves_out_what_came_before() {
    let sample = Sample::new(&[event(1.0), entered(2.0, 5.0), open(9.0)]).unwrap();
    let incidence = aalen_johansen_from(&sample, Causes::Any, Start::After(2.0));
    assert_eq!(incidence.at(1.0), None);
    assert!((incidence.at(9.0).unwrap().share - 0.5).abs() < 1e-15);
}

proptest! {
    #[test]
    fn the_shares_sum_to_one_minus_survival(sample in samples(), start in 0.0..15.0) {
        for start in [Start::Origin, Start::After(start)] {
            let sample = Sample::new(&sample).unwrap();
            let curve = kaplan_meier_from(sample, Causes::Any, start);
            let [first, second, any] = [Causes::Only(1), Causes::Only(2), Causes::Any]
                .map(|causes| aalen_johansen_from(curve.sample(), causes, start));
            for step in curve.steps() {
                let share = |it: &AalenJohansen| it.at(step.time).unwrap().share;
                let sum = share(&first) + share(&second);
                prop_assert!((sum - (1.0 - step.survival)).abs() < 1e-12);
                prop_assert!((share(&any) - sum).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&share(&first)));
            }
        }
    }

    #[test]
    fn splitting_a_row_changes_no_share(sample in samples(), share in 0.01..0.99_f64) {
        let mut split = Vec::new();
        for it in &sample {
            let entry = it.entry().unwrap_or(0.0);
            let cut = entry + share * (it.time() - entry);
            if entry < cut && cut < it.time() {
                split.push(match it.entry() {
                    Some(entry) => Observation::entered(entry, cut, Outcome::Censored).unwrap(),
                    None => open(cut),
                });
                split.push(Observation::entered(cut, it.time(), it.outcome()).unwrap());
            } else {
                split.push(*it);
            }
        }
        let shares = |of: &[Observation]| -> Vec<(f64, f64)> {
            let incidence = aalen_johansen(of, Causes::Only(1)).unwrap();
            let jumps = incidence.steps().iter().filter(|it| it.n_events > 0);
            jumps.map(|it| (it.time, it.share)).collect()
        };
        prop_assert_eq!(shares(&split), shares(&sample));
    }

    #[test]
    fn the_standard_error_of_any_cause_is_greenwoods(sample in samples()) {
        let incidence = aalen_johansen(&sample, Causes::Any).unwrap();
        for step in kaplan_meier(&sample, Causes::Any).unwrap().steps() {
            if let Some(expected) = step.std_error() {
                let found = incidence.at(step.time).unwrap().std_error;
                prop_assert!((found - expected).abs() < 1e-7, "{found} for {expected}");
            }
        }
        for step in incidence.steps() {
            prop_assert!(step.std_error.is_finite() && step.gray_std_error.is_finite());
        }
    }
}
