//! Log-rank test: whether groups have the same hazard at every age.
//!
//! Delayed entry, strata, Fleming-Harrington weights and clusters; no covariates, which are for [`crate::cox`].

mod sweep;

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};
use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::{Causes, ChiSquareTest, Observation};
use sweep::Sweep;

/// Rows to compare, in any order.
///
/// A subject may be cut into several rows at any age: `(0, 9]` with an event is `(0, 4]` censored and `(4, 9]` with the event.
#[derive(Clone, Copy, Debug)]
pub struct GroupedSample<'a> {
    pub observations: &'a [Observation],
    /// Group of each observation, numbered as the caller likes.
    pub groups: &'a [u32],
    /// Stratum of each observation; rows are compared only inside one.
    pub strata: Option<&'a [u32]>,
}

/// Why groups cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum LogRankError {
    #[error("{labels} labels for {observations} observations")]
    Lengths { observations: usize, labels: usize },
    #[error("weight exponent `{0}` is not a finite number of at least 0")]
    Rho(f64),
    #[error("no event happened")]
    NoEvent,
    #[error("fewer than two groups were at risk at an event")]
    OneGroup,
    #[error("no event happened while groups could be compared")]
    NoVariance,
    #[error("{0} groups were given where two are compared")]
    NotTwoGroups(usize),
    #[error("{0} clusters are too few; at least 3 are needed")]
    TooFewClusters(usize),
}

/// Result of the log-rank test.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// By ascending number.
    pub groups: Vec<GroupEvents>,
    /// Covariance of `observed - expected`, one row per group.
    pub covariance: Vec<Vec<f64>>,
    /// One degree of freedom less than there are groups that could have had an event.
    pub test: ChiSquareTest,
}

/// Weighted events of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupEvents {
    pub group: u32,
    pub observed: f64,
    /// Events the group would have had at the pooled hazard.
    pub expected: f64,
}

/// Logarithm of a hazard ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogHazardRatio {
    pub estimate: f64,
    pub std_error: f64,
}

/// The log-rank test of two groups with a variance between clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterLogRank {
    /// Observed minus expected events of the group with the higher number.
    pub score: f64,
    /// Variance of the score if rows were independent.
    pub variance_independent: f64,
    /// Sum of the squared cluster scores.
    pub variance_robust: f64,
    /// `(cluster, score)` by ascending cluster; they sum to `score`.
    pub scores: Vec<(u32, f64)>,
    /// `score` in robust standard errors.
    pub z: f64,
    /// Two-sided, by Student's t with `clusters - 2` degrees of freedom and the variance times `G/(G-1)`.
    pub p: f64,
}

/// Compares the hazards of groups.
///
/// Weights events by S(t-)^`rho` of the pooled Kaplan-Meier of the stratum: 0 is the log-rank test, 1 the Peto-Peto test for early differences.
/// Tied events take the hypergeometric variance. A group that was never at risk at an event takes no part.
/// Costs O(n log n + k^2 event times).
///
/// # Units
/// Any unit of time gives the same result.
///
/// # Errors
/// If lengths differ, there is no event, fewer than two groups could be compared, or `rho` is negative or not finite.
///
/// # Source
/// Mantel 1966, PMID 5910392; Harrington & Fleming 1982, <https://doi.org/10.1093/biomet/69.3.553>.
/// Tested on R survival's `survdiff` (lung, veteran, ovarian, rats).
pub fn log_rank(
    sample: &GroupedSample<'_>,
    causes: Causes,
    rho: f64,
) -> Result<LogRank, LogRankError> {
    let (groups, sweep) = swept(sample, causes, rho)?;
    let k = groups.len();
    let events = groups.iter().zip(sweep.observed.iter().zip(&sweep.expected));
    let events: Vec<GroupEvents> = events
        .map(|(&group, (&observed, &expected))| GroupEvents { group, observed, expected })
        .collect();
    let active: Vec<usize> = (0..k).filter(|&g| sweep.expected[g] > 0.0).collect();
    let Some((_, compared)) = active.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(LogRankError::OneGroup);
    };
    let excess: Vec<f64> =
        compared.iter().map(|&g| sweep.observed[g] - sweep.expected[g]).collect();
    let variance: Vec<f64> = compared
        .iter()
        .flat_map(|&g| compared.iter().map(move |&h| (g, h)))
        .map(|(g, h)| sweep.covariance[g * k + h])
        .collect();
    let factor = Cholesky::new(&variance, compared.len()).map_err(|_| LogRankError::NoVariance)?;
    let test = ChiSquareTest::new(factor.quadratic_form(&excess), compared.len());
    let covariance = sweep.covariance.chunks(k).map(<[f64]>::to_vec).collect();
    Ok(LogRank { groups: events, covariance, test })
}

