use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::function::factorial::ln_binomial;

use super::{
    AGE_BANDS, CalendarObservation, CalendarSample, ELogRankError, EProcess, HazardRatio,
    InvalidCalendarObservation, e_log_rank, e_log_rank_by_calendar,
};
use crate::hypergeometric::Hypergeometric;
use crate::log_rank::GroupedSample;
use crate::tests::samples::{event, open};
use crate::{Causes, Observation, Outcome};

/// On the calendar; its age is counted from the origin.
#[derive(Clone, Copy, Debug)]
struct Subject {
    origin: i32,
    entered: i32,
    left: i32,
    is_event: bool,
    group: u32,
    stratum: u32,
}

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    let days = (-30_i32..10, prop_oneof![Just(0_i32), 0_i32..20], 1_i32..20, any::<bool>());
    let subject = (days, 0_u32..2, 0_u32..3).prop_map(
        |((origin, late, length, is_event), group, stratum)| {
            let entered = origin + late;
            Subject { origin, entered, left: entered + length, is_event, group, stratum }
        },
    );
    let has_two = |them: &Vec<Subject>| [0, 1].iter().all(|g| them.iter().any(|it| it.group == *g));
    proptest::collection::vec(subject, 4..50).prop_filter("one group", has_two)
}

fn outcome(is_event: bool) -> Outcome {
    if is_event { Outcome::Event(1) } else { Outcome::Censored }
}

fn ratio(ratio: f64) -> HazardRatio {
    HazardRatio::new(ratio).unwrap()
}

fn by_age(subjects: &[Subject], unit: f64, theta: f64) -> EProcess {
    let observation = |it: &Subject| {
        let [entry, time] = [it.entered, it.left].map(|day| f64::from(day - it.origin) * unit);
        Observation::entered(entry, time, outcome(it.is_event)).unwrap()
    };
    let observations: Vec<Observation> = subjects.iter().map(observation).collect();
    let groups: Vec<u32> = subjects.iter().map(|it| it.group).collect();
    let strata: Vec<u32> = subjects.iter().map(|it| it.stratum).collect();
    let sample =
        GroupedSample { observations: &observations, groups: &groups, strata: Some(&strata) };
    e_log_rank(&sample, Causes::Any, ratio(theta)).unwrap()
}

fn by_calendar(subjects: &[Subject], theta: f64) -> EProcess {
    let observation = |it: &Subject| {
        CalendarObservation::new(it.origin, it.entered, it.left, outcome(it.is_event)).unwrap()
    };
    let observations: Vec<CalendarObservation> = subjects.iter().map(observation).collect();
    let groups: Vec<u32> = subjects.iter().map(|it| it.group).collect();
    let strata: Vec<u32> = subjects.iter().map(|it| it.stratum).collect();
    let sample = CalendarSample {
        observations: &observations,
        groups: &groups,
        strata: Some(&strata),
        age_bands: &AGE_BANDS,
    };
    e_log_rank_by_calendar(&sample, Causes::Any, ratio(theta)).unwrap()
}

/// Each subject cut after so many days, where that lies inside its time.
fn cut(subjects: &[Subject], after: i32) -> Vec<Subject> {
    let rows = subjects.iter().flat_map(|&it| {
        let day = it.entered + after;
        if day < it.left {
            vec![Subject { left: day, is_event: false, ..it }, Subject { entered: day, ..it }]
        } else {
            vec![it]
        }
    });
    rows.collect()
}

#[track_caller]
fn assert_same(a: &EProcess, b: &EProcess, unit: f64) {
    assert_eq!(a.steps().len(), b.steps().len());
    for (a, b) in a.steps().iter().zip(b.steps()) {
        assert!((a.time * unit - b.time).abs() < 1e-9, "{a:?} {b:?}");
        assert!((a.log_e - b.log_e).abs() < 1e-9, "{a:?} {b:?}");
        assert!((a.log_e_inverse - b.log_e_inverse).abs() < 1e-9, "{a:?} {b:?}");
    }
}

