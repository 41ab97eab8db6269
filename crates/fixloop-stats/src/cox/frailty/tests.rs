use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

use super::*;
use crate::tests::samples::{event, open};
use crate::{Observation, Outcome};

/// Entry as a share of the way, time, event, arm, covariate, cluster.
type Subject = (Option<u8>, u8, bool, f64, f64, u32);

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    let entry = proptest::option::of(0_u8..20);
    let subject = (entry, 1_u8..20, any::<bool>(), 0_u8..2, -2.0..2.0_f64, 0_u32..8);
    let subject = subject.prop_map(|(entry, length, is_event, arm, x, cluster)| {
        // Teams 6 and 7 are four times as slow.
        let time = if cluster > 5 { length * 4 } else { length };
        (entry.map(|it| it % time), time, is_event, f64::from(arm), x, cluster)
    });
    proptest::collection::vec(subject, 20..60)
}

#[derive(Default)]
struct Table {
    observations: Vec<Observation>,
    covariates: Vec<f64>,
    clusters: Vec<u32>,
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
        self.clusters.push(of.5);
    }

    fn fit(&self, ties: Ties) -> Result<FrailtyFit, FrailtyError> {
        let sample = CoxSample {
            observations: &self.observations,
            covariates: &self.covariates,
            n_covariates: 2,
            strata: None,
            clusters: Some(&self.clusters),
        };
        gamma_frailty(&sample, Causes::Any, ties)
    }
}

fn frailty(fit: &FrailtyFit, cluster: u32) -> f64 {
    fit.log_frailties.iter().find(|it| it.0 == cluster).map_or(1.0, |it| it.1.exp())
}

/// Breslow's hazard at each event, as `(age, events, hazard)`.
fn baseline(subjects: &[Subject], fit: &FrailtyFit) -> Vec<(u8, f64, f64)> {
    let mut ages: Vec<u8> = subjects.iter().filter(|it| it.2).map(|it| it.1).collect();
    ages.sort_unstable();
    ages.dedup();
    let at = |age: u8| {
        let d = subjects.iter().filter(|it| it.2 && it.1 == age).count() as f64;
        let at_risk = subjects.iter().filter(|it| is_at_risk(it, age));
        let total: f64 = at_risk.map(|it| risk(it, fit) * frailty(fit, it.5)).sum();
        (age, d, d / total)
    };
    ages.into_iter().map(at).collect()
}

fn is_at_risk(it: &Subject, age: u8) -> bool {
    it.0.is_none_or(|entry| entry < age) && age <= it.1
}

fn risk(it: &Subject, fit: &FrailtyFit) -> f64 {
    (fit.coefficients[0] * it.3 + fit.coefficients[1] * it.4).exp()
}

/// Events of each cluster, and those it would have had with a frailty of 1.
fn events(subjects: &[Subject], fit: &FrailtyFit) -> Vec<(u32, f64, f64)> {
    let hazards = baseline(subjects, fit);
    let of_cluster = |cluster: u32| {
        let members = || subjects.iter().filter(|it| it.5 == cluster);
        let hazard = |it: &Subject| -> f64 {
            hazards.iter().filter(|at| is_at_risk(it, at.0)).map(|at| at.2).sum()
        };
        let expected = members().map(|it| risk(it, fit) * hazard(it)).sum();
        (cluster, members().filter(|it| it.2).count() as f64, expected)
    };
    (0..8).map(of_cluster).collect()
}

/// Log-likelihood of the whole table, frailties integrated out; as partial likelihoods are, without what ties alone bring.
fn integrated(subjects: &[Subject], fit: &FrailtyFit, precision: f64) -> f64 {
    let jumps: f64 =
        baseline(subjects, fit).iter().map(|it| it.1 * (it.2 / it.1).ln() + it.1).sum();
    let of_event = |it: &Subject| fit.coefficients[0] * it.3 + fit.coefficients[1] * it.4;
    let predictors: f64 = subjects.iter().filter(|it| it.2).map(of_event).sum();
    let of_cluster = |&(_, d, expected): &(u32, f64, f64)| {
        ln_gamma(precision + d) - ln_gamma(precision) + precision * precision.ln()
            - (precision + d) * (precision + expected).ln()
    };
    jumps + predictors + events(subjects, fit).iter().map(of_cluster).sum::<f64>()
}

