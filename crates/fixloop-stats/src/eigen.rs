//! Eigenvalues of a small symmetric matrix.

/// Sweeps converge quadratically; this many are never needed.
const MAX_SWEEPS: usize = 50;

/// `A = sum of value * vector vector'`, the vectors orthonormal.
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    pub(crate) vectors: Vec<Vec<f64>>,
}

impl Eigen {
    /// Jacobi's rotations; takes `size` x `size` numbers.
    pub(crate) fn of_symmetric(matrix: &[f64], size: usize) -> Self {
        let mut diagonal = matrix.to_vec();
        let mut vectors: Vec<Vec<f64>> = (0..size)
            .map(|row| (0..size).map(|column| if row == column { 1.0 } else { 0.0 }).collect())
            .collect();
        let total: f64 = diagonal.iter().map(|it| it * it).sum();
        for _ in 0..MAX_SWEEPS {
            let mut rest = 0.0;
            for row in 0..size {
                for column in row + 1..size {
                    rest += diagonal[row * size + column].powi(2);
                    rotate(&mut diagonal, &mut vectors, row, column);
                }
            }
            if rest <= 1e-32 * total {
                break;
            }
        }
        Self { values: (0..size).map(|it| diagonal[it * size + it]).collect(), vectors }
    }
}

/// Makes the element at `(row, column)` 0.
fn rotate(matrix: &mut [f64], vectors: &mut [Vec<f64>], row: usize, column: usize) {
    let size = vectors.len();
    let off = matrix[row * size + column];
    if off == 0.0 {
        return;
    }
    let theta = (matrix[column * size + column] - matrix[row * size + row]) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + f64::hypot(theta, 1.0));
    let cosine = f64::hypot(tangent, 1.0).recip();
    let sine = tangent * cosine;
    let turned =
        |first: f64, second: f64| (cosine * first - sine * second, sine * first + cosine * second);
    for k in 0..size {
        let (first, second) = (k * size + row, k * size + column);
        (matrix[first], matrix[second]) = turned(matrix[first], matrix[second]);
    }
    for k in 0..size {
        let (first, second) = (row * size + k, column * size + k);
        (matrix[first], matrix[second]) = turned(matrix[first], matrix[second]);
    }
    let (head, tail) = vectors.split_at_mut(column);
    for (first, second) in head[row].iter_mut().zip(tail[0].iter_mut()) {
        (*first, *second) = turned(*first, *second);
    }
}
