//! Variance when rows of a cluster go together.

use std::collections::HashMap;

use crate::ChiSquareTest;
use crate::cholesky::Cholesky;

use super::likelihood::{predictor, sweep};
use super::newton::Maximum;
use super::rows::Rows;
use super::{CoxError, RobustFit, Ties, diagonal_roots};

/// Takes the inverse information at the maximum, of the scaled covariates.
pub(super) fn robust(
    rows: &Rows,
    clusters: &[u32],
    ties: Ties,
    maximum: &Maximum,
    inverse: &[f64],
) -> Result<RobustFit, CoxError> {
    let p = rows.n_covariates;
    let (clusters, n_clusters) = numbered(clusters);
    if n_clusters <= p {
        return Err(CoxError::TooFewClusters { n_clusters, n_covariates: p });
    }
    let meat = squares(&cluster_scores(rows, &clusters, ties, &maximum.coefficients), p);
    let covariance = product(&product(inverse, &meat, p), inverse, p);
    let wald = Cholesky::new(&covariance, p).map_err(|_| CoxError::NoClusterVariance)?;
    // Scores that only rounding keeps from 0 are no variance.
    if (0..p).any(|j| meat[j * p + j] <= 1e-18 * maximum.best.information[j * p + j]) {
        return Err(CoxError::NoClusterVariance);
    }
    let null_meat = squares(&cluster_scores(rows, &clusters, ties, &vec![0.0; p]), p);
    let score = Cholesky::new(&null_meat, p).ok();
    let covariance = rows.unscaled(&covariance);
    Ok(RobustFit {
        std_errors: diagonal_roots(&covariance),
        covariance,
        wald: ChiSquareTest::new(wald.quadratic_form(&maximum.coefficients), p),
        score: score.map(|it| ChiSquareTest::new(it.quadratic_form(&maximum.null.score), p)),
        n_clusters,
    })
}

/// Clusters numbered from 0 without gaps, and how many there are.
pub(super) fn numbered(labels: &[u32]) -> (Vec<usize>, usize) {
    let mut numbers = HashMap::new();
    let number = |label: &u32| {
        let next = numbers.len();
        *numbers.entry(*label).or_insert(next)
    };
    let clusters = labels.iter().map(number).collect();
    (clusters, numbers.len())
}

/// Sums over event times.
struct Hazards {
    /// Of `1 / S0` and of `mean / S0`, over this time and those before it in the stratum; one entry per time.
    ///
    /// Risk sets shrink, so later terms are the larger ones, and a row that left early must not lose its digits in them.
    up_to: Vec<f64>,
    /// The same two with Efron's fractions, and the mean covariates; one entry per time.
    tied: Vec<f64>,
    means: Vec<f64>,
}

/// Score residuals summed by cluster, `p` numbers each.
fn cluster_scores(rows: &Rows, clusters: &[usize], ties: Ties, coefficients: &[f64]) -> Vec<f64> {
    let p = rows.n_covariates;
    let width = 1 + p;
    let hazards = hazards(rows, ties, coefficients);
    let n_clusters = clusters.iter().max().map_or(0, |it| it + 1);
    let mut scores = vec![0.0; n_clusters * p];
    let none = vec![0.0; width];
    for (i, row) in rows.at_risk.iter().enumerate() {
        let x = rows.of(i);
        let risk = predictor(x, coefficients).exp();
        let at = row.end - 1;
        let to = &hazards.up_to[at * width..][..width];
        let from = match row.first.checked_sub(1) {
            Some(before) if !rows.is_last[before] => &hazards.up_to[before * width..][..width],
            _ => none.as_slice(),
        };
        let tied = &hazards.tied[at * width..][..width];
        let score = &mut scores[clusters[row.index] * p..][..p];
        for j in 0..p {
            score[j] -= risk * (x[j] * (to[0] - from[0]) - (to[1 + j] - from[1 + j]));
            if row.is_event {
                score[j] += x[j] - hazards.means[at * p + j];
                score[j] += risk * (x[j] * tied[0] - tied[1 + j]);
            }
        }
    }
    scores
}

fn hazards(rows: &Rows, ties: Ties, coefficients: &[f64]) -> Hazards {
    let p = rows.n_covariates;
    let width = 1 + p;
    let mut hazards = Hazards {
        up_to: vec![0.0; rows.n_times * width],
        tied: vec![0.0; rows.n_times * width],
        means: vec![0.0; rows.n_times * p],
    };
    let mut time = rows.n_times;
    let mut all = vec![0.0; width];
    sweep(rows, coefficients, width, |risk, events| {
        time -= 1;
        risk.write_to(&mut all);
        let d = events.count as f64;
        let (steps, times) = match ties {
            Ties::Efron => (events.count, 1.0),
            Ties::Breslow => (1, d),
        };
        let now = &mut hazards.up_to[time * width..][..width];
        let tied = &mut hazards.tied[time * width..][..width];
        for step in 0..steps {
            let fraction = step as f64 / d;
            let sum = |at: usize| all[at] - fraction * events.sums[at];
            let hazard = times / sum(0);
            now[0] += hazard;
            tied[0] += fraction * hazard;
            for j in 0..p {
                let mean = sum(1 + j) / sum(0);
                now[1 + j] += hazard * mean;
                tied[1 + j] += fraction * hazard * mean;
                hazards.means[time * p + j] += mean * times / d;
            }
        }
    });
    for time in (1..rows.n_times).filter(|it| !rows.is_last[it - 1]) {
        for at in time * width..(time + 1) * width {
            hazards.up_to[at] += hazards.up_to[at - width];
        }
    }
    hazards
}

/// `sum L L'`.
pub(super) fn squares(scores: &[f64], p: usize) -> Vec<f64> {
    let mut sums = vec![0.0; p * p];
    for score in scores.chunks(p) {
        for row in 0..p {
            for column in 0..p {
                sums[row * p + column] += score[row] * score[column];
            }
        }
    }
    sums
}

pub(super) fn product(a: &[f64], b: &[f64], p: usize) -> Vec<f64> {
    let cell = |row: usize, column: usize| (0..p).map(|k| a[row * p + k] * b[k * p + column]).sum();
    (0..p * p).map(|at| cell(at / p, at % p)).collect()
}