/// The definition, day by day and band by band.
fn log_e_of_day(subjects: &[Subject], day: i32, theta: f64) -> f64 {
    let band = |it: &Subject| {
        AGE_BANDS.iter().filter(|&&s| i64::from(day - 1 - it.origin) >= i64::from(s)).count()
    };
    let mut log_e = 0.0;
    for stratum in 0..3 {
        for in_band in 0..4 {
            let at_risk: Vec<&Subject> = subjects
                .iter()
                .filter(|it| it.stratum == stratum && it.entered < day && day <= it.left)
                .filter(|it| band(it) == in_band)
                .collect();
            let y = |group| at_risk.iter().filter(|it| it.group == group).count() as u64;
            let events: Vec<_> =
                at_risk.iter().filter(|it| it.is_event && it.left == day).collect();
            let d = events.len() as u64;
            let d1 = events.iter().filter(|it| it.group == 1).count() as u64;
            let total = |theta: f64| -> f64 {
                (d.saturating_sub(y(0))..=y(1).min(d))
                    .map(|j| {
                        (ln_binomial(y(1), j) + ln_binomial(y(0), d - j)).exp()
                            * theta.powf(j as f64)
                    })
                    .sum()
            };
            log_e += d1 as f64 * theta.ln() + total(1.0).ln() - total(theta).ln();
        }
    }
    log_e
}

proptest! {
    #[test]
    fn the_process_is_what_its_definition_says(subjects in subjects(), theta in 0.2_f64..5.0) {
        let process = by_calendar(&subjects, theta);
        let mut log_e = 0.0;
        for day in -30..60 {
            log_e += log_e_of_day(&subjects, day, theta);
            prop_assert!((process.at(f64::from(day)).log_e - log_e).abs() < 1e-8);
        }
    }

    #[test]
    fn later_days_change_nothing_before_them(subjects in subjects(), today in -25_i32..30) {
        let known: Vec<Subject> = subjects
            .iter()
            .filter(|it| it.entered < today)
            .map(|&it| {
                let is_over = it.left <= today;
                let left = it.left.min(today);
                Subject { left, is_event: it.is_event && is_over, ..it }
            })
            .collect();
        prop_assume!([0, 1].iter().all(|g| known.iter().any(|it| it.group == *g)));
        let (all, so_far) = (by_calendar(&subjects, 1.4), by_calendar(&known, 1.4));
        for day in -30..=today {
            let (a, b) = (all.at(f64::from(day)), so_far.at(f64::from(day)));
            prop_assert!((a.log_e - b.log_e).abs() < 1e-9);
        }
    }

    #[test]
    fn cutting_rows_changes_no_e_value(subjects in subjects(), after in 1_i32..15) {
        let pieces = cut(&subjects, after);
        assert_same(&by_age(&subjects, 1.0, 1.4), &by_age(&pieces, 1.0, 1.4), 1.0);
        assert_same(&by_calendar(&subjects, 1.4), &by_calendar(&pieces, 1.4), 1.0);
    }

    #[test]
    fn the_unit_of_time_changes_no_e_value(subjects in subjects(), unit in 0.01_f64..100.0) {
        assert_same(&by_age(&subjects, 1.0, 1.4), &by_age(&subjects, unit, 1.4), unit);
    }

    #[test]
    fn swapping_the_arms_swaps_the_bets(subjects in subjects(), theta in 0.2_f64..5.0) {
        let swapped: Vec<Subject> =
            subjects.iter().map(|&it| Subject { group: 1 - it.group, ..it }).collect();
        let (a, b) = (by_age(&subjects, 1.0, theta), by_age(&swapped, 1.0, theta));
        for (a, b) in a.steps().iter().zip(b.steps()) {
            prop_assert!((a.log_e - b.log_e_inverse).abs() < 1e-9);
            prop_assert!((a.log_e_mixture() - b.log_e_mixture()).abs() < 1e-9);
        }
    }

    #[test]
    fn neither_order_nor_numbers_of_strata_matter(subjects in subjects(), swap in 0_usize..4) {
        let mut other: Vec<Subject> =
            subjects.iter().map(|&it| Subject { stratum: 7 - it.stratum, ..it }).collect();
        other.rotate_left(swap);
        assert_same(&by_calendar(&subjects, 1.4), &by_calendar(&other, 1.4), 1.0);
    }

    /// What makes it an e-value.
    #[test]
    fn a_factor_has_mean_1_without_an_effect(
        marked in 0_u64..40,
        unmarked in 0_u64..40,
        drawn in 0_u64..80,
        theta in 0.05_f64..20.0,
    ) {
        let drawn = drawn.min(marked + unmarked);
        let split = Hypergeometric::new(marked, unmarked, drawn);
        let log_odds = f64::ln(theta);
        let factor = |count| split.log_likelihood_ratio(count, log_odds).exp();
        let mean: f64 = split
            .probabilities(0.0)
            .iter()
            .zip(split.least()..)
            .map(|(p, count)| p * factor(count))
            .sum();
        prop_assert!((mean - 1.0).abs() < 1e-10, "{mean}");
    }

    #[test]
    fn p_is_a_probability_and_never_grows(subjects in subjects()) {
        let process = by_calendar(&subjects, 1.4);
        let p = process.p();
        prop_assert!(0.0 < p && p <= 1.0);
        prop_assert_eq!(process.first_rejection(0.2).is_some(), p <= 0.2);
    }
}