impl LogRank {
    /// Peto's one-step estimate of the second group's hazard over the first's; `None` unless there are two groups.
    ///
    /// It is biased towards no effect where the ratio is beyond about 0.5 to 2. Meant for `rho` = 0.
    ///
    /// # Source
    /// Yusuf, Peto et al. 1985, <https://doi.org/10.1016/S0033-0620(85)80003-7>.
    pub fn peto(&self) -> Option<LogHazardRatio> {
        let [_, second] = self.groups.as_slice() else { return None };
        let variance = self.covariance[1][1];
        let estimate = (second.observed - second.expected) / variance;
        Some(LogHazardRatio { estimate, std_error: variance.sqrt().recip() })
    }
}

/// Compares the hazards of two groups when rows of a cluster (a team) go together.
///
/// A cluster's score is `sum_t (z - p_t)(d - d_t n / n_t)` over its rows: `z` is 1 in the group with the higher number, `p_t` that group's share at risk.
/// The p-value is conservative with few clusters per arm and liberal with the plain normal distribution: show it, decide by permutation.
///
/// # Errors
/// As for [`log_rank`]; also if there are not exactly two groups, fewer than three clusters, or no variance between them.
///
/// # Source
/// Lin & Wei 1989, <https://doi.org/10.1080/01621459.1989.10478874>, at a hazard ratio of 1.
pub fn log_rank_by_cluster(
    sample: &GroupedSample<'_>,
    clusters: &[u32],
    causes: Causes,
) -> Result<ClusterLogRank, LogRankError> {
    check_length(sample, clusters)?;
    let (groups, sweep) = swept(sample, causes, 0.0)?;
    if groups.len() != 2 {
        return Err(LogRankError::NotTwoGroups(groups.len()));
    }
    let mut scores = BTreeMap::<u32, f64>::new();
    for (&cluster, score) in clusters.iter().zip(&sweep.scores) {
        *scores.entry(cluster).or_default() += score;
    }
    let n_clusters = scores.len();
    if n_clusters < 3 {
        return Err(LogRankError::TooFewClusters(n_clusters));
    }
    let score = sweep.observed[1] - sweep.expected[1];
    let variance_independent = sweep.covariance[3];
    let variance_robust: f64 = scores.values().map(|it| it * it).sum();
    // Scores that only rounding keeps from 0 are no variance.
    if variance_independent <= 0.0 || variance_robust <= 1e-18 * variance_independent {
        return Err(LogRankError::NoVariance);
    }
    let n = n_clusters as f64;
    let t = score / (variance_robust * n / (n - 1.0)).sqrt();
    let student = StudentsT::new(0.0, 1.0, n - 2.0).expect("there is a degree of freedom");
    Ok(ClusterLogRank {
        score,
        variance_independent,
        variance_robust,
        scores: scores.into_iter().collect(),
        z: score / variance_robust.sqrt(),
        p: 2.0 * student.sf(t.abs()),
    })
}

fn swept(
    sample: &GroupedSample<'_>,
    causes: Causes,
    rho: f64,
) -> Result<(Vec<u32>, Sweep), LogRankError> {
    check_length(sample, sample.groups)?;
    if let Some(strata) = sample.strata {
        check_length(sample, strata)?;
    }
    if !rho.is_finite() || rho < 0.0 {
        return Err(LogRankError::Rho(rho));
    }
    if !sample.observations.iter().any(|it| causes.holds(it.outcome())) {
        return Err(LogRankError::NoEvent);
    }
    let mut groups = sample.groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() < 2 {
        return Err(LogRankError::OneGroup);
    }
    let sweep = Sweep::run(sample, causes, rho, &groups);
    Ok((groups, sweep))
}

fn check_length(sample: &GroupedSample<'_>, labels: &[u32]) -> Result<(), LogRankError> {
    let (observations, labels) = (sample.observations.len(), labels.len());
    if observations == labels {
        Ok(())
    } else {
        Err(LogRankError::Lengths { observations, labels })
    }
}
