use std::fs;

use fixloop_test_support::shared;

use super::*;

mod coverage;

/// `n` targets of 12 teams, alerted at 0; target `i` is fixed on day `fixed(i)`.
fn targets(n: u32, fixed: impl Fn(u32) -> Option<i64>) -> Vec<OpenTarget> {
    let target = |it: u32| OpenTarget {
        repository: format!("shop-{it}"),
        path: Some("package-lock.json".to_owned()),
        team: format!("team {}", it % 12),
        affected_since: 0,
        fixed_at: fixed(it).map(|it| it * DAY),
        alerted_at: Some(0),
        pressed_at: None,
    };
    (0..n).map(target).collect()
}

/// Two of three are fixed within ten days; none of the teams 3, 7 and 11.
fn stalling() -> Vec<OpenTarget> {
    targets(240, |it| (it % 4 != 3 && !it.is_multiple_of(9)).then_some(1 + i64::from(it % 10)))
}

fn input(targets: &[OpenTarget]) -> Input<'_> {
    Input {
        targets,
        mined: &[],
        now: 12 * DAY,
        deadline: 26 * DAY,
        n_unknown: 3,
        widening: 1.0,
        seed: 7,
    }
}

#[test]
fn targets_that_stall_miss_the_date_and_are_named() {
    let all = stalling();
    let found = forecast(&input(&all)).unwrap();
    let n_open = all.iter().filter(|it| it.fixed_at.is_none()).count();
    assert_eq!((found.n_open, found.n_unknown), (n_open, 3));
    assert!(found.p_all < 0.01, "{}", found.p_all);
    assert!(found.left.p10 <= found.left.p50 && found.left.p50 <= found.left.p90);
    assert!(found.last_fix_days.p50 > 14.0, "{:?}", found.last_fix_days);
    let slow = ["team 3", "team 7", "team 11"];
    assert_eq!(found.last.len(), 5);
    assert!(found.last.iter().all(|it| slow.contains(&&*it.team)), "{:?}", found.last);
    assert!(found.is_extrapolated && found.learned.n_history_fixes == 0);
    assert_eq!(found.learned.break_ratio, None);
    // Beside it, the version that knows of no teams, and is narrower.
    let independent = found.independent.unwrap();
    assert_eq!(independent.n_open, n_open);
    assert_eq!(forecast(&input(&all)), Ok(found));
}

#[test]
fn a_pivot_that_worked_turns_the_forecast() {
    let mut all = stalling();
    // On day 12, teams 3 and 7 came to *break*; two days later most of them are fixed. Team 11 follows on day 14.
    for (n, it) in all.iter_mut().enumerate().filter(|it| it.1.fixed_at.is_none()) {
        let is_first = it.team == "team 3" || it.team == "team 7";
        it.pressed_at = Some(if is_first { 12 * DAY } else { 14 * DAY });
        it.fixed_at = (is_first && n % 10 != 3).then_some(13 * DAY);
    }
    let now = Input { now: 14 * DAY, ..input(&all) };
    let found = forecast(&now).unwrap();
    let ratio = found.learned.break_ratio.unwrap();
    assert!(ratio.p10 > 3.0, "{ratio:?}");
    assert!(found.p_all > 0.5, "{found:?}");
    // Without the pivot's fixes, nothing is known of it.
    for it in &mut all {
        it.fixed_at = it.fixed_at.filter(|at| *at < 12 * DAY);
    }
    let unknown = forecast(&Input { now: 13 * DAY, ..input(&all) }).unwrap();
    assert_eq!((unknown.learned.n_break_fixes, unknown.learned.break_ratio), (0, None));
    assert!(unknown.p_all < 0.01);
}

#[test]
fn too_few_fixes_are_joined_with_the_past() {
    let all = targets(30, |it| (it < 4).then_some(1));
    assert!(matches!(
        forecast(&Input { now: DAY, ..input(&all[4..]) }),
        Err(NoForecast::TooLittle(_))
    ));
    let mined: Vec<PastFix> = (0..200)
        .map(|it: u32| PastFix {
            team: format!("team {}", it % 12),
            days: f64::from(it % 30 + 1),
            is_fixed: !it.is_multiple_of(5),
        })
        .collect();
    let found = forecast(&Input { mined: &mined, now: 2 * DAY, ..input(&all) }).unwrap();
    assert_eq!((found.learned.n_fixes, found.learned.n_history_fixes), (4, 160));
    assert!(found.left.p50 > 0.0 && found.left.p50 < 26.0, "{found:?}");
}

#[test]
fn nothing_open_is_certain_and_the_last_fix_is_a_fact() {
    let all = targets(3, |it| Some(i64::from(it) + 2));
    // What is unknown may be open.
    assert_eq!(forecast(&input(&all)), Err(NoForecast::Unknown(3)));
    let found = forecast(&Input { n_unknown: 0, ..input(&all) }).unwrap();
    assert_eq!((found.p_all.to_bits(), found.n_open), (1.0_f64.to_bits(), 0));
    assert_eq!(found.moment(found.last_fix_days.p50), Some(4 * DAY));
    let nothing = forecast(&Input { n_unknown: 0, ..input(&[]) }).unwrap();
    assert_eq!(nothing.last_fix_days, Quantiles::default());
}

#[test]
fn after_the_date_what_is_open_is_late() {
    let all = stalling();
    let found = forecast(&Input { deadline: 11 * DAY, ..input(&all) }).unwrap();
    let n_open = all.iter().filter(|it| it.fixed_at.is_none()).count() as f64;
    assert_eq!(
        (found.p_all.to_bits(), found.left.p10.to_bits()),
        (0.0_f64.to_bits(), n_open.to_bits())
    );
}

#[test]
fn widening_stays_between_nothing_and_all() {
    let it = Quantiles { p10: 2.0, p50: 5.0, p90: 9.0 };
    assert_eq!(it.widened(2.0, 12.0), Quantiles { p10: 0.0, p50: 5.0, p90: 12.0 });
    assert_eq!(it.widened(1.0, 12.0), it);
}

/// `forecast.open_items`: 66 open, 30.0 expected in 14 days, 80 % between 25 and 35.
#[test]
fn the_independent_version_is_the_reference() {
    let Some(path) = shared::file("data/stats_reference/data/fixtimes.csv") else { return };
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |name: &str| header.iter().position(|it| *it == name).unwrap();
    let (period, time, status) = (place("period"), place("time"), place("status"));
    let rows = lines.map(|it| it.split(',').collect::<Vec<_>>());
    let observations: Vec<Observation> = rows
        .filter(|it| it[period] == "post")
        .map(|it| {
            let outcome = match it[status].parse().unwrap() {
                0 => Outcome::Censored,
                cause => Outcome::Event(cause),
            };
            Observation::new(it[time].parse().unwrap(), outcome).unwrap()
        })
        .collect();
    let is_open = |it: &&Observation| it.outcome() == Outcome::Censored;
    let ages: Vec<f64> = observations.iter().filter(is_open).map(Observation::time).collect();
    let found = independent(&observations, &ages, 14.0).unwrap();
    assert_eq!((found.n_open, found.fixed_p10, found.fixed_p90), (66, 25, 35));
    assert!((found.mean_fixed - 30.017_890_28).abs() < 1e-6, "{found:?}");
    assert!(found.p_all.abs() < 1e-12);
}
