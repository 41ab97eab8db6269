use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Gamma};

use super::gamma::gamma;
use super::{
    BackTestError, BeyondSupport, ClosingCurve, CountForecast, ForecastError, History, MAX_ITEMS,
    OpenItem, PoissonBinomial, PoissonBinomialError, ProbabilityForecast, Simulation, TeamForecast,
    brier_score, forecast_by_team, frailty_variance, interval_coverage,
};
use crate::tests::samples::{entered, event, open, samples, scaled};
use crate::{Causes, Observation, Sample, guarded_start, kaplan_meier, kaplan_meier_guarded};

const SETTINGS: Simulation =
    Simulation { horizon: 14.0, frailty_variance: 0.2, n_draws: 400, seed: 1 };

fn carried_on(observations: &[Observation]) -> Result<ClosingCurve, ForecastError> {
    let curve = kaplan_meier(observations, Causes::Any).unwrap();
    ClosingCurve::new(&curve, BeyondSupport::AverageHazard)
}

/// A constant hazard: each day one in `n` of those still open, over 20 days, in teams in turn.
fn steady(n_teams: u32) -> (Vec<Observation>, Vec<u32>) {
    let mut observations = Vec::new();
    let mut left = 4000_u32;
    for day in 1..=20 {
        let closed = left / 10;
        observations.extend(vec![event(f64::from(day)); closed as usize]);
        left -= closed;
    }
    observations.extend(vec![open(20.0); left as usize]);
    let teams = (0..4000).map(|it| it % n_teams).collect();
    (observations, teams)
}

fn forecast(
    observations: &[Observation],
    teams: &[u32],
    open: &[OpenItem],
    simulation: &Simulation,
) -> TeamForecast {
    let history = History { observations, teams, causes: Causes::Any };
    forecast_by_team(&history, open, simulation).unwrap()
}

