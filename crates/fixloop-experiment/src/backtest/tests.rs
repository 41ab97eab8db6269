use proptest::prelude::*;

use super::*;

fn probability(probability: f64, happened: Option<bool>) -> Forecast {
    Forecast::Probability { probability, happened }
}

fn count(low: f64, high: f64, actual: Option<f64>) -> Forecast {
    Forecast::Count { low, high, actual }
}

#[test]
fn intervals_that_hold_too_rarely_are_to_be_widened() {
    let held = count(1.0, 5.0, Some(5.0));
    let missed = count(1.0, 5.0, Some(6.0));
    let advice = |n_held, n| {
        let forecasts = [vec![held; n_held], vec![missed; n - n_held]].concat();
        back_test(&forecasts).unwrap().advice()
    };
    assert_eq!(advice(7, 10), Advice::Keep);
    assert_eq!(advice(6, 10), Advice::Widen);
    assert_eq!(back_test(&[count(1.0, 5.0, None)]).unwrap().advice(), Advice::CannotTell);
}

#[test]
fn probabilities_are_compared_with_the_share_that_happened() {
    let of = |p: f64| {
        let forecasts =
            [probability(p, Some(true)), probability(1.0 - p, Some(false)), probability(0.3, None)];
        back_test(&forecasts).unwrap()
    };
    let it = of(0.9);
    let brier = it.brier.unwrap();
    assert!((brier.score - 0.01).abs() < 1e-12 && (brier.of_base_rate - 0.25).abs() < 1e-12);
    assert_eq!((it.beats_base_rate(), it.n_open), (Some(true), 1));
    assert_eq!(of(0.4).beats_base_rate(), Some(false));
    assert_eq!(back_test(&[]).unwrap().beats_base_rate(), None);
}

#[test]
fn a_forecast_that_is_none_is_named_though_its_outcome_is_open() {
    let place = |it| back_test(&[probability(0.5, None), it]).unwrap_err().place;
    assert_eq!(place(probability(1.2, None)), 1);
    assert_eq!(place(count(5.0, 1.0, None)), 1);
    assert_eq!(place(count(f64::NAN, 1.0, Some(1.0))), 1);
    assert_eq!(place(count(0.0, 1.0, Some(f64::NAN))), 1);
}

proptest! {
    #[test]
    fn scores_are_shares(outcomes in prop::collection::vec((0.0..=1.0_f64, any::<Option<bool>>()), 0..20)) {
        let forecasts: Vec<Forecast> = outcomes.iter().map(|it| probability(it.0, it.1)).collect();
        let it = back_test(&forecasts).unwrap();
        prop_assert_eq!(it.brier.map_or(0, |it| it.n_forecasts) + it.n_open, forecasts.len());
        prop_assert!(it.brier.is_none_or(|it| (0.0..=1.0).contains(&it.score)));
    }
}
