//! Linear regression whose rows go together in clusters: sandwich variances that hold with few of them.
//!
//! With a 0/1 outcome this is the linear probability model: the coefficient of an arm is a difference of shares. No weights, no fixed effects.

use std::collections::HashMap;

use thiserror::Error;

use crate::eigen::Eigen;
use crate::interval::p_student_real;
use crate::least_squares::{LeastSquares, NoFit, add_scaled, dot};

/// Most covariates that a regression takes beside its intercept.
pub const MAX_COVARIATES: usize = crate::least_squares::MAX_COVARIATES;

/// A cluster whose leverage is this near 1 has no residual left to learn from.
const FULL_LEVERAGE: f64 = 1.0 - 1e-9;

/// Rows of the regression, in any order; the intercept is added.
#[derive(Clone, Copy, Debug)]
pub struct ClusteredRows<'a> {
    pub outcomes: &'a [f64],
    /// `n_covariates` numbers per outcome, one row after the other.
    pub covariates: &'a [f64],
    pub n_covariates: usize,
    pub clusters: &'a [u32],
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ClusterRobustError {
    #[error("{found} values for {expected} places")]
    Lengths { expected: usize, found: usize },
    #[error("{0} covariates are not between 1 and {MAX_COVARIATES}")]
    Covariates(usize),
    #[error("row {row} holds a number that is not finite")]
    NotFinite { row: usize },
    #[error("{0} rows are too few for the coefficients")]
    TooFewRows(usize),
    /// It is constant, or a combination of the covariates before it.
    #[error("covariate {covariate} adds nothing to those before it")]
    Collinear { covariate: usize },
    #[error("{0} clusters say nothing of their variation; at least 2 are needed")]
    TooFewClusters(usize),
    /// The only treated team, for example: what it would vary by cannot be told.
    #[error("cluster `{cluster}` alone determines a coefficient")]
    OnlyCluster { cluster: u32 },
    #[error("the clusters do not differ, so that covariate {covariate} has no variance")]
    NoClusterVariance { covariate: usize },
}

/// A fitted regression.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterRobustFit {
    /// One per covariate; the intercept is not among them.
    pub coefficients: Vec<ClusterRobustCoefficient>,
    pub n_rows: usize,
    pub n_clusters: usize,
}

/// A coefficient with its standard errors, per unit of the covariate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterRobustCoefficient {
    pub estimate: f64,
    /// If rows were independent and equally spread.
    pub std_error_independent: f64,
    /// Without a small-sample factor; too small with few clusters.
    pub cr0: f64,
    /// CR0 with the variance times `G/(G-1)`.
    pub cr1: f64,
    /// CR1 with the variance times `(n-1)/(n-p)` (Stata's).
    pub cr1s: f64,
    /// Bias-reduced: its variance is unbiased if rows are independent and equally spread.
    pub cr2: f64,
    /// Nearly the jackknife over clusters; too large with few of them.
    pub cr3: f64,
    /// Estimate by `cr2`.
    pub t: f64,
    /// Satterthwaite's, of `cr2`.
    pub degrees_of_freedom: f64,
    /// Two-sided, by `t` and `degrees_of_freedom`.
    pub p: f64,
}

/// Estimates differences with standard errors that let rows of a cluster go together.
///
/// CR2 and its degrees of freedom assume independent, equally spread rows as the working model and stay near their level when that is wrong,
/// from about 8 clusters on if these are of similar size; few effective clusters show as few degrees of freedom.
/// Costs O(n p^2 + G p^3).
///
/// # Units
/// Those of the outcome per unit of each covariate.
///
/// # Errors
/// If lengths or numbers are invalid, covariates are collinear, there are fewer than two clusters, or one of them alone determines a coefficient.
///
/// # Source
/// Liang & Zeger 1986, <https://doi.org/10.1093/biomet/73.1.13>; Bell & `McCaffrey` 2002, "Bias reduction in standard errors for linear regression
/// with multi-stage samples", Survey Methodology 28(2); Pustejovsky & Tipton 2018, <https://doi.org/10.1080/07350015.2016.1247004>.
/// Tested on R's `clubSandwich`.
pub fn cluster_robust(rows: &ClusteredRows<'_>) -> Result<ClusterRobustFit, ClusterRobustError> {
    let n = rows.outcomes.len();
    if rows.clusters.len() != n {
        return Err(ClusterRobustError::Lengths { expected: n, found: rows.clusters.len() });
    }
    let fit = LeastSquares::new(rows.outcomes, rows.covariates, rows.n_covariates)?;
    let clusters = Cluster::all(&fit, rows.clusters);
    if clusters.len() < 2 {
        return Err(ClusterRobustError::TooFewClusters(clusters.len()));
    }
    let clusters: Vec<Adjusted> =
        clusters.iter().map(|it| it.adjusted(fit.width)).collect::<Result<_, _>>()?;
    let independent = fit.std_errors();
    let squares = |values: &[f64]| values.iter().map(|it| it * it).sum::<f64>();
    // Residuals that only rounding keeps from 0 are no variance; written so that an overflow is none either.
    let has_variance = squares(&fit.residuals) > 1e-24 * squares(rows.outcomes);
    let mut coefficients = Vec::with_capacity(fit.n_covariates());
    for (covariate, direction) in fit.directions.iter().enumerate() {
        let variances = Variances::new(&clusters, direction);
        let std_error_independent = independent[covariate];
        let cr2 = variances.cr2.sqrt();
        if !(has_variance && cr2 > 1e-10 * std_error_independent && cr2.is_finite()) {
            return Err(ClusterRobustError::NoClusterVariance { covariate });
        }
        let n_clusters = clusters.len() as f64;
        let cr1 = variances.cr0 * n_clusters / (n_clusters - 1.0);
        let cr1s = cr1 * (n as f64 - 1.0) / fit.degrees_of_freedom() as f64;
        let estimate = fit.coefficients[covariate];
        let t = estimate / cr2;
        let degrees_of_freedom = variances.moments.degrees_of_freedom();
        coefficients.push(ClusterRobustCoefficient {
            estimate,
            std_error_independent,
            cr0: variances.cr0.sqrt(),
            cr1: cr1.sqrt(),
            cr1s: cr1s.sqrt(),
            cr2,
            cr3: variances.cr3.sqrt(),
            t,
            degrees_of_freedom,
            p: p_student_real(t, degrees_of_freedom),
        });
    }
    Ok(ClusterRobustFit { coefficients, n_rows: n, n_clusters: clusters.len() })
}

