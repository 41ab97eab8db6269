use proptest::prelude::*;

use super::*;

fn compared(rows: &[(f64, u32, u32)]) -> Result<TeamMeans, TeamMeansError> {
    let values: Vec<f64> = rows.iter().map(|it| it.0).collect();
    let teams: Vec<u32> = rows.iter().map(|it| it.1).collect();
    let arms: Vec<u32> = rows.iter().map(|it| it.2).collect();
    team_means(&TeamRows { values: &values, teams: &teams, arms: &arms })
}

#[test]
fn a_small_table_by_hand() {
    // Means 1 and 3 against 4 and 8; each arm's squares are 2 and 8, so the variance is 5 with 2 degrees of freedom.
    let rows = [(0.0, 1, 7), (2.0, 1, 7), (3.0, 2, 7), (4.0, 3, 9), (8.0, 4, 9), (8.0, 4, 9)];
    let found = compared(&rows).unwrap();
    assert_eq!(found.teams[0], TeamMean { team: 1, arm: 7, n_rows: 2, mean: 1.0 });
    let test = found.test;
    assert!((test.difference - 4.0).abs() < 1e-12);
    assert!((test.std_error - f64::sqrt(5.0)).abs() < 1e-12);
    assert_eq!(test.degrees_of_freedom, 2);
    // With 2 degrees of freedom p = 1 - t / sqrt(2 + t^2).
    let t = 4.0 / f64::sqrt(5.0);
    assert!((test.p - (1.0 - t / f64::sqrt(2.0 + t * t))).abs() < 1e-10);
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    assert_eq!(compared(&[]), Err(TeamMeansError::NotTwoArms(0)));
    assert_eq!(compared(&[(1.0, 1, 0), (2.0, 2, 0)]), Err(TeamMeansError::NotTwoArms(1)));
    assert_eq!(compared(&[(1.0, 1, 0), (2.0, 2, 1)]), Err(TeamMeansError::TooFewTeams(2)));
    let two_arms = TeamMeansError::TeamInTwoArms { team: 1 };
    assert_eq!(compared(&[(1.0, 1, 0), (2.0, 1, 1)]), Err(two_arms));
    let same = [(0.1, 1, 0), (0.1, 2, 0), (0.2, 3, 1), (0.2, 4, 1)];
    assert_eq!(compared(&same), Err(TeamMeansError::NoVariance));
    assert_eq!(
        compared(&[(1.0, 1, 0), (f64::INFINITY, 2, 1)]),
        Err(TeamMeansError::NotFinite { row: 1 })
    );
    let huge = [(f64::MAX, 1, 0), (-f64::MAX, 2, 0), (f64::MAX, 3, 1)];
    assert_eq!(compared(&huge), Err(TeamMeansError::NoVariance));
    let rows = TeamRows { values: &[1.0], teams: &[1], arms: &[] };
    assert_eq!(team_means(&rows), Err(TeamMeansError::Lengths { values: 1, labels: 0 }));
    assert_eq!(mean_difference(&[1.0, 2.0], &[]), Err(TeamMeansError::NotTwoArms(1)));
}

proptest! {
    #[test]
    fn swapping_the_arms_and_repeating_every_row_changes_no_p(
        rows in proptest::collection::vec((-9_i8..10, 0_u32..8), 4..40), unit in 1e-3..1e3_f64,
    ) {
        let plain: Vec<_> =
            rows.iter().map(|&(value, team)| (f64::from(value), team, team % 2)).collect();
        let mut other: Vec<_> =
            plain.iter().map(|&(value, team, arm)| (value * unit, team, 1 - arm)).collect();
        other.extend(other.clone());
        match (compared(&plain), compared(&other)) {
            (Ok(a), Ok(b)) => {
                prop_assert!((a.test.p - b.test.p).abs() < 1e-9);
                prop_assert!((a.test.difference * unit + b.test.difference).abs() < 1e-9 * unit.max(1.0));
                prop_assert!((0.0..=1.0).contains(&a.test.p));
            }
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
    }
}
