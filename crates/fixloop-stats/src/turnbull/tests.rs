use proptest::prelude::*;

use super::*;

fn between(left: f64, right: f64) -> Censored {
    Censored::new(left, Some(right)).unwrap()
}

fn after(left: f64) -> Censored {
    Censored::new(left, None).unwrap()
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[test]
fn a_small_table_by_hand() {
    // Innermost are (2, 3] and (5, 6]; with p of the first, (0, 3] has p, (2, 6] all, (5, 7] and (4, 6] the rest: p = 1/3.
    let intervals = [between(0.0, 3.0), between(2.0, 6.0), between(5.0, 7.0), between(4.0, 6.0)];
    let found = turnbull(&intervals).unwrap();
    let ends: Vec<_> = found.masses.iter().map(|it| (it.left, it.right)).collect();
    assert_eq!(ends, [(2.0, Some(3.0)), (5.0, Some(6.0))]);
    assert!(is_near(found.masses[0].share, 1.0 / 3.0));
    assert!(is_near(found.log_likelihood * 4.0, 4.0_f64.ln() - 3.0 * 3.0_f64.ln()));
    let at = |t: f64| found.survival(t);
    assert_eq!((at(0.0).lower, at(2.0).upper), (1.0, 1.0));
    assert!(is_near(at(2.5).lower, 2.0 / 3.0) && is_near(at(2.5).upper, 1.0));
    assert!(is_near(at(3.0).lower, 2.0 / 3.0) && is_near(at(5.0).upper, 2.0 / 3.0));
    assert_eq!((at(6.0).lower, at(6.0).upper), (0.0, 0.0));
}

#[test]
fn an_interval_that_ends_where_the_next_begins_shares_nothing_with_it() {
    let found = turnbull(&[between(0.0, 2.0), between(2.0, 4.0), after(4.0)]).unwrap();
    assert_eq!(found.masses.len(), 3);
    assert!(found.masses.iter().all(|it| is_near(it.share, 1.0 / 3.0)));
    assert!(is_near(found.survival(1e9).upper, 1.0 / 3.0));
    assert!(found.survival(1e9).lower < 1e-12);
}

#[test]
fn what_is_no_interval_is_an_error() {
    assert_eq!(turnbull(&[]), Err(TurnbullError::Empty));
    assert_eq!(Censored::new(-1.0, None), Err(InvalidInterval::Left(-1.0)));
    assert!(Censored::new(f64::NAN, None).is_err());
    assert!(Censored::new(1.0, Some(f64::NAN)).is_err());
    assert!(Censored::new(1.0, Some(f64::INFINITY)).is_err());
    let reversed = InvalidInterval::LeftNotBeforeRight { left: 2.0, right: 2.0 };
    assert_eq!(Censored::new(2.0, Some(2.0)), Err(reversed));
    assert!(is_near(turnbull(&[after(3.0)]).unwrap().survival(9.0).upper, 1.0));
}

fn intervals() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
    let interval = (0_u8..15, proptest::option::of(1_u8..9));
    let interval = interval.prop_map(|(left, length)| (left, length.map(|it| left + it)));
    proptest::collection::vec(interval, 1..40)
}

fn censored(intervals: &[(u8, Option<u8>)], unit: f64) -> Vec<Censored> {
    let end = |day: u8| f64::from(day) * unit;
    intervals.iter().map(|&(l, r)| Censored::new(end(l), r.map(end)).unwrap()).collect()
}

fn probability(found: &Turnbull, of: &Censored) -> f64 {
    let is_inside = |it: &&Mass| {
        let right = it.right.unwrap_or(f64::INFINITY);
        of.left <= it.left && right <= of.right.unwrap_or(f64::INFINITY)
    };
    found.masses.iter().filter(is_inside).map(|it| it.share).sum()
}

proptest! {
    #[test]
    fn no_move_of_mass_gains(intervals in intervals()) {
        let intervals = censored(&intervals, 1.0);
        let found = turnbull(&intervals).unwrap();
        let n = intervals.len() as f64;
        prop_assert!(is_near(found.masses.iter().map(|it| it.share).sum(), 1.0));
        let probabilities: Vec<f64> =
            intervals.iter().map(|it| probability(&found, it)).collect();
        let mean: f64 = probabilities.iter().map(|it| it.ln() / n).sum();
        prop_assert!((mean - found.log_likelihood).abs() < 1e-9);
        // The slope towards each support, by its definition.
        for mass in &found.masses {
            let alone = Turnbull { masses: vec![Mass { share: 1.0, ..*mass }], ..found.clone() };
            let terms = intervals.iter().zip(&probabilities);
            let slope: f64 = terms.map(|(it, p)| probability(&alone, it) / p / n).sum();
            prop_assert!(slope <= 1.0 + 1e-10, "{slope}");
            prop_assert!(mass.share < 1e-6 || is_near(slope, 1.0), "{slope} {mass:?}");
        }
    }

    #[test]
    fn units_order_and_repetition_change_no_curve(intervals in intervals(), unit in 1e-3..1e3_f64) {
        let found = turnbull(&censored(&intervals, 1.0)).unwrap();
        let mut other = censored(&intervals, unit).repeat(2);
        other.reverse();
        let other = turnbull(&other).unwrap();
        for day in 0..25 {
            let day = f64::from(day);
            let (a, b) = (found.survival(day), other.survival(day * unit));
            prop_assert!(a.lower <= a.upper);
            prop_assert!(is_near(a.lower, b.lower) && is_near(a.upper, b.upper));
        }
    }

    #[test]
    fn daily_scans_give_kaplan_meier(days in proptest::collection::vec((1_u8..20, any::<bool>()), 1..40)) {
        let scans: Vec<Censored> = days
            .iter()
            .map(|&(day, is_event)| {
                let day = f64::from(day);
                if is_event { between(day - 1.0, day) } else { after(day) }
            })
            .collect();
        let observations: Vec<crate::Observation> = days
            .iter()
            .map(|&(day, is_event)| {
                let outcome = if is_event { crate::Outcome::Event(1) } else { crate::Outcome::Censored };
                crate::Observation::new(f64::from(day), outcome).unwrap()
            })
            .collect();
        let curve = crate::kaplan_meier(&observations, crate::Causes::Any).unwrap();
        let found = turnbull(&scans).unwrap();
        for day in 0..20 {
            let day = f64::from(day);
            if let Some(step) = curve.at(day) {
                let range = found.survival(day);
                prop_assert!(is_near(range.upper, step.survival), "{range:?} {step:?}");
            }
        }
    }
}