proptest! {
    /// Of few trials, every combination of outcomes.
    #[test]
    fn the_number_of_successes_is_what_enumeration_says(
        trials in proptest::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0_f64..1.0], 0..9),
    ) {
        let distribution = PoissonBinomial::new(&trials).unwrap();
        let mut expected = vec![0.0; trials.len() + 1];
        for outcomes in 0_u32..1 << trials.len() {
            let of = |(i, p): (usize, &f64)| if outcomes >> i & 1 == 1 { *p } else { 1.0 - p };
            expected[outcomes.count_ones() as usize] +=
                trials.iter().enumerate().map(of).product::<f64>();
        }
        for (n, p) in expected.iter().enumerate() {
            prop_assert!((distribution.probability(n) - p).abs() < 1e-12);
            let tail: f64 = expected[n..].iter().sum();
            prop_assert!((distribution.at_least(n) - tail).abs() < 1e-12);
        }
        let moment = |power| -> f64 {
            expected.iter().enumerate().map(|(n, p)| (n as f64).powi(power) * p).sum()
        };
        prop_assert!((distribution.mean() - moment(1)).abs() < 1e-9);
        let variance = moment(2) - moment(1) * moment(1);
        prop_assert!((distribution.std_dev().powi(2) - variance).abs() < 1e-9);
        let median = distribution.quantile(0.5);
        prop_assert!(expected[..median].iter().sum::<f64>() < 0.5 + 1e-12);
        prop_assert!(expected[..=median].iter().sum::<f64>() >= 0.5 - 1e-12);
    }

    /// Within what was seen, the chance is the ratio of two values of the curve.
    #[test]
    fn the_chance_is_a_ratio_of_the_curve(rows in samples(), age in 0_u8..20, horizon in 0_u8..20) {
        let rows: Vec<Observation> = rows
            .iter()
            .map(|it| Observation::new(it.time(), it.outcome()).unwrap())
            .collect();
        let km = kaplan_meier(&rows, Causes::Any).unwrap();
        let (age, horizon) = (f64::from(age), f64::from(horizon));
        let flat = ClosingCurve::new(&km, BeyondSupport::Flat).unwrap();
        let closing = flat.closing(age, horizon).unwrap();
        prop_assert!((0.0..=1.0).contains(&closing.probability));
        match (km.at(age), km.at(age + horizon)) {
            (Some(from), Some(to)) if from.survival > 1e-9 => {
                let expected = 1.0 - to.survival / from.survival;
                prop_assert!((closing.probability - expected).abs() < 1e-9);
                prop_assert!(!closing.is_extrapolated);
                let log_std_error = from.log_variance.zip(to.log_variance).map(|(a, b)| (b - a).sqrt());
                prop_assert_eq!(closing.log_std_error.is_some(), log_std_error.is_some());
                let both = closing.log_std_error.zip(log_std_error);
                prop_assert!(both.is_none_or(|(a, b)| (a - b).abs() < 1e-6));
            }
            (_, None) => prop_assert!(closing.is_extrapolated),
            _ => {}
        }
    }

    /// Age by age, also for rows seen late and curves that start late.
    #[test]
    fn teams_vary_as_the_definition_says(rows in samples(), n_teams in 1_u32..5) {
        let teams: Vec<u32> = (0_u32..).take(rows.len()).map(|it| it % n_teams).collect();
        let history = History { observations: &rows, teams: &teams, causes: Causes::Only(1) };
        let Ok(start) = guarded_start(&Sample::new(&rows).unwrap()) else { return Ok(()) };
        let is_event = |it: &Observation| {
            Causes::Only(1).holds(it.outcome()) && start.includes(it.time())
        };
        let n_at_risk = |team: Option<u32>, t: f64| {
            let of_team = rows.iter().zip(&teams).filter(|it| team.is_none_or(|team| team == *it.1));
            of_team.filter(|(it, _)| it.entry().is_none_or(|e| e < t) && t <= it.time()).count() as f64
        };
        let (mut excess, mut squares) = (0.0, 0.0);
        for team in 0..n_teams {
            let of_team = rows.iter().zip(&teams).filter(|(it, of)| **of == team && is_event(it));
            let observed = of_team.count() as f64;
            let share = |it: &Observation| {
                n_at_risk(Some(team), it.time()) / n_at_risk(None, it.time())
            };
            let expected: f64 = rows.iter().filter(|it| is_event(it)).map(share).sum();
            excess += (observed - expected).powi(2) - expected;
            squares += expected * expected;
        }
        match frailty_variance(&history) {
            Ok(found) => {
                let literal = (excess / squares).max(0.0);
                prop_assert!((found - literal).abs() < 1e-9 * (1.0 + literal), "{found} {literal}");
            }
            Err(error) => {
                prop_assert_eq!(error, ForecastError::NoSupport);
                prop_assert!(squares < 1e-9);
            }
        }
    }

    #[test]
    fn a_longer_horizon_never_closes_less(rows in samples(), age in 0.0_f64..30.0, horizon in 0.0_f64..30.0) {
        let Ok(km) = kaplan_meier_guarded(&rows, Causes::Any) else { return Ok(()) };
        let Ok(curve) = ClosingCurve::new(&km, BeyondSupport::AverageHazard) else { return Ok(()) };
        let Ok(closing) = curve.closing(age, horizon) else { return Ok(()) };
        let more = curve.closing(age, horizon + 1.0).unwrap();
        prop_assert!((0.0..=1.0).contains(&closing.probability));
        prop_assert!(more.probability >= closing.probability);
        prop_assert!(!closing.is_extrapolated || more.is_extrapolated);
    }

    #[test]
    fn the_unit_of_time_changes_no_chance(rows in samples(), age in 0_u8..20, horizon in 0_u8..30, unit in 0.01_f64..100.0) {
        let (age, horizon) = (f64::from(age) + 0.5, f64::from(horizon));
        let of = |rows: &[Observation], unit: f64| {
            let km = kaplan_meier_guarded(rows, Causes::Any).ok()?;
            let curve = ClosingCurve::new(&km, BeyondSupport::AverageHazard).ok()?;
            curve.closing(age * unit, horizon * unit).ok().map(|it| it.probability)
        };
        let other: Vec<Observation> = rows.iter().map(|it| scaled(it, unit)).collect();
        match (of(&rows, 1.0), of(&other, unit)) {
            (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
            (a, b) => prop_assert_eq!(a, b),
        }
    }
}