/// What the rows of a cluster amount to, in the coordinates of [`LeastSquares`].
struct Cluster {
    label: u32,
    /// `Z'Z` over its rows.
    products: Vec<f64>,
    /// `Z'u` over its rows, `u` being the residuals.
    score: Vec<f64>,
}

/// A cluster with its residuals corrected for its own pull on the fit.
///
/// `Z'(I - ZZ')^-k u = V (1 - D)^-k V' Z'u` with `Z'Z = V D V'`, so nothing as large as the cluster has to be inverted.
struct Adjusted {
    values: Vec<f64>,
    vectors: Vec<Vec<f64>>,
    /// `V'Z'u`.
    score: Vec<f64>,
}

impl Cluster {
    /// In the order in which they first appear.
    fn all(fit: &LeastSquares, labels: &[u32]) -> Vec<Self> {
        let width = fit.width;
        let mut places = HashMap::new();
        let mut clusters: Vec<Self> = Vec::new();
        for ((z, residual), &label) in fit.orthonormal.chunks(width).zip(&fit.residuals).zip(labels)
        {
            let place = *places.entry(label).or_insert(clusters.len());
            if place == clusters.len() {
                let (products, score) = (vec![0.0; width * width], vec![0.0; width]);
                clusters.push(Self { label, products, score });
            }
            let cluster = &mut clusters[place];
            add_scaled(&mut cluster.score, z, *residual);
            for (row, &factor) in z.iter().enumerate() {
                add_scaled(&mut cluster.products[row * width..], z, factor);
            }
        }
        clusters
    }

    fn adjusted(&self, width: usize) -> Result<Adjusted, ClusterRobustError> {
        let Eigen { values, vectors } = Eigen::of_symmetric(&self.products, width);
        if values.iter().any(|&it| it > FULL_LEVERAGE) {
            return Err(ClusterRobustError::OnlyCluster { cluster: self.label });
        }
        let score = vectors.iter().map(|it| dot(it, &self.score)).collect();
        Ok(Adjusted { values, vectors, score })
    }
}

/// Variances of one coefficient.
struct Variances {
    cr0: f64,
    cr2: f64,
    cr3: f64,
    moments: Moments,
}

impl Variances {
    fn new(clusters: &[Adjusted], direction: &[f64]) -> Self {
        let moments = Moments::new(direction.len());
        let mut sums = Self { cr0: 0.0, cr2: 0.0, cr3: 0.0, moments };
        for cluster in clusters {
            let along: Vec<f64> = cluster.vectors.iter().map(|it| dot(it, direction)).collect();
            let score = |power: f64| -> f64 {
                let terms = along.iter().zip(&cluster.score).zip(&cluster.values);
                terms.map(|((a, s), d)| a * s * (1.0 - d).powf(power)).sum()
            };
            sums.cr0 += score(0.0).powi(2);
            sums.cr2 += score(-0.5).powi(2);
            sums.cr3 += score(-1.0).powi(2);
            sums.moments.add(cluster, &along);
        }
        sums
    }
}

/// Moments of the CR2 variance under the working model, a quadratic form with the matrix `P_gh = [g = h] a_g'a_g - b_g'b_h`:
/// `a_g` weighs a cluster's residuals, `b_g = Z_g'a_g`.
struct Moments {
    trace: f64,
    squares: f64,
    /// `sum of b b'`.
    products: Vec<f64>,
}

impl Moments {
    fn new(width: usize) -> Self {
        Self { trace: 0.0, squares: 0.0, products: vec![0.0; width * width] }
    }

    fn add(&mut self, cluster: &Adjusted, along: &[f64]) {
        let width = along.len();
        let mut b = vec![0.0; width];
        let mut length = 0.0;
        for ((a, d), vector) in along.iter().zip(&cluster.values).zip(&cluster.vectors) {
            let weight = a / (1.0 - d).sqrt();
            length += weight * weight * d;
            add_scaled(&mut b, vector, weight * d);
        }
        let pull = dot(&b, &b);
        self.trace += length - pull;
        self.squares += length * length - 2.0 * length * pull;
        for (row, &factor) in b.iter().enumerate() {
            add_scaled(&mut self.products[row * width..], &b, factor);
        }
    }

    fn degrees_of_freedom(&self) -> f64 {
        let squares = self.squares + dot(&self.products, &self.products);
        self.trace * self.trace / squares
    }
}

impl From<NoFit> for ClusterRobustError {
    fn from(from: NoFit) -> Self {
        match from {
            NoFit::Lengths { expected, found } => Self::Lengths { expected, found },
            NoFit::Covariates(n) => Self::Covariates(n),
            NoFit::NotFinite { row } => Self::NotFinite { row },
            NoFit::TooFewRows(n) => Self::TooFewRows(n),
            NoFit::Collinear { covariate } => Self::Collinear { covariate },
        }
    }
}

#[cfg(test)]
mod tests;
