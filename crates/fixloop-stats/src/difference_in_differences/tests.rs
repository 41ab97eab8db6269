use proptest::prelude::*;

use super::*;

fn team(is_treated: bool, before: f64, after: f64) -> TeamScore {
    TeamScore { is_treated, before, after }
}

#[test]
fn a_small_table_by_hand() {
    let teams =
        [team(true, 1.0, 0.0), team(true, 3.0, 1.0), team(false, 2.0, 4.0), team(false, 4.0, 7.0)];
    let found = difference_in_differences(&teams).unwrap();
    // Changes are -1, -2 against 2, 3: no other choice of two is as far apart, but the opposite one is.
    let did = found.difference_in_differences;
    assert!((did.test.difference + 4.0).abs() < 1e-12);
    assert!((did.test.std_error - f64::sqrt(0.5)).abs() < 1e-12);
    assert_eq!(did.p_permutation, Some(2.0 / 6.0));
    // Deviations before: -1.5, .5, -.5, 1.5; after: -3, -2, 1, 4; cov 4.5 - 1 - .5 + 6 = 9, var 5.
    assert!((found.theta - 1.8).abs() < 1e-12);
    assert!((found.raw.test.difference + 5.0).abs() < 1e-12);
    assert!((found.cuped.test.difference - (-5.0 + 1.8)).abs() < 1e-12);
    // Deviations within arms: -1, 1, -1, 1 before and -.5, .5, -1.5, 1.5 after; slope 4/4, and the arms are 1 apart before.
    assert!((found.ancova.difference - (-5.0 + 1.0)).abs() < 1e-12);
    assert_eq!(found.ancova.degrees_of_freedom, 1);
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let with = |scores: [(f64, f64); 4]| {
        let of = |at: usize| team(at < 2, scores[at].0, scores[at].1);
        difference_in_differences(&[of(0), of(1), of(2), of(3)]).map(|_| ())
    };
    assert_eq!(with([(1.0, 0.0), (3.0, 1.0), (2.0, 4.0), (4.0, 7.0)]), Ok(()));
    let no_history = [(1.0, 0.0), (1.0, 1.0), (1.0, 4.0), (1.0, 7.0)];
    assert_eq!(with(no_history), Err(DifferenceError::NoHistory));
    let is_arm = [(1.0, 0.0), (1.0, 1.0), (2.0, 4.0), (2.0, 7.0)];
    assert_eq!(with(is_arm), Err(DifferenceError::HistoryIsArm));
    let same = [(1.0, 5.0), (3.0, 5.0), (2.0, 5.0), (4.0, 5.0)];
    assert_eq!(with(same), Err(DifferenceError::NoVariance));
    let not_finite = [(1.0, 0.0), (3.0, 1.0), (f64::NAN, 4.0), (4.0, 7.0)];
    assert_eq!(with(not_finite), Err(DifferenceError::NotFinite { team: 2 }));
    let none = DifferenceError::TooFewTeams { treated: 0, control: 0 };
    assert_eq!(difference_in_differences(&[]), Err(none));
    let few = [team(true, 1.0, 2.0), team(false, 2.0, 1.0), team(false, 3.0, 5.0)];
    let few_treated = DifferenceError::TooFewTeams { treated: 1, control: 2 };
    assert_eq!(difference_in_differences(&few), Err(few_treated));
}

#[test]
fn too_many_assignments_have_no_permutation_p() {
    // C(18, 9) = 48,620.
    let teams: Vec<TeamScore> =
        (0..18).map(|it| team(it % 2 == 0, f64::from(it % 5), f64::from(it * it % 7))).collect();
    let found = difference_in_differences(&teams).unwrap();
    assert_eq!(found.raw.p_permutation, None);
    // C(16, 8) = 12,870.
    let p = difference_in_differences(&teams[..16]).unwrap().raw.p_permutation.unwrap();
    assert!((p * 12_870.0 - (p * 12_870.0).round()).abs() < 1e-6 && p > 0.0);
}

fn teams() -> impl Strategy<Value = Vec<TeamScore>> {
    let score = (any::<bool>(), -9_i8..10, -9_i8..10);
    let score =
        score.prop_map(|(arm, before, after)| team(arm, f64::from(before), f64::from(after)));
    proptest::collection::vec(score, 4..10)
}

proptest! {
    #[test]
    fn swapping_the_arms_units_and_drift_change_no_p(teams in teams(), unit in 1e-3..1e3_f64, drift in -9.0..9.0_f64) {
        let other: Vec<TeamScore> = teams
            .iter()
            .rev()
            .map(|it| team(!it.is_treated, it.before * unit, (it.after + drift) * unit))
            .collect();
        match (difference_in_differences(&teams), difference_in_differences(&other)) {
            (Ok(a), Ok(b)) => {
                prop_assert!((a.theta - b.theta).abs() < 1e-8);
                let tests = |it: &HistoryAdjusted| {
                    [it.raw.test, it.cuped.test, it.ancova, it.difference_in_differences.test]
                };
                for (a, b) in tests(&a).into_iter().zip(tests(&b)) {
                    prop_assert!((a.difference * unit + b.difference).abs() < 1e-7 * (1.0 + unit));
                    prop_assert!((a.p - b.p).abs() < 1e-6);
                }
                prop_assert_eq!(a.raw.p_permutation, b.raw.p_permutation);
            }
            (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
        }
    }

    #[test]
    fn the_enumeration_is_that_of_all_subsets(teams in teams()) {
        if let Ok(found) = difference_in_differences(&teams) {
            let changes: Vec<f64> = teams.iter().map(|it| it.after - it.before).collect();
            let wanted = teams.iter().filter(|it| it.is_treated).count();
            let difference = |chosen: &dyn Fn(usize) -> bool| {
                let mean = |in_arm: bool| {
                    let of_arm: Vec<f64> = (0..changes.len())
                        .filter(|&it| chosen(it) == in_arm)
                        .map(|it| changes[it])
                        .collect();
                    of_arm.iter().sum::<f64>() / of_arm.len() as f64
                };
                (mean(true) - mean(false)).abs()
            };
            let observed = difference(&|it| teams[it].is_treated);
            let all: Vec<f64> = (0_u32..1 << teams.len())
                .filter(|it| it.count_ones() as usize == wanted)
                .map(|bits| difference(&|it| bits >> it & 1 == 1))
                .collect();
            let n_extreme = all.iter().filter(|&&it| it >= observed - 1e-9).count();
            let p = n_extreme as f64 / all.len() as f64;
            prop_assert_eq!(found.difference_in_differences.p_permutation, Some(p));
        }
    }
}