#[test]
fn past_the_last_ten_the_average_hazard_goes_on() {
    // 40 subjects, one closed a day up to day 30, the others open until day 40: 10 are at risk until day 40.
    let mut rows: Vec<Observation> = (1..=30).map(|it| event(f64::from(it))).collect();
    rows.extend([open(40.0); 10]);
    let curve = carried_on(&rows).unwrap();
    // The last 10 closures, of days 21 to 30 with 20 to 11 at risk, are carried over the 20 days from day 20 to day 40.
    let hazard: f64 = (11..=20).map(|n| 1.0 / f64::from(n)).sum::<f64>() / 20.0;
    let closing = curve.closing(40.0, 5.0).unwrap();
    assert!((closing.probability - (1.0 - f64::exp(-5.0 * hazard))).abs() < 1e-12);
    assert_eq!((closing.is_extrapolated, closing.log_std_error), (true, None));
    let across = curve.closing(30.0, 15.0).unwrap();
    assert!((across.probability - closing.probability).abs() < 1e-12);
    let within = curve.closing(10.0, 30.0).unwrap();
    assert!((within.probability - (1.0 - 10.0 / 30.0)).abs() < 1e-12);
    assert!(!within.is_extrapolated);
}

#[test]
fn a_flat_curve_closes_nothing_past_its_end() {
    let curve = kaplan_meier(&[event(1.0), open(2.0)], Causes::Any).unwrap();
    let curve = ClosingCurve::new(&curve, BeyondSupport::Flat).unwrap();
    let closing = curve.closing(2.0, 100.0).unwrap();
    assert_eq!((closing.probability, closing.is_extrapolated), (0.0, true));
    let closing = curve.closing(0.0, 1.0).unwrap();
    assert!((closing.probability - 0.5).abs() < 1e-12);
}

#[test]
fn closing_all_at_risk_is_certain() {
    let curve = carried_on(&[event(3.0); 12]).unwrap();
    let closing = curve.closing(1.0, 5.0).unwrap();
    assert_eq!((closing.probability, closing.log_std_error), (1.0, None));
    assert!(curve.closing(3.0, 1.0).unwrap().probability < 1.0);
}

#[test]
fn what_cannot_be_forecast_is_an_error() {
    assert_eq!(carried_on(&[event(1.0); 9]), Err(ForecastError::NoSupport));
    assert_eq!(carried_on(&[open(1.0); 20]), Err(ForecastError::NoSupport));
    assert_eq!(carried_on(&[event(0.0); 20]), Err(ForecastError::NoSupport));
    let curve = carried_on(&[event(1.0); 20]).unwrap();
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(curve.closing(bad, 1.0), Err(ForecastError::Age { .. })), "{bad}");
        assert!(matches!(curve.closing(1.0, bad), Err(ForecastError::Age { .. })), "{bad}");
    }
    let late = kaplan_meier_guarded(&[entered(5.0, 9.0); 20], Causes::Any).unwrap();
    let late = ClosingCurve::new(&late, BeyondSupport::AverageHazard).unwrap();
    let error = late.closing(4.0, 1.0);
    assert_eq!(error, Err(ForecastError::BeforeStart { age: 4.0, start: 5.0 }));
}

#[test]
fn a_simulation_of_equal_teams_is_the_exact_distribution() {
    let (observations, teams) = steady(20);
    let items: Vec<OpenItem> =
        (0..30).map(|it| OpenItem { age: f64::from(it % 5), team: it }).collect();
    let settings = Simulation { frailty_variance: 0.0, n_draws: 2000, horizon: 10.0, seed: 4 };
    let found = forecast(&observations, &teams, &items, &settings);
    let curve = carried_on(&observations).unwrap();
    let chance = |it: &OpenItem| curve.closing(it.age, 10.0).unwrap().probability;
    let exact = PoissonBinomial::new(&items.iter().map(chance).collect::<Vec<_>>()).unwrap();
    assert!((found.mean_left - (30.0 - exact.mean())).abs() < 0.1, "{found:?}");
    // Teams got nearly the same history, so what is left is the items' own chance.
    let left = |p: f64| 30.0 - exact.quantile(1.0 - p) as f64;
    assert!((found.n_left.p10 - left(0.1)).abs() <= 1.0, "{found:?}");
    assert!((found.n_left.p90 - left(0.9)).abs() <= 1.0, "{found:?}");
    assert!((found.p_all_closed / exact.probability(30) - 1.0).abs() < 0.2, "{found:?}");
    assert_eq!((found.n_extrapolated, found.n_undefined), (0, 0));
}

