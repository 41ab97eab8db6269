use super::*;
use crate::forecast::{OpenItem, forecast_by_team};
use crate::tests::samples::{event, open};
use crate::{Causes, Observation};

const SETTINGS: Simulation =
    Simulation { horizon: 14.0, frailty_variance: 0.2, n_draws: 2000, seed: 3 };

/// Each day one in ten of those still open, over 20 days, in 20 teams in turn.
fn steady() -> (Vec<Observation>, Vec<u32>) {
    let mut observations = Vec::new();
    let mut left = 2000_u32;
    for day in 1..=20 {
        let closed = left / 10;
        observations.extend(vec![event(f64::from(day)); closed as usize]);
        left -= closed;
    }
    observations.extend(vec![open(20.0); left as usize]);
    let teams = (0..2000).map(|it| it % 20).collect();
    (observations, teams)
}

fn found(items: &[PressedItem], pressed: &[PressedPast], further: &[f64]) -> LastForecast {
    let (observations, teams) = steady();
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    forecast_last(&history, items, pressed, (&SETTINGS, further)).unwrap()
}

fn items(n: u32, pressed_in: Option<f64>) -> Vec<PressedItem> {
    let item = |it| PressedItem { age: f64::from(it % 5), team: it % 20, pressed_in };
    (0..n).map(item).collect()
}

/// `n_closed` of 10 within two days after day 10, where the curve closes one in ten a day.
fn pressed(n_closed: u32) -> Vec<PressedPast> {
    let past = |it| PressedPast { from: 10.0, until: 12.0, team: it, is_closed: it < n_closed };
    (0..10).map(past).collect()
}

#[test]
fn without_pressure_it_is_the_forecast_by_team() {
    let (observations, teams) = steady();
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    let alike: Vec<OpenItem> =
        items(40, None).iter().map(|it| OpenItem { age: it.age, team: it.team }).collect();
    let known = forecast_by_team(&history, &alike, &SETTINGS).unwrap();
    let found = found(&items(40, None), &[], &[]);
    assert!((found.p_all_closed - known.p_all_closed).abs() < 0.01, "{found:?}");
    assert!((found.n_left[0].p50 - known.n_left.p50).abs() <= 1.0, "{found:?}");
    assert!((found.n_left[0].p90 - known.n_left.p90).abs() <= 1.0, "{found:?}");
    for (a, b) in found.closing.iter().zip(&known.closing) {
        assert!((a - b).abs() < 0.02, "{a} {b}");
    }
    assert_eq!((found.pressed_ratio, found.n_extrapolated), (None, known.n_extrapolated));
}

#[test]
fn the_last_day_and_the_chance_agree() {
    let found = found(&items(6, None), &[], &[3.0, 60.0]);
    // The chance that all are closed by the median of the last day is one half: asked for as a horizon of its own.
    let (observations, teams) = steady();
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    let settings = Simulation { horizon: found.last.p50, ..SETTINGS };
    let again = forecast_last(&history, &items(6, None), &[], (&settings, &[])).unwrap();
    assert!((again.p_all_closed - 0.5).abs() < 0.06, "{again:?}");
    assert!(found.last.p10 < found.last.p50 && found.last.p50 < found.last.p90);
    assert!(found.n_left[1].p50 >= found.n_left[0].p50);
    assert!(found.n_left[0].p50 >= found.n_left[2].p50);
}

#[test]
fn pressure_that_closed_faster_closes_the_rest_faster() {
    let calm = found(&items(40, None), &pressed(9), &[]);
    let hard = found(&items(40, Some(0.0)), &pressed(9), &[]);
    let later = found(&items(40, Some(7.0)), &pressed(9), &[]);
    let ratio = hard.pressed_ratio.unwrap();
    assert!((3.0..7.0).contains(&ratio.p50) && ratio.p10 < ratio.p90, "{ratio:?}");
    assert!(hard.last.p90 < later.last.p90 && later.last.p90 < calm.last.p90);
    assert!(hard.p_all_closed > later.p_all_closed && later.p_all_closed > calm.p_all_closed);
}

#[test]
fn pressure_of_few_closures_is_taken_as_none() {
    let calm = found(&items(40, None), &[], &[]);
    let hard = found(&items(40, Some(-3.0)), &pressed(4), &[]);
    assert_eq!(hard.pressed_ratio, None);
    assert!((hard.p_all_closed - calm.p_all_closed).abs() < 0.01);
}

/// Ten teams that close nothing while nobody presses them, and ten that do.
#[test]
fn who_was_slow_before_is_not_for_that_slow_under_pressure() {
    let (mut observations, mut teams) = (Vec::new(), Vec::new());
    for it in 0..400_u32 {
        let (team, day) = (it % 20, f64::from(it / 20 + 1));
        observations.push(if team < 10 { event(day) } else { open(20.0) });
        teams.push(team);
    }
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    let settings = Simulation { frailty_variance: 1.0, ..SETTINGS };
    let one = |pressed_in| [PressedItem { age: 5.0, team: 15, pressed_in }];
    let pressed: Vec<PressedPast> = (0..20)
        .map(|team| PressedPast { from: 20.0, until: 22.0, team, is_closed: team % 4 > 0 })
        .collect();
    let found = |pressed_in| {
        forecast_last(&history, &one(pressed_in), &pressed, (&settings, &[])).unwrap().closing[0]
    };
    let (calm, hard) = (found(None), found(Some(0.0)));
    assert!(calm < 0.1 && hard > 0.95, "{calm} {hard}");
}

#[test]
fn nothing_open_is_closed_now() {
    let found = found(&[], &[], &[]);
    assert_eq!((found.p_all_closed, found.last.p90, found.n_left[0].p90), (1.0, 0.0, 0.0));
}

#[test]
fn what_cannot_be_simulated_is_an_error() {
    let (observations, _) = steady();
    let one = vec![7; observations.len()];
    let history = History { observations: &observations, teams: &one, causes: Causes::Any };
    let error = forecast_last(&history, &[], &[], (&SETTINGS, &[])).unwrap_err();
    assert_eq!(error, ForecastError::TooFewTeams(1));
    assert_eq!(frailty_variance_or_usual(&history), Ok(0.2));
    let teams: Vec<u32> = (0..2000).map(|it| it % 2).collect();
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    let back = [PressedPast { from: 3.0, until: 2.0, team: 1, is_closed: true }];
    let error = forecast_last(&history, &[], &back, (&SETTINGS, &[])).unwrap_err();
    assert!(matches!(error, ForecastError::Age { .. }), "{error:?}");
}
