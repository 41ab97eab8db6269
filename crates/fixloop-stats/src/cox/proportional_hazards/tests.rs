use proptest::prelude::*;

use super::*;
use crate::cox::cox;
use crate::tests::samples::{event, open};
use crate::{Observation, Outcome};

/// Entry as a share of the way, time, event, arm, covariate, stratum.
type Subject = (Option<u8>, u8, bool, f64, f64, u32);

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    let subject =
        (proptest::option::of(0_u8..20), 1_u8..20, any::<bool>(), 0_u8..2, -2.0..2.0_f64, 0_u32..2)
            .prop_map(|(entry, time, is_event, arm, x, stratum)| {
                (entry.map(|it| it % time), time, is_event, f64::from(arm), x, stratum)
            });
    proptest::collection::vec(subject, 15..60)
}

#[derive(Default)]
struct Table {
    observations: Vec<Observation>,
    covariates: Vec<f64>,
    strata: Vec<u32>,
}

impl Table {
    fn new(subjects: &[Subject], unit: f64) -> Self {
        let mut table = Self::default();
        for it in subjects {
            table.push(it, it.0, it.1, it.2, unit);
        }
        table
    }

    /// Each subject cut at an age, where that lies inside its time.
    fn cut(subjects: &[Subject], cut: u8) -> Self {
        let mut table = Self::default();
        for it in subjects {
            if it.0.unwrap_or(0) < cut && cut < it.1 {
                table.push(it, Some(cut), it.1, it.2, 1.0);
                table.push(it, it.0, cut, false, 1.0);
            } else {
                table.push(it, it.0, it.1, it.2, 1.0);
            }
        }
        table
    }

    fn push(&mut self, of: &Subject, entry: Option<u8>, time: u8, is_event: bool, unit: f64) {
        let outcome = if is_event { Outcome::Event(1) } else { Outcome::Censored };
        let time = f64::from(time) * unit;
        self.observations.push(match entry {
            Some(entry) => Observation::entered(f64::from(entry) * unit, time, outcome).unwrap(),
            None => Observation::new(time, outcome).unwrap(),
        });
        self.covariates.extend([of.3, of.4]);
        self.strata.push(of.5);
    }

    fn sample(&self) -> CoxSample<'_> {
        CoxSample {
            observations: &self.observations,
            covariates: &self.covariates,
            n_covariates: 2,
            strata: Some(&self.strata),
            clusters: None,
        }
    }

    fn tested(&self, ties: Ties) -> Result<Vec<f64>, ProportionalHazardsError> {
        let found = proportional_hazards(&self.sample(), Causes::Any, ties)?;
        let tests = found.covariates.iter().chain([&found.global]);
        Ok(tests.map(|it| it.statistic).collect())
    }
}

fn all_near(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + a.abs()))
}

/// Each subject as one row per event time it was at risk at, with covariates that change: the score test of the changes, from the definition.
fn by_definition(subjects: &[Subject], coefficients: &[f64]) -> Option<f64> {
    let mut sums = (vec![0.0; 4], vec![0.0; 16]);
    let events: Vec<&Subject> = subjects.iter().filter(|it| it.2).collect();
    let curve = kaplan_meier(&Table::new(subjects, 1.0).observations, Causes::Any).unwrap();
    for event in events {
        let before = curve.steps().iter().rfind(|it| it.time < f64::from(event.1));
        let g = 1.0 - before.map_or(1.0, |it| it.survival);
        let row = |it: &Subject| [it.3, it.4, it.3 * g, it.4 * g];
        let at_risk: Vec<&Subject> = subjects
            .iter()
            .filter(|it| {
                it.5 == event.5 && it.0.is_none_or(|entry| entry < event.1) && event.1 <= it.1
            })
            .collect();
        let risk = |it: &Subject| (coefficients[0] * it.3 + coefficients[1] * it.4).exp();
        let total: f64 = at_risk.iter().map(|it| risk(it)).sum();
        let mean: Vec<f64> =
            (0..4).map(|j| at_risk.iter().map(|it| risk(it) * row(it)[j] / total).sum()).collect();
        for j in 0..4 {
            sums.0[j] += row(event)[j] - mean[j];
            for k in 0..4 {
                let products = at_risk.iter().map(|it| risk(it) * row(it)[j] * row(it)[k] / total);
                sums.1[j * 4 + k] += products.sum::<f64>() - mean[j] * mean[k];
            }
        }
    }
    Some(Cholesky::new(&sums.1, 4).ok()?.quadratic_form(&sums.0))
}

