//! Cox regression in which each cluster (team) multiplies its hazards by a frailty of its own, gamma distributed with mean 1.
//!
//! Where [`super::cox`] keeps the effect of the whole population and widens its errors, this estimates the effect inside a cluster, and how much clusters
//! differ. One frailty per row; frailties do not nest.

mod penalized;

use thiserror::Error;

use crate::{Causes, ChiSquareTest};

use super::rows::Rows;
use super::sandwich::numbered;
use super::{CoxError, CoxFit, CoxSample, Ties, cox, diagonal_roots};
use penalized::{Clusters, Fitted, Profile};

/// Variances of the frailties that are tried first; the likelihood is nearly a parabola of their logarithm between them.
const GRID: [f64; 14] =
    [1e-4, 1e-3, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// Most clusters of a model; standard errors need all pairs of them.
pub const MAX_CLUSTERS: usize = 1_000;

/// Gain in log-likelihood that rounding can make up.
const NO_GAIN: f64 = 1e-7;

/// Steps of golden section: its bracket shrinks by 1e-8.
const N_SECTIONS: usize = 39;

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum FrailtyError {
    #[error("no clusters were given")]
    NoClusters,
    #[error("{0} clusters had rows at risk at an event; at least 2 are needed")]
    TooFewClusters(usize),
    #[error("{0} clusters are more than the {MAX_CLUSTERS} that are estimated together")]
    TooManyClusters(usize),
    /// Every cluster has events or none, as in a table too small for the question.
    #[error("the likelihood grows without bound with the variance of the frailties")]
    Unbounded,
    #[error(transparent)]
    Model(#[from] CoxError),
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct FrailtyFit {
    /// Log hazard ratio inside a cluster per unit of each covariate.
    pub coefficients: Vec<f64>,
    /// The variance of the frailties counts as known.
    pub std_errors: Vec<f64>,
    pub covariance: Vec<Vec<f64>>,
    /// Variance of the frailties; 0 where clusters differ no more than chance has them.
    pub theta: f64,
    /// With the frailties integrated out.
    pub log_likelihood: f64,
    /// Of the model without frailties.
    pub log_likelihood_without: f64,
    /// Likelihood ratio against no frailties; its p is half that of the chi-square, since a variance has no other side.
    pub heterogeneity: ChiSquareTest,
    /// `(cluster, log frailty)` by ascending cluster; those without rows at risk at an event are not among them.
    pub log_frailties: Vec<(u32, f64)>,
}

/// Estimates log hazard ratios and the variance between clusters.
///
/// Maximizes the penalized partial likelihood for a given variance, and the likelihood with the frailties integrated out over the variance.
/// With 12 teams the variance is hardly known, so that coefficients are a display. Costs O(n p^2 + clusters p event times) for each of some
/// hundred iterations, and O(clusters^2 event times + clusters^3) once; R leaves out the curvature between two frailties, which fails where
/// covariates are of clusters.
///
/// # Units
/// Coefficients are per unit of the covariate; times may have any unit.
///
/// # Errors
/// As for [`super::cox`]; also if there are no clusters, fewer than two, or the variance has no finite estimate.
///
/// # Source
/// Therneau, Grambsch & Pankratz 2003, <https://doi.org/10.1198/1061860031365>; Nielsen, Gill, Andersen & Sørensen 1992,
/// <https://www.jstor.org/stable/4616257>. Tested on R survival, `frailty(litter)` (rats).
pub fn gamma_frailty(
    sample: &CoxSample<'_>,
    causes: Causes,
    ties: Ties,
) -> Result<FrailtyFit, FrailtyError> {
    let labels = sample.clusters.ok_or(FrailtyError::NoClusters)?;
    let without = cox(&CoxSample { clusters: None, ..*sample }, causes, ties)?;
    if labels.len() != sample.observations.len() {
        let (expected, found) = (sample.observations.len(), labels.len());
        return Err(CoxError::Lengths { expected, found }.into());
    }
    let rows = Rows::new(sample, causes)?;
    let labels: Vec<u32> = rows.at_risk.iter().map(|it| labels[it.index]).collect();
    let (of_row, n_clusters) = numbered(&labels);
    if n_clusters < 2 {
        return Err(FrailtyError::TooFewClusters(n_clusters));
    }
    if n_clusters > MAX_CLUSTERS {
        return Err(FrailtyError::TooManyClusters(n_clusters));
    }
    let clusters = Clusters::new(&rows, of_row, n_clusters);
    let mut profile = Profile::new(&rows, &clusters, ties)?;
    let Some(fitted) = best(&mut profile, without.log_likelihood)? else {
        return Ok(plain(without, &labels));
    };
    let covariance = rows.unscaled(&profile.covariance(&fitted)?);
    let mut log_frailties: Vec<(u32, f64)> = Vec::with_capacity(n_clusters);
    for (&label, &number) in labels.iter().zip(&clusters.of_row) {
        // Numbers were given in this order.
        if number == log_frailties.len() {
            log_frailties.push((label, fitted.log_frailties[number]));
        }
    }
    log_frailties.sort_unstable_by_key(|it| it.0);
    Ok(FrailtyFit {
        coefficients: rows.unscaled_coefficients(&fitted.coefficients),
        std_errors: diagonal_roots(&covariance),
        covariance,
        theta: fitted.theta,
        log_likelihood: fitted.log_likelihood,
        log_likelihood_without: without.log_likelihood,
        heterogeneity: heterogeneity(2.0 * (fitted.log_likelihood - without.log_likelihood)),
        log_frailties,
    })
}

fn heterogeneity(ratio: f64) -> ChiSquareTest {
    let test = ChiSquareTest::new(ratio.max(0.0), 1);
    ChiSquareTest { p: if ratio > 0.0 { test.p / 2.0 } else { 1.0 }, ..test }
}

/// The model without frailties, as one whose frailties are all 1.
fn plain(fit: CoxFit, labels: &[u32]) -> FrailtyFit {
    let mut clusters = labels.to_vec();
    clusters.sort_unstable();
    clusters.dedup();
    FrailtyFit {
        coefficients: fit.coefficients,
        std_errors: fit.std_errors,
        covariance: fit.covariance,
        theta: 0.0,
        log_likelihood: fit.log_likelihood,
        log_likelihood_without: fit.log_likelihood,
        heterogeneity: heterogeneity(0.0),
        log_frailties: clusters.into_iter().map(|it| (it, 0.0)).collect(),
    }
}

/// The fit of the best variance; `None` if that is 0.
fn best(profile: &mut Profile<'_>, without: f64) -> Result<Option<Fitted>, FrailtyError> {
    let mut tried = Vec::with_capacity(GRID.len());
    for theta in GRID {
        tried.push(profile.fit(theta)?.log_likelihood);
    }
    let top = (0..GRID.len()).fold(0, |top, it| if tried[it] > tried[top] { it } else { top });
    if top + 1 == GRID.len() {
        return Err(FrailtyError::Unbounded);
    }
    let below = if top == 0 { GRID[0] / 10.0 } else { GRID[top - 1] };
    let (mut low, mut high) = (below.ln(), GRID[top + 1].ln());
    let golden = (f64::sqrt(5.0) - 1.0) / 2.0;
    let inner = |low: f64, high: f64| (high - golden * (high - low), low + golden * (high - low));
    let (mut left, mut right) = inner(low, high);
    let mut at_left = profile.fit(left.exp())?.log_likelihood;
    let mut at_right = profile.fit(right.exp())?.log_likelihood;
    for _ in 0..N_SECTIONS {
        if at_left < at_right {
            low = left;
            (left, at_left) = (right, at_right);
            right = inner(low, high).1;
            at_right = profile.fit(right.exp())?.log_likelihood;
        } else {
            high = right;
            (right, at_right) = (left, at_left);
            left = inner(low, high).0;
            at_left = profile.fit(left.exp())?.log_likelihood;
        }
    }
    let fitted = profile.fit(f64::midpoint(low, high).exp())?;
    Ok((fitted.log_likelihood > without + NO_GAIN).then_some(fitted))
}

#[cfg(test)]
mod tests;
