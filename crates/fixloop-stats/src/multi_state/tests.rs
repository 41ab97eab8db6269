use proptest::prelude::*;

use super::*;

fn stretch(
    subject: usize,
    ages: (f64, f64),
    from: usize,
    to: impl Into<Option<usize>>,
) -> Transition {
    Transition { subject, start: ages.0, stop: ages.1, from, to: to.into() }
}

#[test]
fn moves_of_one_day_become_the_last_one() {
    let steps =
        [stretch(1, (0.0, 3.0), 0, 1), stretch(1, (3.0, 3.0), 1, 2), stretch(1, (3.0, 3.0), 2, 3)];
    let found = stage_occupancy(4, &steps).unwrap();
    assert_eq!(found.at(3.0).unwrap(), [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(found.restricted_means(5.0).unwrap(), [3.0, 0.0, 0.0, 2.0]);
}

#[test]
fn moves_at_age_zero_make_the_initial_mix() {
    let steps =
        [stretch(1, (0.0, 0.0), 0, 2), stretch(2, (0.0, 0.0), 0, 1), stretch(2, (0.0, 4.0), 1, 2)];
    let found = stage_occupancy(3, &steps).unwrap();
    assert_eq!(found.initial(), [0.0, 0.5, 0.5]);
    assert_eq!(found.at(9.0).unwrap(), [0.0, 0.0, 1.0]);
}

#[test]
fn past_the_last_subject_nothing_is_known_of_open_ones() {
    let steps = [stretch(1, (0.0, 3.0), 0, 1), stretch(2, (0.0, 5.0), 0, None)];
    let found = stage_occupancy(2, &steps).unwrap();
    assert_eq!(found.at(5.0).unwrap(), [0.5, 0.5]);
    assert_eq!(found.at(5.5), None);
    assert!(found.restricted_means(6.0).is_err());
    assert!(found.restricted_means(f64::NAN).is_err());
}

#[test]
fn bad_stretches_are_refused() {
    let refused = |steps: &[Transition]| stage_occupancy(2, steps).unwrap_err();
    assert_eq!(refused(&[]), InvalidTransitions::NobodyAtOrigin);
    let late = [stretch(1, (2.0, 3.0), 0, 1)];
    assert_eq!(refused(&late), InvalidTransitions::NobodyAtOrigin);
    let unknown = InvalidTransitions::State { subject: 1, state: 2, n_states: 2 };
    assert_eq!(refused(&[stretch(1, (0.0, 3.0), 0, 2)]), unknown);
    let gap = [stretch(1, (0.0, 3.0), 0, 1), stretch(1, (4.0, 5.0), 1, 0)];
    assert_eq!(refused(&gap), InvalidTransitions::Gap { subject: 1, time: 4.0 });
    let jump = [stretch(1, (0.0, 3.0), 0, 1), stretch(1, (3.0, 5.0), 0, 1)];
    assert_eq!(refused(&jump), InvalidTransitions::Gap { subject: 1, time: 3.0 });
    assert!(stage_occupancy(2, &[stretch(1, (0.0, f64::NAN), 0, 1)]).is_err());
    assert!(stage_occupancy(2, &[stretch(1, (4.0, 3.0), 0, 1)]).is_err());
}

/// Paths through four states, some seen late, some cut off; the first subject is watched from the origin on.
fn paths() -> impl Strategy<Value = Vec<Transition>> {
    let path = (0_u8..3, proptest::collection::vec((0_u8..6, 0_usize..4), 1..5), any::<bool>());
    proptest::collection::vec(path, 1..20).prop_map(|paths| {
        let mut transitions = Vec::new();
        for (subject, (entry, moves, is_cut)) in paths.into_iter().enumerate() {
            let mut time = if subject == 0 { 0.0 } else { f64::from(entry) };
            let (mut from, n_moves) = (subject % 4, moves.len());
            for (i, (length, to)) in moves.into_iter().enumerate() {
                let stop = time + f64::from(length);
                let to = (!is_cut || i + 1 < n_moves).then_some(to);
                transitions.push(stretch(subject, (time, stop), from, to));
                (time, from) = (stop, to.unwrap_or(from));
            }
        }
        transitions
    })
}

proptest! {
    #[test]
    fn restricted_means_sum_to_the_horizon(transitions in paths(), share in 0.0..=1.0) {
        let found = stage_occupancy(4, &transitions).unwrap();
        let last = transitions.iter().map(|it| it.stop).fold(0.0, f64::max);
        let tau = share * found.end.min(last);
        let means = found.restricted_means(tau).unwrap();
        prop_assert!((means.iter().sum::<f64>() - tau).abs() < 1e-9);
        for step in &found.steps {
            prop_assert!((step.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(step.probabilities.iter().all(|it| (0.0..=1.0 + 1e-12).contains(it)));
        }
    }

    #[test]
    fn splitting_a_stretch_changes_nothing(transitions in paths(), share in 0.01..0.99) {
        let mut split = Vec::new();
        for it in &transitions {
            let middle = it.start + share * (it.stop - it.start);
            if it.start < middle && middle < it.stop {
                split.push(Transition { stop: middle, to: None, ..*it });
                split.push(Transition { start: middle, ..*it });
            } else {
                split.push(*it);
            }
        }
        let (whole, split) =
            (stage_occupancy(4, &transitions).unwrap(), stage_occupancy(4, &split).unwrap());
        prop_assert_eq!(whole.steps, split.steps);
    }
}