#[test]
fn teams_that_differ_widen_the_forecast() {
    let (observations, teams) = steady(20);
    // Of one team without a history.
    let items = vec![OpenItem { age: 0.0, team: 99 }; 40];
    let of = |frailty_variance| {
        let settings = Simulation { frailty_variance, n_draws: 1000, horizon: 7.0, seed: 2 };
        let found = forecast(&observations, &teams, &items, &settings);
        (found.n_left.p90 - found.n_left.p10, found.mean_left)
    };
    let (alike, different) = (of(0.0), of(0.5));
    assert!(alike.0 < 13.0 && different.0 > 18.0, "{alike:?} {different:?}");
}

#[test]
fn a_fast_team_is_forecast_to_be_fast() {
    let fast = (0..50).map(|_| (event(2.0), 0));
    let slow = (0..50).map(|it| (if it % 5 == 0 { event(20.0) } else { open(30.0) }, 1));
    let other = (0..100).map(|it| (event(f64::from(it % 25 + 1)), 2 + it % 4));
    let (observations, teams): (Vec<_>, Vec<u32>) = fast.chain(slow).chain(other).unzip();
    let items = [OpenItem { age: 0.0, team: 0 }, OpenItem { age: 0.0, team: 1 }];
    let found = forecast(&observations, &teams, &items, &SETTINGS);
    assert!(found.closing[0] > 0.8 && found.closing[1] < 0.2, "{found:?}");
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    assert!(frailty_variance(&history).unwrap() > 0.5);
    let (observations, teams) = steady(20);
    let history = History { observations: &observations, teams: &teams, causes: Causes::Any };
    assert!(frailty_variance(&history).unwrap() < 0.01);
}

#[test]
fn equal_seeds_give_equal_forecasts_and_numbers_of_teams_do_not_matter() {
    let (observations, teams) = steady(7);
    let items: Vec<OpenItem> = (0..9).map(|it| OpenItem { age: 3.0, team: it }).collect();
    let first = forecast(&observations, &teams, &items, &SETTINGS);
    assert_eq!(first, forecast(&observations, &teams, &items, &SETTINGS));
    let other = Simulation { seed: 2, ..SETTINGS };
    assert_ne!(first, forecast(&observations, &teams, &items, &other));
    let renamed: Vec<u32> = teams.iter().map(|it| it * 10 + 5).collect();
    let items: Vec<OpenItem> =
        items.iter().map(|it| OpenItem { team: it.team * 10 + 5, ..*it }).collect();
    assert_eq!(first, forecast(&observations, &renamed, &items, &SETTINGS));
}

#[test]
fn old_items_are_extrapolated_and_said_so() {
    let (observations, teams) = steady(7);
    let items = [OpenItem { age: 10.0, team: 1 }, OpenItem { age: 500.0, team: 1 }];
    let settings = Simulation { horizon: 5.0, ..SETTINGS };
    let found = forecast(&observations, &teams, &items, &settings);
    assert_eq!(found.n_extrapolated, 1);
    // The hazard was the same at every age.
    assert!((found.closing[0] - found.closing[1]).abs() < 0.03, "{found:?}");
    let nothing = forecast(&observations, &teams, &[], &settings);
    assert_eq!((nothing.p_all_closed, nothing.mean_left, nothing.n_left.p90), (1.0, 0.0, 0.0));
}

