//! What must hold of every comparison: cutting rows, units and the arms' names change nothing; what cannot be told is an error.

use proptest::prelude::*;

use crate::cox::{CoxError, CoxFit, CoxSample, Ties, cox};
use crate::fisher::{OddsRatio, TwoByTwo, fisher_exact};
use crate::log_rank::{GroupedSample, LogRank, LogRankError, log_rank, log_rank_by_cluster};
use crate::proportion::{Proportion, clopper_pearson, newcombe_difference, wilson};
use crate::size::{
    ClusterSpread, ClusteredEvents, ErrorRates, cluster_power, minimum_detectable_difference,
    minimum_detectable_ratio,
};
use crate::{Causes, Level, Observation, Outcome};

/// Whole days, so that ties are common; the entry is a share of the way.
#[derive(Clone, Copy, Debug)]
struct Subject {
    entry: Option<u32>,
    time: u32,
    is_event: bool,
    arm: u32,
    covariate: f64,
    stratum: u32,
    cluster: u32,
}

#[derive(Default)]
struct Table {
    observations: Vec<Observation>,
    arms: Vec<u32>,
    covariates: Vec<f64>,
    strata: Vec<u32>,
    clusters: Vec<u32>,
}

fn subject() -> impl Strategy<Value = Subject> {
    let times = (1_u32..20, proptest::option::of(0_u32..20), any::<bool>());
    (times, 0_u32..2, -2.0..2.0, 0_u32..2, 0_u32..6).prop_map(
        |((time, entry, is_event), arm, covariate, stratum, cluster)| {
            let entry = entry.map(|it| it % time);
            Subject { entry, time, is_event, arm, covariate, stratum, cluster }
        },
    )
}

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    proptest::collection::vec(subject(), 12..60)
}

impl Table {
    fn new(subjects: &[Subject], unit: f64) -> Self {
        let mut table = Self::default();
        for it in subjects {
            table.push(it, it.entry, it.time, it.is_event, unit);
        }
        table
    }

    /// Each subject cut at an age, where that lies inside its time.
    fn cut(subjects: &[Subject], cuts: &[u32]) -> Self {
        let mut table = Self::default();
        for (it, &cut) in subjects.iter().zip(cuts.iter().cycle()) {
            if it.entry.unwrap_or(0) < cut && cut < it.time {
                table.push(it, Some(cut), it.time, it.is_event, 1.0);
                table.push(it, it.entry, cut, false, 1.0);
            } else {
                table.push(it, it.entry, it.time, it.is_event, 1.0);
            }
        }
        table
    }

    fn push(&mut self, of: &Subject, entry: Option<u32>, time: u32, is_event: bool, unit: f64) {
        let outcome = if is_event { Outcome::Event(1) } else { Outcome::Censored };
        let time = f64::from(time) * unit;
        self.observations.push(match entry {
            Some(entry) => Observation::entered(f64::from(entry) * unit, time, outcome).unwrap(),
            None => Observation::new(time, outcome).unwrap(),
        });
        self.arms.push(of.arm);
        self.covariates.extend([f64::from(of.arm), of.covariate]);
        self.strata.push(of.stratum);
        self.clusters.push(of.cluster);
    }

    fn grouped(&self) -> GroupedSample<'_> {
        let strata = Some(self.strata.as_slice());
        GroupedSample { observations: &self.observations, groups: &self.arms, strata }
    }

    fn log_rank(&self, rho: f64) -> Result<LogRank, LogRankError> {
        log_rank(&self.grouped(), Causes::Any, rho)
    }

    fn cox(&self, ties: Ties) -> Result<CoxFit, CoxError> {
        let sample = CoxSample {
            observations: &self.observations,
            covariates: &self.covariates,
            n_covariates: 2,
            strata: Some(&self.strata),
            clusters: Some(&self.clusters),
        };
        cox(&sample, Causes::Any, ties)
    }
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * (1.0 + a.abs())
}

fn all_near(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| is_near(a, b))
}

/// Everything that the model reports about the data, not about its rows.
fn reported(fit: &CoxFit) -> Vec<f64> {
    let robust = fit.robust.as_ref().unwrap();
    let mut reported = vec![fit.log_likelihood_null, fit.log_likelihood, fit.score.statistic];
    reported.extend(fit.coefficients.iter().chain(&fit.std_errors).chain(&robust.std_errors));
    reported
}

