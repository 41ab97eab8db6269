use super::*;
use crate::target::TargetState;

fn targets(fixed_days: &[Option<i64>]) -> Vec<Target> {
    let target = |(n, fixed): (usize, &Option<i64>)| Target {
        repository: format!("r{n}"),
        team: "web".to_owned(),
        path: None,
        state: TargetState::Affected,
        evidence: Vec::new(),
        reason: None,
        affected_since: Some(0),
        fixed_at: fixed.map(|it| it * DAY),
    };
    fixed_days.iter().enumerate().map(target).collect()
}

fn said(at_days: i64, p_all: f64, left: (f64, f64, f64)) -> Said {
    let left = Quantiles { p10: left.0, p50: left.1, p90: left.2 };
    let checks = vec![Check { days: 1.0, left }];
    Said { at: at_days * DAY, deadline: 20 * DAY, p_all, checks, turned_at: None }
}

#[test]
fn intervals_are_scored_once_their_moment_has_passed() {
    let open = targets(&[Some(1), Some(2), Some(3), None]);
    let all: Vec<Said> = (0..6).map(|day| said(day, 0.2, (2.0, 3.0, 3.0))).collect();
    let found = back_test(&all, &open, 4 * DAY);
    // Left after a day: 3, 2, 1, 1.
    assert_eq!((found.n_intervals, found.coverage, found.brier), (4, Some(0.5), None));
    // Four are too few to widen.
    assert!((found.widening - 1.0).abs() < 1e-12);
    let found = back_test(&all, &open, 6 * DAY);
    assert_eq!(found.n_intervals, 6);
    // Left 3, 2, 1, 1, 1, 1 with the middle 3 and a half-width of 1 below: twice as wide would have held.
    assert!((found.widening - 2.0).abs() < 1e-12, "{found:?}");
    assert!((found.coverage.unwrap() - 2.0 / 6.0).abs() < 1e-12);
}

#[test]
fn all_by_the_date_is_scored_at_the_date() {
    let all = [said(0, 0.9, (0.0, 0.0, 0.0)), said(5, 0.7, (0.0, 0.0, 0.0))];
    let found = back_test(&all, &targets(&[Some(9)]), 20 * DAY);
    assert!((found.brier.unwrap() - 0.05).abs() < 1e-12);
    let found = back_test(&all, &targets(&[None]), 20 * DAY);
    assert!((found.brier.unwrap() - 0.65).abs() < 1e-12);
    assert_eq!(back_test(&[], &[], 0).n_intervals, 0);
}

#[test]
fn what_was_said_of_a_time_after_a_pivot_is_not_scored() {
    let turned = |at| Said { turned_at: Some(at), ..said(0, 0.1, (1.0, 1.0, 1.0)) };
    let open = targets(&[Some(1)]);
    let before = back_test(&[turned(DAY - 1)], &open, 20 * DAY);
    assert_eq!((before.n_intervals, before.brier), (0, None));
    let between = back_test(&[turned(2 * DAY)], &open, 20 * DAY);
    assert_eq!((between.n_intervals, between.coverage, between.brier), (1, Some(0.0), None));
    assert!(back_test(&[turned(20 * DAY)], &open, 20 * DAY).brier.is_some());
}

#[test]
fn good_intervals_are_not_widened() {
    let open = targets(&[None, None]);
    let all: Vec<Said> = (0..10).map(|day| said(day, 0.0, (1.0, 2.0, 2.0))).collect();
    let found = back_test(&all, &open, 20 * DAY);
    assert_eq!((found.coverage, found.n_intervals), (Some(1.0), 10));
    assert!((found.widening - 1.0).abs() < 1e-12);
}
