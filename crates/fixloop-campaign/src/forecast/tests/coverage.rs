//! How many of the forecast's 80 % intervals hold in made-up campaigns, of which it knows nothing but what was seen.

use fixloop_sim::random::{frailty, poisson, rng_of};
use rand::RngExt;

use super::*;

const RUNS: u64 = 40;
const TEAMS: usize = 30;
/// A Monday.
const START: i64 = 4 * DAY;
const LENGTH: i64 = 28;
/// A working day's hazard of a team like all others, while alerted and while its builds end.
const ALERTED: f64 = 0.12;
const ENDED: f64 = 0.6;

struct World {
    /// One team in so many does next to nothing while it is only alerted.
    sleeps_one_in: Option<usize>,
    /// The day of the pivot, whose grace period is a day.
    pivot: Option<i64>,
    /// Forecasts are made in the evenings of these days.
    evenings: &'static [i64],
}

fn hours(day: i64, hour: i64) -> i64 {
    START + day * DAY + hour * DAY / 24
}

fn campaign(world: &World, run: u64) -> Vec<OpenTarget> {
    let mut rng = rng_of(11, run);
    let pressed_at = world.pivot.map(|it| hours(it + 1, 13));
    let mut all = Vec::new();
    for team in 0..TEAMS {
        let sleeps = world.sleeps_one_in.is_some_and(|it| team % it == 0);
        let factor = frailty(&mut rng, 0.3) * if sleeps { 0.03 } else { 1.0 };
        for n in 0..=poisson(&mut rng, 4.0) {
            let is_fixed_on = |day: &i64| {
                let is_ended = pressed_at.is_some_and(|it| it < hours(*day, 14));
                let hazard = if is_ended { ENDED } else { ALERTED * factor };
                day % 7 < 5 && rng.random::<f64>() > (-hazard).exp()
            };
            let fixed = (0..LENGTH * 20).find(is_fixed_on);
            let minute = rng.random_range(0..180);
            all.push(OpenTarget {
                repository: format!("r{team}-{n}"),
                path: None,
                team: format!("t{team}"),
                affected_since: hours(0, 9),
                fixed_at: fixed.map(|it| hours(it, 14) + minute * 60_000_000),
                alerted_at: Some(hours(0, 9)),
                pressed_at,
            });
        }
    }
    all
}

/// What is known at a moment.
fn known(all: &[OpenTarget], now: i64, pivot: Option<i64>) -> Vec<OpenTarget> {
    let pressed = |it: &OpenTarget| it.pressed_at.filter(|_| pivot.is_some_and(|it| it <= now));
    let known = |it: &OpenTarget| OpenTarget {
        fixed_at: it.fixed_at.filter(|at| *at <= now),
        pressed_at: pressed(it),
        ..it.clone()
    };
    all.iter().map(known).collect()
}

/// The share of intervals that held, over all horizons and evenings.
fn coverage(world: &World) -> f64 {
    let pivot = world.pivot.map(|it| hours(it, 13));
    let (mut n, mut n_held) = (0_u32, 0_u32);
    for run in 0..RUNS {
        let all = campaign(world, run);
        for evening in world.evenings {
            let now = hours(*evening, 18);
            let seen = known(&all, now, pivot);
            let input = Input {
                targets: &seen,
                mined: &[],
                now,
                deadline: hours(LENGTH, 0),
                n_unknown: 0,
                widening: 1.0,
                seed: run,
            };
            let Ok(found) = forecast(&input) else { panic!("no forecast of run {run}") };
            let date = Check { days: days(now, input.deadline), left: found.left };
            for it in found.checks.iter().chain([&date]) {
                let Some(until) = found.moment(it.days) else { panic!("a date beyond ten years") };
                let turned = pivot.is_some_and(|it| now < it && it < until);
                if turned {
                    continue;
                }
                let left = all.iter().filter(|it| it.fixed_at.is_none_or(|at| at > until));
                let left = left.count() as f64;
                n += 1;
                n_held += u32::from(it.left.p10 <= left && left <= it.left.p90);
            }
        }
    }
    f64::from(n_held) / f64::from(n)
}

#[track_caller]
fn check(world: &World, (low, high): (f64, f64)) {
    let found = coverage(world);
    assert!((low..=high).contains(&found), "{found}");
}

#[test]
fn of_teams_that_vary() {
    check(&World { sleeps_one_in: None, pivot: None, evenings: &[4, 8, 10] }, (0.7, 0.95));
}

#[test]
fn of_teams_of_which_some_do_nothing() {
    check(&World { sleeps_one_in: Some(4), pivot: None, evenings: &[4, 8, 10] }, (0.7, 0.95));
}

#[test]
fn after_a_pivot() {
    let evenings = &[10, 11, 14, 15];
    check(&World { sleeps_one_in: Some(4), pivot: Some(9), evenings }, (0.7, 0.95));
}