proptest! {
    #[test]
    fn cutting_rows_changes_no_log_rank(
        subjects in subjects(),
        cuts in proptest::collection::vec(1_u32..19, 1..9),
        rho in prop_oneof![Just(0.0), Just(1.0)],
    ) {
        let (whole, cut) = (Table::new(&subjects, 1.0), Table::cut(&subjects, &cuts));
        match (whole.log_rank(rho), cut.log_rank(rho)) {
            (Ok(a), Ok(b)) => {
                prop_assert!(is_near(a.test.statistic, b.test.statistic));
                prop_assert!(is_near(a.covariance[0][0], b.covariance[0][0]));
                prop_assert!((0.0..=1.0).contains(&a.test.p));
            }
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
        let robust = |it: &Table| log_rank_by_cluster(&it.grouped(), &it.clusters, Causes::Any);
        if let (Ok(a), Ok(b)) = (robust(&whole), robust(&cut)) {
            prop_assert!(is_near(a.variance_robust, b.variance_robust));
            let sum: f64 = a.scores.iter().map(|it| it.1).sum();
            prop_assert!(is_near(a.score, sum));
        }
    }

    #[test]
    fn cutting_rows_changes_no_cox_model(
        subjects in subjects(),
        cuts in proptest::collection::vec(1_u32..19, 1..9),
        ties in prop_oneof![Just(Ties::Efron), Just(Ties::Breslow)],
    ) {
        let fit = Table::new(&subjects, 1.0).cox(ties);
        match (fit, Table::cut(&subjects, &cuts).cox(ties)) {
            (Ok(a), Ok(b)) => {
                prop_assert!(reported(&a).iter().all(|it| it.is_finite()));
                prop_assert!(all_near(&reported(&a), &reported(&b)), "{:?}\n{:?}", reported(&a), reported(&b));
            }
            (a, b) => {
                // Where there is no maximum, rounding decides how that is noticed.
                let kind = |it: &Result<CoxFit, CoxError>| match it {
                    Err(
                        CoxError::Collinear { .. }
                        | CoxError::Monotone { .. }
                        | CoxError::NotConverged { .. },
                    ) => None,
                    other => Some(other.as_ref().err().copied()),
                };
                prop_assert_eq!(kind(&a), kind(&b));
            }
        }
    }

    #[test]
    fn the_unit_of_time_changes_nothing(subjects in subjects(), unit in 1e-3..1e3) {
        let (days, other) = (Table::new(&subjects, 1.0), Table::new(&subjects, unit));
        prop_assert_eq!(days.log_rank(1.0), other.log_rank(1.0));
        prop_assert_eq!(days.cox(Ties::Efron), other.cox(Ties::Efron));
    }

    #[test]
    fn swapping_the_arms_changes_no_p(subjects in subjects()) {
        let swapped: Vec<Subject> =
            subjects.iter().map(|it| Subject { arm: 1 - it.arm, ..*it }).collect();
        let (one, other) = (Table::new(&subjects, 1.0), Table::new(&swapped, 1.0));
        if let (Ok(a), Ok(b)) = (one.log_rank(0.0), other.log_rank(0.0)) {
            prop_assert!(is_near(a.test.p, b.test.p));
        }
        if let (Ok(a), Ok(b)) = (one.cox(Ties::Efron), other.cox(Ties::Efron)) {
            prop_assert!(is_near(a.coefficients[0], -b.coefficients[0]));
            prop_assert!(is_near(a.wald.p, b.wald.p));
        }
    }

    #[test]
    fn the_score_test_of_one_arm_is_the_log_rank_without_ties(
        arms in proptest::collection::vec(0_u32..2, 10..40),
    ) {
        let time = |i| Observation::new(1.0 + i as f64, Outcome::Event(1)).unwrap();
        let observations: Vec<Observation> = (0..arms.len()).map(time).collect();
        let covariates: Vec<f64> = arms.iter().map(|&it| f64::from(it)).collect();
        let sample = CoxSample {
            observations: &observations,
            covariates: &covariates,
            n_covariates: 1,
            strata: None,
            clusters: None,
        };
        let groups = GroupedSample { observations: &observations, groups: &arms, strata: None };
        let log_rank = log_rank(&groups, Causes::Any, 0.0);
        if let (Ok(fit), Ok(test)) = (cox(&sample, Causes::Any, Ties::Efron), log_rank) {
            prop_assert!(is_near(fit.score.statistic, test.test.statistic));
        }
    }

    #[test]
    fn intervals_contain_the_share(x in 0_u64..400, rest in 0_u64..400, effect in 1.0..9.0) {
        prop_assume!(0 < x + rest);
        let plain = Proportion::new(x, x + rest).unwrap();
        let clustered = plain.with_design_effect(effect).unwrap();
        for proportion in [plain, clustered] {
            for limits in [wilson(proportion, Level::P95), clopper_pearson(proportion, Level::P95)] {
                prop_assert!(0.0 <= limits.lower && limits.lower <= plain.share());
                prop_assert!(plain.share() <= limits.upper && limits.upper <= 1.0);
            }
        }
        let (narrow, wide) = (wilson(plain, Level::P95), wilson(clustered, Level::P95));
        prop_assert!(narrow.upper - narrow.lower <= wide.upper - wide.lower + 1e-12);
        let none = newcombe_difference(plain, clustered, Level::P95);
        prop_assert!(none.lower <= 0.0 && 0.0 <= none.upper);
    }

    #[test]
    fn swapping_the_groups_inverts_fisher(a in 0_u64..30, b in 0_u64..30, c in 0_u64..30, d in 0_u64..30) {
        let it = fisher_exact(TwoByTwo { first: (a, b), second: (c, d) }, Level::P95).unwrap();
        let swapped = fisher_exact(TwoByTwo { first: (c, d), second: (a, b) }, Level::P95).unwrap();
        prop_assert!(is_near(it.p_two_sided, swapped.p_two_sided));
        prop_assert!(is_near(it.p_less, swapped.p_greater));
        if let OddsRatio::Estimated { estimate, limits } = it.odds_ratio {
            prop_assert!(limits.lower <= estimate && estimate <= limits.upper);
        } else {
            prop_assert!(is_near(it.p_two_sided, 1.0));
        }
    }

    #[test]
    fn the_detectable_ratio_has_the_wanted_power(
        events in 20.0..2000.0, teams in 2_u32..60, theta in 0.0..1.0, power in 0.5..0.95,
    ) {
        let spread = ClusterSpread::new(theta, 0.5).unwrap();
        let comparison = ClusteredEvents::new(events, teams, spread).unwrap();
        let rates = ErrorRates::new(0.05, power).unwrap();
        let ratio = minimum_detectable_ratio(comparison, rates);
        prop_assert!(0.0 < ratio && ratio < 1.0);
        let found = cluster_power(comparison, ratio.recip(), 0.05).unwrap();
        prop_assert!((found - power).abs() < 1e-9);
    }
}

fn observed(rows: &[(u32, bool)]) -> Vec<Observation> {
    let outcome = |is_event| if is_event { Outcome::Event(1) } else { Outcome::Censored };
    rows.iter().map(|&(t, e)| Observation::new(f64::from(t), outcome(e)).unwrap()).collect()
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let compared = |rows: &[(u32, bool)], groups: &[u32]| {
        let observations = observed(rows);
        let sample = GroupedSample { observations: &observations, groups, strata: None };
        log_rank(&sample, Causes::Any, 0.0).map(|_| ())
    };
    assert_eq!(compared(&[], &[]), Err(LogRankError::NoEvent));
    assert_eq!(compared(&[(3, false), (4, false)], &[0, 1]), Err(LogRankError::NoEvent));
    assert_eq!(compared(&[(3, true), (4, true)], &[7, 7]), Err(LogRankError::OneGroup));
    assert_eq!(compared(&[(3, true), (3, true)], &[0, 1]), Err(LogRankError::NoVariance));
    assert_eq!(compared(&[(1, false), (3, true)], &[0, 1]), Err(LogRankError::OneGroup));
    assert_eq!(compared(&[(3, true), (4, false)], &[0, 1]), Ok(()));
}

#[test]
fn what_cannot_be_estimated_is_an_error() {
    let fitted = |rows: &[(u32, bool)], covariates: &[f64], clusters: Option<&[u32]>| {
        let observations = observed(rows);
        let n_covariates = if rows.is_empty() { 1 } else { covariates.len() / rows.len() };
        let sample = CoxSample {
            observations: &observations,
            covariates,
            n_covariates,
            strata: None,
            clusters,
        };
        cox(&sample, Causes::Any, Ties::Efron).map(|it| it.coefficients.len())
    };
    let rows = [(1, true), (2, true), (3, true), (4, false), (5, true), (6, true)];
    let mixed = [0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    assert_eq!(fitted(&rows, &mixed, None), Ok(1));
    assert_eq!(fitted(&[], &[], None), Err(CoxError::NoEvent));
    assert_eq!(fitted(&[(3, false), (4, false)], &[0.0, 1.0], None), Err(CoxError::NoEvent));
    assert_eq!(fitted(&rows, &[1.0; 6], None), Err(CoxError::Collinear { covariate: 0 }));
    let twice: Vec<f64> = mixed.iter().flat_map(|it| [*it, 3.0 - 2.0 * it]).collect();
    assert_eq!(fitted(&rows, &twice, None), Err(CoxError::Collinear { covariate: 1 }));
    let without_events = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    assert_eq!(fitted(&rows, &without_events, None), Err(CoxError::Monotone { covariate: 0 }));
    assert_eq!(
        fitted(&[(1, true), (2, false)], &[0.0, 1.0], None),
        Err(CoxError::Monotone { covariate: 0 })
    );
    assert_eq!(
        fitted(&rows, &mixed, Some(&[5; 6])),
        Err(CoxError::TooFewClusters { n_clusters: 1, n_covariates: 1 })
    );
    let not_finite = [0.0, 1.0, f64::NAN, 1.0, 1.0, 0.0];
    assert_eq!(fitted(&rows, &not_finite, None), Err(CoxError::NotFinite { row: 2, covariate: 0 }));
}

#[test]
fn a_before_after_change_must_reach_both_t_quantiles() {
    let found = minimum_detectable_difference(0.1, 10.0, ErrorRates::USUAL).unwrap();
    // Tables of t with 10 degrees of freedom: 2.228139 and 0.879058.
    assert!((found - 0.310_719_7).abs() < 1e-6, "{found}");
}

#[test]
fn exact_limits_hold_for_large_counts() {
    let proportion = Proportion::new(300_000, 1_000_000).unwrap();
    let (exact, score) = (clopper_pearson(proportion, Level::P95), wilson(proportion, Level::P95));
    assert!((exact.lower - score.lower).abs() < 2e-6, "{exact:?} {score:?}");
    assert!((exact.upper - score.upper).abs() < 2e-6, "{exact:?} {score:?}");
}
