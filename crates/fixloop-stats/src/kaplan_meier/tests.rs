use proptest::prelude::*;

use super::*;
use crate::tests::samples::{entered, event, open, samples};

fn survival(curve: &KaplanMeier) -> Vec<(f64, f64)> {
    curve.steps().iter().map(|it| (it.time, it.survival)).collect()
}

#[test]
fn nobody_has_no_curve() {
    assert_eq!(kaplan_meier(&[], Causes::Any).unwrap_err(), EmptySample);
}

#[test]
fn without_events_the_curve_stays_at_one() {
    let curve = kaplan_meier(&[open(3.0), open(5.0)], Causes::Any).unwrap();
    assert!(curve.steps().is_empty());
    let step = curve.at(5.0).unwrap();
    assert!((step.survival - 1.0).abs() < 1e-15);
    assert_eq!((step.n_at_risk, step.std_error()), (1, Some(0.0)));
    assert_eq!(step.limits(Band::LogLog, Level::P95), None);
    assert_eq!(curve.at(5.5), None);
    assert_eq!(curve.at(f64::NAN), None);
}

#[test]
fn one_event_of_one_subject_has_no_standard_error() {
    let curve = kaplan_meier(&[event(2.0)], Causes::Any).unwrap();
    let step = curve.at(100.0).unwrap();
    assert_eq!((step.survival, step.std_error()), (0.0, None));
    assert_eq!(step.limits(Band::Plain, Level::P95), None);
}

#[test]
fn censorings_come_after_events_of_the_same_day() {
    let curve = kaplan_meier(&[event(2.0), open(2.0), open(3.0)], Causes::Any).unwrap();
    assert_eq!(curve.steps()[0].n_at_risk, 3);
}

#[test]
fn an_event_at_age_zero_counts_only_if_watched_from_the_origin() {
    let curve = kaplan_meier(&[event(0.0), open(4.0), entered(0.0, 4.0)], Causes::Any).unwrap();
    assert_eq!(survival(&curve)[0], (0.0, 0.5));
}

#[test]
fn other_causes_censor() {
    let two = Observation::new(1.0, crate::Outcome::Event(2)).unwrap();
    let sample = [two, event(2.0), open(3.0)];
    let of_one = kaplan_meier(&sample, Causes::Only(1)).unwrap();
    assert_eq!(survival(&of_one), [(2.0, 0.5)]);
    let of_both = kaplan_meier(&sample, Causes::Set(0b110)).unwrap();
    assert_eq!(of_both.steps().len(), 2);
}

#[test]
fn a_small_early_risk_set_moves_the_start() {
    // One subject seen from the origin on, eleven from day 5 on.
    let mut sample = vec![event(2.0)];
    sample.extend((0..11).map(|i| entered(5.0, 10.0 + f64::from(i))));
    let collapsed = kaplan_meier(&sample, Causes::Any).unwrap();
    assert!(collapsed.steps().iter().all(|it| it.survival <= 0.0));
    let guarded = kaplan_meier_guarded(&sample, Causes::Any).unwrap();
    assert_eq!(guarded.start(), Start::After(5.0));
    assert_eq!(guarded.at(4.0), None);
    assert_eq!(guarded.steps()[0].n_at_risk, 11);
}

#[test]
fn without_delayed_entry_a_small_sample_starts_at_the_origin() {
    let curve = kaplan_meier_guarded(&[event(2.0), open(3.0)], Causes::Any).unwrap();
    assert_eq!(curve.start(), Start::Origin);
}

#[test]
fn a_large_early_risk_set_needs_no_guard() {
    let mut sample = vec![open(9.0); 10];
    sample.push(entered(5.0, 8.0));
    let curve = kaplan_meier_guarded(&sample, Causes::Any).unwrap();
    assert_eq!(curve.start(), Start::Origin);
}

#[test]
fn few_subjects_seen_late_have_no_guarded_curve() {
    let result = kaplan_meier_guarded(&[entered(2.0, 5.0), event(7.0)], Causes::Any);
    assert_eq!(result.unwrap_err(), GuardedError::TooFewAtRisk(TooFewAtRisk));
}

proptest! {
    #[test]
    fn survival_falls_within_bounds(sample in samples(), conf in 0.01..0.99) {
        let curve = kaplan_meier(&sample, Causes::Any).unwrap();
        let level = Level::new(conf).unwrap();
        let mut before = 1.0;
        for step in curve.steps() {
            prop_assert!((0.0..=before).contains(&step.survival));
            before = step.survival;
            for band in [Band::LogLog, Band::Log, Band::Plain] {
                if let Some(limits) = step.limits(band, level) {
                    prop_assert!(0.0 <= limits.lower && limits.lower <= step.survival);
                    prop_assert!(step.survival <= limits.upper && limits.upper <= 1.0);
                }
            }
        }
    }

    #[test]
    fn splitting_a_row_changes_nothing(sample in samples(), share in 0.01..0.99) {
        let mut split = Vec::new();
        for it in &sample {
            let entry = it.entry().unwrap_or(0.0);
            let middle = entry + share * (it.time() - entry);
            if it.time() == 0.0 {
                split.push(*it);
                continue;
            }
            split.push(match it.entry() {
                None => Observation::new(middle, crate::Outcome::Censored).unwrap(),
                Some(entry) => {
                    Observation::entered(entry, middle, crate::Outcome::Censored).unwrap()
                }
            });
            split.push(Observation::entered(middle, it.time(), it.outcome()).unwrap());
        }
        let whole = kaplan_meier(&sample, Causes::Any).unwrap();
        let split = kaplan_meier(&split, Causes::Any).unwrap();
        prop_assert_eq!(whole.steps(), split.steps());
    }

    #[test]
    fn another_unit_changes_no_survival(sample in samples()) {
        let curve = kaplan_meier(&sample, Causes::Any).unwrap();
        let hours: Vec<_> = sample.iter().map(|it| crate::tests::samples::scaled(it, 24.0)).collect();
        let in_hours = kaplan_meier(&hours, Causes::Any).unwrap();
        let scaled: Vec<_> =
            survival(&curve).into_iter().map(|(time, s)| (time * 24.0, s)).collect();
        prop_assert_eq!(scaled, survival(&in_hours));
    }

    #[test]
    fn leaving_out_rows_equals_never_having_had_them(sample in samples(), modulus in 2_usize..5) {
        let rest: Vec<_> = sample.iter().enumerate().filter(|it| it.0 % modulus != 0).map(|it| *it.1).collect();
        let kept = Sample::new(&sample).unwrap().kept(|row| row % modulus != 0);
        match kaplan_meier(&rest, Causes::Any) {
            Err(EmptySample) => prop_assert!(kept.is_err()),
            Ok(curve) => {
                let kept = kaplan_meier_from(kept.unwrap(), Causes::Any, Start::Origin);
                prop_assert_eq!(curve.steps(), kept.steps());
            }
        }
    }
}