proptest! {
    #[test]
    fn the_global_test_is_the_score_test_of_changing_coefficients(subjects in subjects()) {
        let table = Table::new(&subjects, 1.0);
        if let Ok(found) = table.tested(Ties::Breslow) {
            let fit = cox(&table.sample(), Causes::Any, Ties::Breslow).unwrap();
            if let Some(expected) = by_definition(&subjects, &fit.coefficients) {
                prop_assert!((found[2] - expected).abs() < 1e-4 * (1.0 + expected), "{found:?} {expected}");
            }
            prop_assert!(found[0] <= found[2] * (1.0 + 1e-7) && found[1] <= found[2] * (1.0 + 1e-7));
        }
    }

    #[test]
    fn cutting_rows_and_units_change_nothing(
        subjects in subjects(), cut in 1_u8..19, unit in 1e-3..1e3_f64,
        ties in prop_oneof![Just(Ties::Efron), Just(Ties::Breslow)],
    ) {
        let whole = Table::new(&subjects, 1.0).tested(ties);
        match (&whole, Table::cut(&subjects, cut).tested(ties)) {
            (Ok(a), Ok(b)) => prop_assert!(all_near(a, &b), "{a:?} {b:?}"),
            (a, b) => prop_assert_eq!(a.clone().err(), b.err()),
        }
        let mut other = Table::new(&subjects, unit);
        for x in &mut other.covariates {
            *x = 5.0 - 3.0 * *x;
        }
        if let (Ok(a), Ok(b)) = (&whole, other.tested(ties)) {
            prop_assert!(all_near(a, &b), "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_cannot_be_tested_is_an_error() {
    let tested = |observations: &[Observation], covariates: &[f64]| {
        let sample =
            CoxSample { observations, covariates, n_covariates: 1, strata: None, clusters: None };
        proportional_hazards(&sample, Causes::Any, Ties::Efron).map(|_| ())
    };
    let rows = [event(1.0), event(2.0), event(3.0), event(4.0), open(5.0)];
    assert_eq!(tested(&rows, &[0.0, 1.0, 1.0, 0.0, 1.0]), Ok(()));
    let model = |it: CoxError| Err(ProportionalHazardsError::Model(it));
    assert_eq!(tested(&[], &[]), model(CoxError::NoEvent));
    assert_eq!(tested(&rows, &[1.0; 5]), model(CoxError::Collinear { covariate: 0 }));
    let lengths = CoxError::Lengths { expected: 5, found: 4 };
    assert_eq!(tested(&rows, &[1.0; 4]), model(lengths));
    // All events at one age: nothing to compare it with.
    let once = [event(2.0), event(2.0), open(3.0), open(3.0)];
    let no_change = ProportionalHazardsError::NoChange { covariate: 0 };
    assert_eq!(tested(&once, &[0.0, 1.0, 1.0, 0.0]), Err(no_change));
}

#[test]
fn crossing_hazards_are_found() {
    // The first arm has its events early and then none; the second has them late.
    let early = (1..=20).map(|it| event(f64::from(it)));
    let late = (41..=60).map(|it| event(f64::from(it)));
    let stays = (0..20).map(|_| open(70.0));
    let observations: Vec<Observation> = early.chain(stays).chain(late).collect();
    let covariates: Vec<f64> = (0..60).map(|it| f64::from(u8::from(it >= 40))).collect();
    let sample = CoxSample {
        observations: &observations,
        covariates: &covariates,
        n_covariates: 1,
        strata: None,
        clusters: None,
    };
    let found = proportional_hazards(&sample, Causes::Any, Ties::Efron).unwrap();
    assert!(found.global.p < 1e-4, "{found:?}");
}