#[test]
fn what_cannot_be_simulated_is_an_error() {
    let (observations, teams) = steady(4);
    let items = [OpenItem { age: 1.0, team: 1 }];
    let of = |observations: &[Observation], teams: &[u32], settings: &Simulation| {
        let history = History { observations, teams, causes: Causes::Any };
        forecast_by_team(&history, &items, settings).unwrap_err()
    };
    let lengths = ForecastError::Lengths { observations: 4000, labels: 1 };
    assert_eq!(of(&observations, &[1], &SETTINGS), lengths);
    assert_eq!(of(&[], &[], &SETTINGS), ForecastError::NoSupport);
    let one = vec![7; observations.len()];
    assert_eq!(of(&observations, &one, &SETTINGS), ForecastError::TooFewTeams(1));
    let none = Simulation { n_draws: 0, ..SETTINGS };
    assert_eq!(of(&observations, &teams, &none), ForecastError::NoDraw);
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        let settings = Simulation { frailty_variance: bad, ..SETTINGS };
        let error = of(&observations, &teams, &settings);
        assert!(matches!(error, ForecastError::FrailtyVariance(_)), "{bad}");
        let settings = Simulation { horizon: bad, ..SETTINGS };
        assert!(matches!(of(&observations, &teams, &settings), ForecastError::Age { .. }), "{bad}");
    }
    // All but one team too small for a curve: drawn without it, there is none.
    let mut observations = vec![event(1.0); 20];
    observations.extend([event(1.0); 2]);
    let teams: Vec<u32> = (0..22).map(|it: u32| it.saturating_sub(19)).collect();
    let error = of(&observations, &teams, &SETTINGS);
    assert!(matches!(error, ForecastError::UndefinedDraws { n_draws: 400, .. }), "{error:?}");
}

#[test]
fn gamma_numbers_have_their_mean_and_variance() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for (shape, rate) in [(0.3, 1.0), (1.0, 2.0), (5.0, 5.0), (400.0, 2.0)] {
        let n = 40_000;
        let values: Vec<f64> = (0..n).map(|_| gamma(&mut rng, shape, rate)).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!((mean * rate / shape - 1.0).abs() < 0.05, "{shape} {mean}");
        assert!((variance * rate * rate / shape - 1.0).abs() < 0.1, "{shape} {variance}");
        let median = Gamma::new(shape, rate).unwrap().inverse_cdf(0.5);
        let below = values.iter().filter(|&&it| it < median).count();
        assert!((below as f64 / f64::from(n) - 0.5).abs() < 0.01, "{shape} {below}");
    }
}

#[test]
fn trials_that_are_none_are_errors() {
    for bad in [-0.1, 1.1, f64::NAN] {
        let error = PoissonBinomial::new(&[0.5, bad]).unwrap_err();
        assert!(matches!(error, PoissonBinomialError::Probability(_)));
    }
    let error = PoissonBinomial::new(&vec![0.5; MAX_ITEMS + 1]).unwrap_err();
    assert_eq!(error, PoissonBinomialError::TooMany(MAX_ITEMS + 1));
    let nothing = PoissonBinomial::new(&[]).unwrap();
    assert_eq!((nothing.at_least(0), nothing.at_least(1), nothing.quantile(0.9)), (1.0, 0.0, 0));
}

#[test]
fn back_tests_by_hand() {
    let said = |probability, happened| ProbabilityForecast { probability, happened };
    let brier = brier_score(&[said(0.9, true), said(0.4, false), said(1.0, true)]).unwrap();
    assert!((brier.score - (0.01 + 0.16) / 3.0).abs() < 1e-15);
    assert!((brier.of_base_rate - 2.0 / 9.0).abs() < 1e-15);
    let count = |p10, p90, actual| CountForecast { p10, p90, actual };
    let three = [count(1.0, 5.0, 5.0), count(1.0, 5.0, 6.0), count(0.0, 0.0, 0.0)];
    let coverage = interval_coverage(&three).unwrap();
    assert_eq!((coverage.n_covered, coverage.n_forecasts), (2, 3));
    assert!(coverage.is_too_low());
    assert!(!interval_coverage(&three[..1]).unwrap().is_too_low());
}

#[test]
fn forecasts_that_are_none_are_errors() {
    assert_eq!(brier_score(&[]), Err(BackTestError::Empty));
    assert_eq!(interval_coverage(&[]), Err(BackTestError::Empty));
    let bad = ProbabilityForecast { probability: 1.5, happened: true };
    assert_eq!(brier_score(&[bad]), Err(BackTestError::Probability(1.5)));
    for (p10, p90, actual) in [(2.0, 1.0, 1.0), (f64::NAN, 1.0, 1.0), (0.0, 1.0, f64::NAN)] {
        let error = interval_coverage(&[CountForecast { p10, p90, actual }]);
        assert!(matches!(error, Err(BackTestError::Interval { .. })));
    }
}