/// The penalized log-likelihood of two coefficients and the log frailties of the clusters that the fit has.
fn penalized(subjects: &[Subject], fit: &FrailtyFit, at: &[f64]) -> f64 {
    let clusters = fit.log_frailties.iter().zip(&at[2..]);
    let log_frailties: Vec<(u32, f64)> = clusters.map(|(it, w)| (it.0, *w)).collect();
    let moved = FrailtyFit { coefficients: at[..2].to_vec(), log_frailties, ..fit.clone() };
    let predictor = |it: &Subject| (risk(it, &moved) * frailty(&moved, it.5)).ln();
    let events: f64 = subjects.iter().filter(|it| it.2).map(predictor).sum();
    let totals: f64 = baseline(subjects, &moved).iter().map(|it| it.1 * (it.1 / it.2).ln()).sum();
    let penalty: f64 = moved.log_frailties.iter().map(|it| (it.1 - it.1.exp()) / fit.theta).sum();
    events - totals + penalty
}

/// Standard errors from the curvature of that, by differences.
fn std_errors(subjects: &[Subject], fit: &FrailtyFit) -> Option<[f64; 2]> {
    let mut at = fit.coefficients.clone();
    at.extend(fit.log_frailties.iter().map(|it| it.1));
    let n = at.len();
    let step = 1e-3;
    let value = |i: usize, j: usize, signs: (f64, f64)| {
        let mut moved = at.clone();
        moved[i] += signs.0 * step;
        moved[j] += signs.1 * step;
        penalized(subjects, fit, &moved)
    };
    let mut curvature = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            let same = value(i, j, (1.0, 1.0)) + value(i, j, (-1.0, -1.0));
            let opposite = value(i, j, (1.0, -1.0)) + value(i, j, (-1.0, 1.0));
            curvature[i * n + j] = (opposite - same) / (4.0 * step * step);
        }
    }
    let inverse = crate::cholesky::Cholesky::new(&curvature, n).ok()?.inverse();
    Some([inverse[0].sqrt(), inverse[n + 1].sqrt()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_estimate_is_a_fixed_point_of_expectation_and_maximization(subjects in subjects()) {
        let fit = Table::new(&subjects, 1.0).fit(Ties::Breslow);
        if let Ok(fit) = fit.clone() && fit.theta > 0.0 {
            let precision = fit.theta.recip();
            for (cluster, d, expected) in events(&subjects, &fit) {
                let mean = (precision + d) / (precision + expected);
                prop_assert!((mean - frailty(&fit, cluster)).abs() < 1e-4 * mean);
            }
            prop_assert!((integrated(&subjects, &fit, precision) - fit.log_likelihood).abs() < 1e-5);
            // The hazards are at their best too, so that the slope along the variance alone is that of the profile.
            let slope = integrated(&subjects, &fit, precision * 1.001)
                - integrated(&subjects, &fit, precision / 1.001);
            prop_assert!((slope / 0.002).abs() < 1e-3, "{slope} {fit:?}");
            prop_assert!(fit.log_likelihood >= fit.log_likelihood_without);
            if let Some(expected) = std_errors(&subjects, &fit) {
                for (found, expected) in fit.std_errors.iter().zip(expected) {
                    prop_assert!((found / expected - 1.0).abs() < 1e-2, "{found} {expected}");
                }
            }
        }
        let is_told = !matches!(fit, Err(FrailtyError::Model(CoxError::NotConverged { .. })));
        prop_assert!(is_told, "{fit:?}");
    }

    #[test]
    fn cutting_rows_units_and_names_change_nothing(
        subjects in subjects(), cut in 1_u8..19, unit in 1e-3..1e3_f64,
        ties in prop_oneof![Just(Ties::Efron), Just(Ties::Breslow)],
    ) {
        let whole = Table::new(&subjects, 1.0).fit(ties);
        let cut = Table::cut(&subjects, cut).fit(ties);
        let mut renamed = Table::new(&subjects, unit);
        renamed.clusters.iter_mut().for_each(|it| *it = 90 - 7 * *it);
        for other in [cut, renamed.fit(ties)] {
            match (&whole, other) {
                (Ok(a), Ok(b)) => {
                    // The likelihood is flat along the variance: half the digits of its value.
                    prop_assert!((a.theta - b.theta).abs() < 1e-3 * (0.1 + a.theta), "{a:?} {b:?}");
                    prop_assert!((a.log_likelihood - b.log_likelihood).abs() < 1e-6);
                    prop_assert!((a.coefficients[0] - b.coefficients[0]).abs() < 1e-3);
                    prop_assert!((a.std_errors[1] / b.std_errors[1] - 1.0).abs() < 1e-3);
                }
                (a, b) => prop_assert_eq!(a.as_ref().err(), b.as_ref().err()),
            }
        }
    }
}

/// `n` events on consecutive days from `first` on, arms in turn.
fn team(first: u8, n: u8, cluster: u32) -> impl Iterator<Item = Subject> {
    (0..n)
        .map(move |it| (None, first + it, true, f64::from(it % 2), f64::from(it / 2 % 2), cluster))
}

#[test]
fn teams_that_do_not_differ_have_no_frailty() {
    let subjects: Vec<Subject> = (0..8).flat_map(|cluster| team(1, 12, cluster)).collect();
    let table = Table::new(&subjects, 1.0);
    let found = table.fit(Ties::Efron).unwrap();
    let sample = CoxSample {
        observations: &table.observations,
        covariates: &table.covariates,
        n_covariates: 2,
        strata: None,
        clusters: None,
    };
    let cox = cox(&sample, Causes::Any, Ties::Efron).unwrap();
    assert!(found.theta.abs() < 1e-12);
    assert_eq!(found.coefficients, cox.coefficients);
    assert_eq!(found.log_frailties.len(), 8);
    assert!((found.heterogeneity.p - 1.0).abs() < 1e-12);
}

#[test]
fn teams_that_differ_have_one() {
    let subjects: Vec<Subject> =
        (0..8).flat_map(|cluster| team(if cluster < 4 { 1 } else { 12 }, 12, cluster)).collect();
    let found = Table::new(&subjects, 1.0).fit(Ties::Efron).unwrap();
    assert!(found.theta > 0.1 && found.heterogeneity.p < 1e-3, "{found:?}");
    assert!(frailty(&found, 0) > 1.5 && frailty(&found, 7) < 0.75, "{found:?}");
}

#[test]
fn an_arm_of_whole_teams_has_an_error_between_teams() {
    let first = |cluster: u32| u8::try_from(1 + cluster * 5 % 7 * 2).unwrap();
    let subjects: Vec<Subject> = (0..8)
        .flat_map(|cluster| team(first(cluster), 40, cluster))
        .map(|it| (it.0, it.1, it.2, f64::from(it.5 % 2), it.4, it.5))
        .collect();
    let found = Table::new(&subjects, 1.0).fit(Ties::Efron).unwrap();
    // Many rows each: what is left is the difference of two means of four log frailties.
    let floor = (found.theta * (1.0 / 4.0 + 1.0 / 4.0)).sqrt();
    assert!(found.std_errors[0] > 0.8 * floor && found.std_errors[0] < 2.0 * floor, "{found:?}");
}

#[test]
fn what_cannot_be_estimated_is_an_error() {
    let observations = [event(1.0), event(2.0), event(3.0), event(4.0), open(5.0), open(0.5)];
    let covariates = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0];
    let fitted = |covariates: &[f64], clusters: Option<&[u32]>| {
        let sample = CoxSample {
            observations: &observations,
            covariates,
            n_covariates: 1,
            strata: None,
            clusters,
        };
        gamma_frailty(&sample, Causes::Any, Ties::Efron).map(|_| ())
    };
    assert_eq!(fitted(&covariates, Some(&[1, 2, 1, 2, 1, 2])), Ok(()));
    assert_eq!(fitted(&covariates, None), Err(FrailtyError::NoClusters));
    // The second cluster left before the first event.
    let few = Err(FrailtyError::TooFewClusters(1));
    assert_eq!(fitted(&covariates, Some(&[1, 1, 1, 1, 1, 2])), few);
    let lengths = CoxError::Lengths { expected: 6, found: 2 };
    assert_eq!(fitted(&covariates, Some(&[1, 2])), Err(FrailtyError::Model(lengths)));
    let collinear = CoxError::Collinear { covariate: 0 };
    let same = fitted(&[1.0; 6], Some(&[1, 2, 1, 2, 1, 2]));
    assert_eq!(same, Err(FrailtyError::Model(collinear)));
    let with_nan = [0.0, f64::NAN, 1.0, 0.0, 1.0, 0.0];
    let not_finite = CoxError::NotFinite { row: 1, covariate: 0 };
    let found = fitted(&with_nan, Some(&[1, 2, 1, 2, 1, 2]));
    assert_eq!(found, Err(FrailtyError::Model(not_finite)));
    let observations: Vec<Observation> = (0..1_500).map(|it| event(f64::from(it))).collect();
    let covariates: Vec<f64> = (0..1_500).map(|it| f64::from(it % 2)).collect();
    let clusters: Vec<u32> = (0..1_500).collect();
    let sample = CoxSample {
        observations: &observations,
        covariates: &covariates,
        n_covariates: 1,
        strata: None,
        clusters: Some(&clusters),
    };
    let found = gamma_frailty(&sample, Causes::Any, Ties::Efron).map(|_| ());
    assert_eq!(found, Err(FrailtyError::TooManyClusters(1_500)));
}