#[test]
fn one_event_among_two_by_hand() {
    let observations = [event(1.0), open(2.0)];
    let of = |groups: &[u32]| {
        let sample = GroupedSample { observations: &observations, groups, strata: None };
        e_log_rank(&sample, Causes::Any, ratio(3.0)).unwrap().steps()[0]
    };
    // The event is the second's with probability 3/4 instead of 1/2, or 1/4 if the ratio is inverse.
    let (hit, miss) = (of(&[2, 1]), of(&[1, 2]));
    assert!((hit.log_e - f64::ln(1.5)).abs() < 1e-12);
    assert!((hit.log_e_inverse - f64::ln(0.5)).abs() < 1e-12);
    assert!((miss.log_e - f64::ln(0.5)).abs() < 1e-12);
    assert!(hit.log_e_mixture().abs() < 1e-12);
}

#[test]
fn without_events_or_opponents_it_stays_1() {
    let of = |observations: &[Observation], strata: Option<&[u32]>| {
        let sample = GroupedSample { observations, groups: &[1, 2], strata };
        e_log_rank(&sample, Causes::Any, ratio(3.0)).unwrap()
    };
    let without_events = of(&[open(1.0), open(2.0)], None);
    assert!(without_events.steps().is_empty());
    assert_eq!((without_events.p(), without_events.at(5.0).log_e), (1.0, 0.0));
    let alone = of(&[event(1.0), event(2.0)], Some(&[1, 2]));
    assert!(alone.steps().iter().all(|it| it.log_e.abs() < 1e-12));
}

#[test]
fn what_cannot_be_bet_on_is_an_error() {
    for bad in [0.0, -1.0, 1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(HazardRatio::new(bad), Err(ELogRankError::Ratio(_))), "{bad}");
    }
    let observations = [event(1.0), event(2.0)];
    let of = |groups: &[u32], strata: Option<&[u32]>| {
        let sample = GroupedSample { observations: &observations, groups, strata };
        e_log_rank(&sample, Causes::Any, ratio(1.4)).unwrap_err()
    };
    assert_eq!(of(&[1, 1], None), ELogRankError::NotTwoGroups(1));
    assert_eq!(of(&[1], None), ELogRankError::Lengths { observations: 2, labels: 1 });
    let lengths = ELogRankError::Lengths { observations: 2, labels: 3 };
    assert_eq!(of(&[1, 2], Some(&[1, 2, 3])), lengths);
    let empty = GroupedSample { observations: &[], groups: &[], strata: None };
    let error = e_log_rank(&empty, Causes::Any, ratio(1.4)).unwrap_err();
    assert_eq!(error, ELogRankError::NotTwoGroups(0));
}

