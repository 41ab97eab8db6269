use proptest::prelude::*;

use super::*;
use crate::tests::samples::{entered, event, open};
use crate::{Observation, aalen_johansen};

fn other(time: f64) -> Observation {
    Observation::new(time, Outcome::Event(2)).unwrap()
}

fn compared(observations: &[Observation], groups: &[u32]) -> Result<Gray, GrayError> {
    gray(&GroupedSample { observations, groups, strata: None }, Causes::Only(1))
}

#[test]
fn a_small_table_by_hand() {
    // At age 1: one of 2 + 2 has the event, in group 1; R is 2 and 2. At age 2 group 1 loses its last to the other cause.
    // At age 3: the event of group 2. Group 1 is gone; so the score of group 1 is 1 - 1/2.
    let found = compared(&[event(1.0), other(2.0), event(3.0), open(4.0)], &[1, 1, 2, 2]).unwrap();
    assert!((found.scores[0].1 - 0.5).abs() < 1e-12);
    assert!((found.scores[1].1 + 0.5).abs() < 1e-12);
    assert_eq!((found.scores[0].0, found.scores[1].0, found.test.df), (1, 2, 1));
}

#[test]
fn those_with_a_competing_event_still_count_in_the_score() {
    // Group 2 loses one of its two to the other cause, and still weighs 2 of 4 at age 2: 1 / S = 2.
    let found = compared(&[event(2.0), open(9.0), other(1.0), open(9.0)], &[1, 1, 2, 2]).unwrap();
    assert!((found.scores[0].1 - 0.5).abs() < 1e-12);
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    assert_eq!(compared(&[], &[]), Err(GrayError::NoEvent));
    assert_eq!(compared(&[other(1.0), open(2.0)], &[1, 2]), Err(GrayError::NoEvent));
    assert_eq!(compared(&[event(1.0), event(2.0)], &[3, 3]), Err(GrayError::OneGroup));
    assert_eq!(compared(&[open(1.0), event(2.0)], &[1, 2]), Err(GrayError::OneGroup));
    let lengths = GrayError::Lengths { observations: 1, labels: 0 };
    assert_eq!(compared(&[event(1.0)], &[]), Err(lengths));
    let late = [event(1.0), entered(1.0, 2.0)];
    assert_eq!(compared(&late, &[1, 2]), Err(GrayError::DelayedEntry { row: 1 }));
    let many: Vec<Observation> = (0..60).map(|it| event(f64::from(it))).collect();
    let groups: Vec<u32> = (0..60).collect();
    assert_eq!(compared(&many, &groups), Err(GrayError::TooManyGroups(60)));
    assert!(compared(&[event(1.0), event(1.0)], &[1, 2]).is_err());
}

/// Whole days up to 20, three groups, two causes.
fn subjects() -> impl Strategy<Value = Vec<(Observation, u32)>> {
    let subject = (1_u8..20, 0_u8..3, 0_u32..3).prop_map(|(time, cause, group)| {
        let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
        (Observation::new(f64::from(time), outcome).unwrap(), group)
    });
    proptest::collection::vec(subject, 20..80)
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * (1.0 + a.abs())
}

/// The weighted integral of the difference of subdistribution hazards, from the curves.
fn score_by_definition(subjects: &[(Observation, u32)], group: u32, groups: &[u32]) -> f64 {
    let of = |group: u32| -> Vec<Observation> {
        subjects.iter().filter(|it| it.1 == group).map(|it| it.0).collect()
    };
    let mut times: Vec<f64> = subjects
        .iter()
        .filter(|it| it.0.outcome() == Outcome::Event(1))
        .map(|it| it.0.time())
        .collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let before = |group: u32, cause: u8, time: f64| {
        let curve = aalen_johansen(&of(group), Causes::Only(cause)).unwrap();
        let mut steps = curve.steps().iter().filter(|it| it.time < time);
        steps.next_back().map_or(0.0, |it| it.share)
    };
    let risk = |group: u32, time: f64| {
        let n = of(group).iter().filter(|it| it.time() >= time).count() as f64;
        if n == 0.0 {
            return 0.0;
        }
        let incidence = before(group, 1, time);
        n * (1.0 - incidence) / (1.0 - incidence - before(group, 2, time))
    };
    let events = |group: u32, time: f64| {
        let is_event = |it: &&Observation| {
            it.time().total_cmp(&time).is_eq() && it.outcome() == Outcome::Event(1)
        };
        of(group).iter().filter(is_event).count() as f64
    };
    let term = |&time: &f64| {
        let d: f64 = groups.iter().map(|&it| events(it, time)).sum();
        let total: f64 = groups.iter().map(|&it| risk(it, time)).sum();
        events(group, time) - d * risk(group, time) / total
    };
    times.iter().map(term).sum()
}

proptest! {
    #[test]
    fn the_score_is_what_the_curves_define(subjects in subjects()) {
        let (observations, labels): (Vec<_>, Vec<_>) = subjects.iter().copied().unzip();
        if let Ok(found) = compared(&observations, &labels) {
            let groups: Vec<u32> = found.scores.iter().map(|it| it.0).collect();
            for &(group, score) in &found.scores {
                prop_assert!(is_near(score, score_by_definition(&subjects, group, &groups)));
            }
            prop_assert!(found.scores.iter().map(|it| it.1).sum::<f64>().abs() < 1e-7);
            prop_assert!((0.0..=1.0).contains(&found.test.p));
        }
    }

    #[test]
    fn names_of_groups_units_and_order_change_no_p(subjects in subjects(), unit in 1e-3..1e3_f64) {
        let (observations, labels): (Vec<_>, Vec<_>) = subjects.iter().copied().unzip();
        let (other, renamed): (Vec<_>, Vec<_>) = subjects
            .iter()
            .rev()
            .map(|(it, group)| {
                (Observation::new(it.time() * unit, it.outcome()).unwrap(), 9 - 3 * group)
            })
            .unzip();
        match (compared(&observations, &labels), compared(&other, &renamed)) {
            (Ok(a), Ok(b)) => prop_assert!(is_near(a.test.statistic, b.test.statistic)),
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
    }

    #[test]
    fn a_stratum_that_is_the_same_again_doubles_the_statistic(subjects in subjects()) {
        let (observations, labels): (Vec<_>, Vec<_>) = subjects.iter().copied().unzip();
        let n = labels.len();
        let strata: Vec<u32> = (0..2 * n).map(|it| u32::from(it >= n)).collect();
        let twice = GroupedSample {
            observations: &observations.repeat(2),
            groups: &labels.repeat(2),
            strata: Some(&strata),
        };
        if let Ok(once) = compared(&observations, &labels) {
            let twice = gray(&twice, Causes::Only(1)).unwrap();
            prop_assert!(is_near(2.0 * once.test.statistic, twice.test.statistic));
        }
    }
}
