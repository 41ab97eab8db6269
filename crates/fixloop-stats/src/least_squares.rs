//! Ordinary least squares with an intercept, in coordinates in which the design is orthonormal.

use crate::cholesky::Cholesky;

/// Most covariates that a regression takes beside its intercept.
pub(crate) const MAX_COVARIATES: usize = 20;

/// Why there is no fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoFit {
    Lengths { expected: usize, found: usize },
    Covariates(usize),
    NotFinite { row: usize },
    TooFewRows(usize),
    Collinear { covariate: usize },
}

/// A fitted regression. With `Z = X L` and `L L' = (X'X)^-1`, the hat matrix is `Z Z'` and the coefficients are `L Z'y`.
///
/// `X` holds the intercept and the covariates, centered and in standard deviations, so that no digits are lost.
pub(crate) struct LeastSquares {
    n_covariates: usize,
    /// Columns of `Z`: the covariates and the intercept.
    pub(crate) width: usize,
    /// Rows of `Z`, one after the other.
    pub(crate) orthonormal: Vec<f64>,
    /// `L'c` for the coefficient of each covariate: the coefficient is its product with `Z'y`.
    pub(crate) directions: Vec<Vec<f64>>,
    /// Per unit of each covariate.
    pub(crate) coefficients: Vec<f64>,
    pub(crate) residuals: Vec<f64>,
}

impl LeastSquares {
    /// Takes `n_covariates` numbers per outcome, one row after the other.
    pub(crate) fn new(
        outcomes: &[f64],
        covariates: &[f64],
        n_covariates: usize,
    ) -> Result<Self, NoFit> {
        check(outcomes, covariates, n_covariates)?;
        let (n, width) = (outcomes.len(), n_covariates + 1);
        let mut design = vec![1.0; n * width];
        let mut scales = Vec::with_capacity(n_covariates);
        for covariate in 0..n_covariates {
            let values = || covariates.iter().skip(covariate).step_by(n_covariates);
            let center = values().map(|it| it / n as f64).sum::<f64>();
            let squares = values().map(|it| (it - center) * ((it - center) / n as f64));
            let scale = squares.sum::<f64>().sqrt();
            if !scale.is_finite() || scale <= 1e-12 * center.abs() || scale < f64::MIN_POSITIVE {
                return Err(NoFit::Collinear { covariate });
            }
            for (row, value) in values().enumerate() {
                design[row * width + 1 + covariate] = (value - center) / scale;
            }
            scales.push(scale);
        }
        let mut products = vec![0.0; width * width];
        for row in design.chunks(width) {
            for (i, a) in row.iter().enumerate() {
                for (product, b) in products[i * width..].iter_mut().zip(row) {
                    *product += a * b;
                }
            }
        }
        // The intercept comes first, so that the column in question is a covariate.
        let factor = Cholesky::new(&products, width)
            .map_err(|it| NoFit::Collinear { covariate: it.column.saturating_sub(1) })?;
        let orthonormal: Vec<f64> = design.chunks(width).flat_map(|it| factor.whiten(it)).collect();
        let direction = |(covariate, scale): (usize, &f64)| {
            let mut unit = vec![0.0; width];
            unit[1 + covariate] = scale.recip();
            factor.whiten(&unit)
        };
        let directions: Vec<Vec<f64>> = scales.iter().enumerate().map(direction).collect();
        let mut projections = vec![0.0; width];
        for (row, y) in orthonormal.chunks(width).zip(outcomes) {
            add_scaled(&mut projections, row, *y);
        }
        let fitted = orthonormal.chunks(width).map(|it| dot(it, &projections));
        let residuals = outcomes.iter().zip(fitted).map(|(y, fitted)| y - fitted).collect();
        let coefficients = directions.iter().map(|it| dot(it, &projections)).collect();
        Ok(Self { n_covariates, width, orthonormal, directions, coefficients, residuals })
    }

    /// Rows minus coefficients.
    pub(crate) fn degrees_of_freedom(&self) -> usize {
        self.residuals.len() - self.width
    }

    /// Standard errors of the coefficients if residuals are independent and equally spread.
    pub(crate) fn std_errors(&self) -> Vec<f64> {
        let squares: f64 = self.residuals.iter().map(|it| it * it).sum();
        let variance = squares / self.degrees_of_freedom() as f64;
        self.directions.iter().map(|it| (variance * dot(it, it)).sqrt()).collect()
    }

    pub(crate) fn n_covariates(&self) -> usize {
        self.n_covariates
    }
}

fn check(outcomes: &[f64], covariates: &[f64], n_covariates: usize) -> Result<(), NoFit> {
    if !(1..=MAX_COVARIATES).contains(&n_covariates) {
        return Err(NoFit::Covariates(n_covariates));
    }
    let (expected, found) = (outcomes.len() * n_covariates, covariates.len());
    if expected != found {
        return Err(NoFit::Lengths { expected, found });
    }
    if outcomes.len() < n_covariates + 2 {
        return Err(NoFit::TooFewRows(outcomes.len()));
    }
    let of_outcome = outcomes.iter().position(|it| !it.is_finite());
    let of_covariate = covariates.iter().position(|it| !it.is_finite());
    match of_outcome.or(of_covariate.map(|it| it / n_covariates)) {
        Some(row) => Err(NoFit::NotFinite { row }),
        None => Ok(()),
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn add_scaled(sums: &mut [f64], terms: &[f64], factor: f64) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += factor * term;
    }
}
