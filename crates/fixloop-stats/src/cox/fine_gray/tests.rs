use proptest::prelude::*;

use super::*;
use crate::cox::{CoxFit, cox};
use crate::tests::samples::{entered, event, open};

/// Time, cause (0 censored), covariates and cluster.
type Subject = (u8, u8, f64, f64, u32);

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    let subject = (1_u8..20, 0_u8..3, 0_u8..2, -2.0..2.0_f64, 0_u32..8)
        .prop_map(|(time, cause, arm, x, cluster)| (time, cause, f64::from(arm), x, cluster));
    proptest::collection::vec(subject, 20..60)
}

struct Table {
    observations: Vec<Observation>,
    covariates: Vec<f64>,
    clusters: Vec<u32>,
}

impl Table {
    fn new(subjects: &[Subject], unit: f64) -> Self {
        let observation = |it: &Subject| {
            let outcome = if it.1 == 0 { Outcome::Censored } else { Outcome::Event(it.1) };
            Observation::new(f64::from(it.0) * unit, outcome).unwrap()
        };
        Self {
            observations: subjects.iter().map(observation).collect(),
            covariates: subjects.iter().flat_map(|it| [it.2, it.3]).collect(),
            clusters: subjects.iter().map(|it| it.4).collect(),
        }
    }

    fn fine_gray(&self) -> Result<FineGrayFit, FineGrayError> {
        let sample = FineGraySample {
            observations: &self.observations,
            covariates: &self.covariates,
            n_covariates: 2,
            clusters: Some(&self.clusters),
        };
        fine_gray(&sample, Causes::Only(1))
    }

    fn cox(&self) -> Result<CoxFit, CoxError> {
        let sample = CoxSample {
            observations: &self.observations,
            covariates: &self.covariates,
            n_covariates: 2,
            strata: None,
            clusters: Some(&self.clusters),
        };
        cox(&sample, Causes::Only(1), Ties::Breslow)
    }
}

fn all_near(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-6 * (1.0 + a.abs()))
}

/// Weighted score residuals summed by cluster, row by row and time by time.
fn scores_by_definition(subjects: &[Subject], coefficients: &[f64]) -> Vec<[f64; 2]> {
    let uncensored = |before: u8| -> f64 {
        let mut days: Vec<u8> =
            subjects.iter().filter(|it| it.1 == 0 && it.0 < before).map(|it| it.0).collect();
        days.sort_unstable();
        days.dedup();
        let step = |day: &u8| {
            let n_at_risk =
                subjects.iter().filter(|it| it.0 > *day || (it.0 == *day && it.1 == 0)).count();
            let n = subjects.iter().filter(|it| it.0 == *day && it.1 == 0).count();
            1.0 - n as f64 / n_at_risk as f64
        };
        days.iter().map(step).product()
    };
    let weight = |it: &Subject, day: u8| {
        let risk = (coefficients[0] * it.2 + coefficients[1] * it.3).exp();
        match it.1 {
            _ if it.0 >= day => risk,
            2 => risk * uncensored(day) / uncensored(it.0),
            _ => 0.0,
        }
    };
    let mut scores = vec![[0.0; 2]; 8];
    for event in subjects.iter().filter(|it| it.1 == 1) {
        let total: f64 = subjects.iter().map(|it| weight(it, event.0)).sum();
        let mean = |of: fn(&Subject) -> f64| -> f64 {
            subjects.iter().map(|it| weight(it, event.0) * of(it)).sum::<f64>() / total
        };
        let means = [mean(|it| it.2), mean(|it| it.3)];
        for it in subjects {
            let share = weight(it, event.0) / total;
            let score = &mut scores[it.4 as usize];
            score[0] -= share * (it.2 - means[0]);
            score[1] -= share * (it.3 - means[1]);
        }
        scores[event.4 as usize][0] += event.2 - means[0];
        scores[event.4 as usize][1] += event.3 - means[1];
    }
    scores
}

