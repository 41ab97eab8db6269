//! Cholesky factor of a small symmetric matrix.

/// Least pivot of the matrix scaled to a unit diagonal; below it a column is a combination of those before it.
const MIN_PIVOT: f64 = 1e-10;

/// Factor of a positive definite matrix; `lower` belongs to the matrix scaled to a unit diagonal.
pub(crate) struct Cholesky {
    size: usize,
    scale: Vec<f64>,
    lower: Vec<f64>,
}

/// The first column that is a combination of the columns before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Singular {
    pub(crate) column: usize,
}

impl Cholesky {
    /// Takes `size` x `size` numbers.
    pub(crate) fn new(matrix: &[f64], size: usize) -> Result<Self, Singular> {
        let mut scale = Vec::with_capacity(size);
        for column in 0..size {
            let diagonal = matrix[column * size + column];
            if !diagonal.is_finite() || diagonal < f64::MIN_POSITIVE {
                return Err(Singular { column });
            }
            scale.push(diagonal.sqrt().recip());
        }
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let scaled = matrix[row * size + column] * scale[row] * scale[column];
                let (above, left) = (&lower[column * size..], &lower[row * size..]);
                let known: f64 = (0..column).map(|k| above[k] * left[k]).sum();
                let rest = scaled - known;
                lower[row * size + column] = if row == column {
                    if rest.is_nan() || rest < MIN_PIVOT {
                        return Err(Singular { column });
                    }
                    rest.sqrt()
                } else {
                    rest / lower[column * size + column]
                };
            }
        }
        Ok(Self { size, scale, lower })
    }

    /// The `x` of `A x = rhs`.
    pub(crate) fn solve(&self, rhs: &[f64]) -> Vec<f64> {
        let mut x = self.whiten(rhs);
        for row in (0..self.size).rev() {
            let known: f64 =
                (row + 1..self.size).map(|k| self.lower[k * self.size + row] * x[k]).sum();
            x[row] = (x[row] - known) / self.lower[row * self.size + row];
        }
        x.iter().zip(&self.scale).map(|(x, scale)| x * scale).collect()
    }

    /// `v' A^-1 v`.
    pub(crate) fn quadratic_form(&self, v: &[f64]) -> f64 {
        self.whiten(v).iter().map(|it| it * it).sum()
    }

    pub(crate) fn inverse(&self) -> Vec<f64> {
        let mut inverse = Vec::with_capacity(self.size * self.size);
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            inverse.extend(self.solve(&unit));
        }
        inverse
    }

    /// The `w` with `w'w = v' A^-1 v`.
    pub(crate) fn whiten(&self, rhs: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = rhs.iter().zip(&self.scale).map(|(rhs, scale)| rhs * scale).collect();
        for row in 0..self.size {
            let known: f64 = (0..row).map(|k| self.lower[row * self.size + k] * x[k]).sum();
            x[row] = (x[row] - known) / self.lower[row * self.size + row];
        }
        x
    }
}
