//! Cox's proportional hazards regression.
//!
//! Delayed entry and covariates that change with time come as several rows per subject; strata, clusters, both usual treatments of ties. No frailty, no weights.

pub mod fine_gray;
pub mod frailty;
mod likelihood;
mod newton;
pub mod proportional_hazards;
mod rows;
mod sandwich;

use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::{Causes, ChiSquareTest, Observation};
use likelihood::Likelihood;
use rows::Rows;

/// Most covariates that a model takes.
pub const MAX_COVARIATES: usize = 20;

/// Rows of the regression, in any order; a subject whose covariates change has one per `(start, stop]`.
#[derive(Clone, Copy, Debug)]
pub struct CoxSample<'a> {
    pub observations: &'a [Observation],
    /// `n_covariates` numbers per observation, one observation after the other.
    pub covariates: &'a [f64],
    pub n_covariates: usize,
    /// Stratum of each observation, each with a baseline hazard of its own.
    pub strata: Option<&'a [u32]>,
    /// Cluster of each observation; asks for the robust variance.
    pub clusters: Option<&'a [u32]>,
}

/// What events of one age do to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ties {
    /// Efron's approximation; the better one, and R's default.
    Efron,
    Breslow,
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum CoxError {
    #[error("`{found}` values for {expected} places")]
    Lengths { expected: usize, found: usize },
    #[error("{0} covariates are not between 1 and {MAX_COVARIATES}")]
    Covariates(usize),
    #[error("covariate {covariate} of row {row} is not a finite number")]
    NotFinite { row: usize, covariate: usize },
    #[error("no event happened")]
    NoEvent,
    /// It does not differ among those at risk, or is a combination of the covariates before it.
    #[error("covariate {covariate} adds nothing to those before it")]
    Collinear { covariate: usize },
    /// A group without events, for example.
    #[error("the likelihood grows without bound with covariate {covariate}")]
    Monotone { covariate: usize },
    #[error("the likelihood did not converge in {n_iterations} iterations")]
    NotConverged { n_iterations: usize },
    #[error("{n_clusters} clusters are too few for {n_covariates} covariates")]
    TooFewClusters { n_clusters: usize, n_covariates: usize },
    #[error("the scores of the clusters do not differ")]
    NoClusterVariance,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct CoxFit {
    /// Log hazard ratio per unit of each covariate.
    pub coefficients: Vec<f64>,
    /// Standard errors if rows were independent.
    pub std_errors: Vec<f64>,
    /// Inverse information, one row per covariate.
    pub covariance: Vec<Vec<f64>>,
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    pub likelihood_ratio: ChiSquareTest,
    pub wald: ChiSquareTest,
    pub score: ChiSquareTest,
    /// If clusters were given.
    pub robust: Option<RobustFit>,
    pub n_rows: usize,
    pub n_events: usize,
    pub n_iterations: usize,
}

/// What holds when rows of a cluster go together.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustFit {
    /// Without a small-sample factor.
    pub std_errors: Vec<f64>,
    pub covariance: Vec<Vec<f64>>,
    pub wald: ChiSquareTest,
    /// At coefficients of 0; `None` if the scores there span fewer dimensions than there are covariates.
    pub score: Option<ChiSquareTest>,
    pub n_clusters: usize,
}

/// Estimates log hazard ratios by partial likelihood.
///
/// Events come before censorings of the same age; at risk at t: entry < t <= time.
/// Costs O(n log n) once and O(n p^2) per iteration. Depends on times only through their order.
///
/// # Units
/// Coefficients are per unit of the covariate; times may have any unit.
///
/// # Errors
/// If lengths or covariates are invalid, there is no event, or the likelihood has no single finite maximum.
///
/// # Source
/// Cox 1972, <https://doi.org/10.1111/j.2517-6161.1972.tb00899.x>; ties by Efron 1977,
/// <https://doi.org/10.1080/01621459.1977.10480613>; robust variance by Lin & Wei 1989,
/// <https://doi.org/10.1080/01621459.1989.10478874>. Tested on R survival's `coxph` (lung, veteran, ovarian, rats, heart, bladder).
pub fn cox(sample: &CoxSample<'_>, causes: Causes, ties: Ties) -> Result<CoxFit, CoxError> {
    check(sample)?;
    let rows = Rows::new(sample, causes)?;
    let p = sample.n_covariates;
    let maximum = newton::maximize(p, |it| Likelihood::at(&rows, it, ties))?;
    let (null, best) = (&maximum.null, &maximum.best);
    let information = Cholesky::new(&best.information, p)
        .map_err(|it| CoxError::Monotone { covariate: it.column })?;
    let null_information = Cholesky::new(&null.information, p)
        .map_err(|it| CoxError::Collinear { covariate: it.column })?;
    let inverse = information.inverse();
    let robust = match sample.clusters {
        Some(clusters) => Some(sandwich::robust(&rows, clusters, ties, &maximum, &inverse)?),
        None => None,
    };
    let covariance = rows.unscaled(&inverse);
    let wald = quadratic(&best.information, &maximum.coefficients);
    let ratio = 2.0 * (best.value - null.value);
    Ok(CoxFit {
        coefficients: rows.unscaled_coefficients(&maximum.coefficients),
        std_errors: diagonal_roots(&covariance),
        covariance,
        log_likelihood_null: null.value,
        log_likelihood: best.value,
        likelihood_ratio: ChiSquareTest::new(ratio.max(0.0), p),
        wald: ChiSquareTest::new(wald, p),
        score: ChiSquareTest::new(null_information.quadratic_form(&null.score), p),
        robust,
        n_rows: sample.observations.len(),
        n_events: rows.n_events,
        n_iterations: maximum.n_iterations,
    })
}

fn check(sample: &CoxSample<'_>) -> Result<(), CoxError> {
    let (n, p) = (sample.observations.len(), sample.n_covariates);
    if !(1..=MAX_COVARIATES).contains(&p) {
        return Err(CoxError::Covariates(p));
    }
    let length = |expected, found| {
        if expected == found { Ok(()) } else { Err(CoxError::Lengths { expected, found }) }
    };
    length(n * p, sample.covariates.len())?;
    length(n, sample.strata.map_or(n, <[u32]>::len))?;
    length(n, sample.clusters.map_or(n, <[u32]>::len))?;
    match sample.covariates.iter().position(|it| !it.is_finite()) {
        Some(at) => Err(CoxError::NotFinite { row: at / p, covariate: at % p }),
        None => Ok(()),
    }
}

/// `v' A v`.
fn quadratic(matrix: &[f64], v: &[f64]) -> f64 {
    let row = |row: &[f64]| row.iter().zip(v).map(|(a, v)| a * v).sum::<f64>();
    matrix.chunks(v.len()).zip(v).map(|(it, v)| v * row(it)).sum()
}

fn diagonal_roots(covariance: &[Vec<f64>]) -> Vec<f64> {
    covariance.iter().enumerate().map(|(i, row)| row[i].sqrt()).collect()
}