proptest! {
    #[test]
    fn the_estimate_and_its_error_are_those_of_the_weighted_rows(subjects in subjects()) {
        if let Ok(fit) = Table::new(&subjects, 1.0).fine_gray() {
            let scores = scores_by_definition(&subjects, &fit.coefficients);
            for j in 0..2 {
                let total: f64 = scores.iter().map(|it| it[j]).sum();
                prop_assert!(total.abs() < 1e-6, "{total}");
            }
            // A I^-1 step: the information is the derivative of the score.
            let step = 1e-5;
            let total = |j: usize, b: [f64; 2]| -> f64 {
                scores_by_definition(&subjects, &b).iter().map(|it| it[j]).sum()
            };
            let b = [fit.coefficients[0], fit.coefficients[1]];
            let slope = |j: usize, k: usize| {
                let (mut low, mut high) = (b, b);
                low[k] -= step;
                high[k] += step;
                (total(j, low) - total(j, high)) / (2.0 * step)
            };
            let information = [slope(0, 0), slope(0, 1), slope(1, 0), slope(1, 1)];
            let inverse = Cholesky::new(&information, 2).unwrap().inverse();
            let flat: Vec<f64> = scores.iter().flatten().copied().collect();
            let variance = product(&product(&inverse, &squares(&flat, 2), 2), &inverse, 2);
            prop_assert!((variance[0].sqrt() / fit.std_errors[0] - 1.0).abs() < 1e-4);
            prop_assert!((variance[3].sqrt() / fit.std_errors[1] - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn without_competing_events_it_is_the_cox_model(subjects in subjects()) {
        let subjects: Vec<Subject> = subjects.into_iter().filter(|it| it.1 < 2).collect();
        let table = Table::new(&subjects, 1.0);
        match (table.fine_gray(), table.cox()) {
            (Ok(a), Ok(b)) => {
                prop_assert!(all_near(&a.coefficients, &b.coefficients));
                prop_assert!(all_near(&a.std_errors, &b.robust.unwrap().std_errors));
            }
            (a, b) => prop_assert_eq!(a.err(), b.err().map(FineGrayError::Model)),
        }
    }

    #[test]
    fn without_censoring_a_competing_event_is_one_that_never_comes(subjects in subjects()) {
        let subjects: Vec<Subject> =
            subjects.into_iter().map(|it| (it.0, it.1.max(1), it.2, it.3, it.4)).collect();
        let never: Vec<Subject> = subjects
            .iter()
            .map(|&it| if it.1 == 2 { (30, 0, it.2, it.3, it.4) } else { it })
            .collect();
        match (Table::new(&subjects, 1.0).fine_gray(), Table::new(&never, 1.0).cox()) {
            (Ok(a), Ok(b)) => {
                prop_assert!(all_near(&a.coefficients, &b.coefficients));
                prop_assert!(all_near(&a.std_errors, &b.robust.unwrap().std_errors));
            }
            (a, b) => prop_assert_eq!(a.err(), b.err().map(FineGrayError::Model)),
        }
    }

    #[test]
    fn the_unit_of_time_the_order_and_the_clusters_names_change_nothing(
        subjects in subjects(), unit in 1e-3..1e3_f64,
    ) {
        let mut other = subjects.clone();
        other.reverse();
        for it in &mut other {
            it.4 = 77 - 3 * it.4;
        }
        match (Table::new(&subjects, 1.0).fine_gray(), Table::new(&other, unit).fine_gray()) {
            (Ok(a), Ok(b)) => {
                prop_assert!(all_near(&a.coefficients, &b.coefficients));
                prop_assert!(all_near(&a.std_errors, &b.std_errors));
            }
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
    }
}

#[test]
fn what_cannot_be_estimated_is_an_error() {
    let fitted = |observations: &[Observation], covariates: &[f64], clusters: Option<&[u32]>| {
        let sample = FineGraySample { observations, covariates, n_covariates: 1, clusters };
        fine_gray(&sample, Causes::Only(1)).map(|it| it.n_clusters)
    };
    let other = Observation::new(1.5, Outcome::Event(2)).unwrap();
    let rows = [event(1.0), other, event(2.0), event(3.0), open(4.0)];
    let mixed = [0.0, 1.0, 1.0, 0.0, 1.0];
    assert_eq!(fitted(&rows, &mixed, None), Ok(5));
    assert_eq!(fitted(&rows, &mixed, Some(&[4, 4, 5, 5, 5])), Ok(2));
    let model = |it: CoxError| Err(FineGrayError::Model(it));
    assert_eq!(fitted(&[], &[], None), model(CoxError::NoEvent));
    assert_eq!(fitted(&[other, open(3.0)], &[0.0, 1.0], None), model(CoxError::NoEvent));
    assert_eq!(fitted(&rows, &[2.0; 5], None), model(CoxError::Collinear { covariate: 0 }));
    assert_eq!(
        fitted(&rows, &mixed, Some(&[4; 5])),
        model(CoxError::TooFewClusters { n_clusters: 1, n_covariates: 1 })
    );
    assert_eq!(
        fitted(&rows, &mixed[..4], None),
        model(CoxError::Lengths { expected: 5, found: 4 })
    );
    let with_nan = [0.0, f64::NAN, 1.0, 0.0, 1.0];
    assert_eq!(fitted(&rows, &with_nan, None), model(CoxError::NotFinite { row: 1, covariate: 0 }));
    let late = [event(1.0), entered(1.0, 3.0)];
    assert_eq!(fitted(&late, &[0.0, 1.0], None), Err(FineGrayError::DelayedEntry { row: 1 }));
}