#[test]
fn bad_days_and_bands_are_errors() {
    let day =
        |origin, entered, left| CalendarObservation::new(origin, entered, left, outcome(true));
    assert!(matches!(
        day(5, 4, 6),
        Err(InvalidCalendarObservation::EnteredBeforeOrigin { origin: 5, entered: 4 })
    ));
    assert!(matches!(
        day(5, 5, 5),
        Err(InvalidCalendarObservation::LeftNotAfterEntry { entered: 5, left: 5 })
    ));
    let longest = [day(i32::MIN, i32::MIN, i32::MAX).unwrap(), day(0, 0, 1).unwrap()];
    let of = |age_bands: &[u32]| {
        let sample =
            CalendarSample { observations: &longest, groups: &[1, 2], strata: None, age_bands };
        e_log_rank_by_calendar(&sample, Causes::Any, ratio(1.4))
    };
    assert_eq!(of(&[0, 7]), Err(ELogRankError::AgeBands));
    assert_eq!(of(&[7, 7]), Err(ELogRankError::AgeBands));
    assert_eq!(of(&[]).unwrap().steps().len(), 2);
    assert_eq!(of(&[u32::MAX]).unwrap().steps().len(), 2);
}

#[test]
fn ties_everywhere_are_exact_and_finite() {
    let n = 100_000_u32;
    let observations = vec![event(1.0); n as usize];
    let groups: Vec<u32> = (0..n).map(|it| it % 2).collect();
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    // Everybody has the event, so the split was certain.
    let process = e_log_rank(&sample, Causes::Any, ratio(1.4)).unwrap();
    assert!(process.steps()[0].log_e.abs() < 1e-9);
    let observations: Vec<Observation> =
        (0..n).map(|it| if it % 4 < 2 { event(1.0) } else { open(1.0) }).collect();
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    let step = e_log_rank(&sample, Causes::Any, ratio(1.4)).unwrap().steps()[0];
    // Half of each group: odds against the bet, as the normal approximation says to a hundredth.
    let variance = 50_000.0 * 0.25 * 0.5;
    let approximate = -0.5 * variance * f64::ln(1.4).powi(2);
    assert!((step.log_e / approximate - 1.0).abs() < 0.01, "{} {approximate}", step.log_e);
}

/// Looks every day at subjects who come at different dates and have hazards that change with age and differ between strata.
#[test]
fn daily_looks_keep_the_error_rate() {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let mut share_rejected = |ratio_of_second: f64| {
        let n_trials = 300_u32;
        let mut is_rejected = || {
            let subject = |i: u32| {
                let (group, stratum) = (i % 2, i / 2 % 3);
                let origin = rng.random_range(-10..40);
                let hazard = 0.04 * f64::from(stratum + 1);
                let hazard = if group == 1 { hazard * ratio_of_second } else { hazard };
                let days = (1..60 - origin).find(|&age| {
                    let at_age = if age < 8 { hazard * 2.0 } else { hazard };
                    rng.random::<f64>() < at_age
                });
                let left = days.map_or(60, |it| origin + it);
                Subject { origin, entered: origin, left, is_event: days.is_some(), group, stratum }
            };
            let subjects: Vec<Subject> = (0..90).map(subject).collect();
            by_calendar(&subjects, 2.0).first_rejection(0.1).is_some()
        };
        let n_rejected: u32 = (0..n_trials).map(|_| u32::from(is_rejected())).sum();
        f64::from(n_rejected) / f64::from(n_trials)
    };
    let (without_effect, with_effect) = (share_rejected(1.0), share_rejected(2.5));
    // Four standard errors above 10%.
    assert!(without_effect < 0.1 + 4.0 * 0.0173, "{without_effect}");
    assert!(with_effect > 0.5, "{with_effect}");
}
