//! How alike rows of one cluster (findings of one team) are.

use std::collections::HashMap;

use thiserror::Error;

/// Why the correlation cannot be told.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum IntraclassError {
    #[error("{labels} labels for {values} values")]
    Lengths { values: usize, labels: usize },
    #[error("value {row} is not a finite number")]
    NotFinite { row: usize },
    #[error("{0} clusters are too few; at least 2 are needed")]
    TooFewClusters(usize),
    #[error("no cluster has two rows, so that nothing is known of the spread inside one")]
    NoPair,
    #[error("all values are the same")]
    NoVariance,
}

/// Variance between clusters against all variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intraclass {
    /// At most 1; below 0 where clusters differ less than chance would have them.
    pub correlation: f64,
    pub mean_square_between: f64,
    pub mean_square_within: f64,
    /// The cluster size that counts: below the mean size where sizes differ.
    pub effective_size: f64,
    pub n_clusters: usize,
}

/// The intraclass correlation of a one-way analysis of variance.
///
/// Takes the rows of one arm, in any order; an effect of the arm would count as a difference between clusters. Costs O(n).
///
/// # Units
/// Mean squares are in the square of the values' unit; the correlation has none.
///
/// # Errors
/// If lengths differ, a value is not finite, there are fewer than two clusters, none has two rows, or all values are the same.
///
/// # Source
/// Donner 1986, <https://doi.org/10.2307/1403259>. Tested against the definition, computed in R and numpy.
pub fn intraclass(values: &[f64], clusters: &[u32]) -> Result<Intraclass, IntraclassError> {
    let n = values.len();
    if clusters.len() != n {
        return Err(IntraclassError::Lengths { values: n, labels: clusters.len() });
    }
    if let Some(row) = values.iter().position(|it| !it.is_finite()) {
        return Err(IntraclassError::NotFinite { row });
    }
    let mut of_cluster = HashMap::<u32, usize>::new();
    let mut groups: Vec<(f64, f64)> = Vec::new();
    // A shift changes no mean square, and keeps the digits of values that lie far from 0.
    let shift = values.iter().map(|it| it / n as f64).sum::<f64>();
    let mut places = Vec::with_capacity(n);
    for &cluster in clusters {
        let place = *of_cluster.entry(cluster).or_insert(groups.len());
        if place == groups.len() {
            groups.push((0.0, 0.0));
        }
        places.push(place);
    }
    for (&place, value) in places.iter().zip(values) {
        groups[place].0 += 1.0;
        groups[place].1 += value - shift;
    }
    let k = groups.len();
    if k < 2 {
        return Err(IntraclassError::TooFewClusters(k));
    }
    if k == n {
        return Err(IntraclassError::NoPair);
    }
    let (rows, n_clusters) = (n as f64, k as f64);
    let mean = groups.iter().map(|it| it.1).sum::<f64>() / rows;
    let between: f64 = groups.iter().map(|(n, sum)| n * (sum / n - mean).powi(2)).sum();
    let deviation =
        |(&place, value): (&usize, &f64)| value - shift - groups[place].1 / groups[place].0;
    let within: f64 = places.iter().zip(values).map(|it| deviation(it).powi(2)).sum();
    let squares: f64 = groups.iter().map(|it| it.0 * it.0).sum();
    let mean_square_between = between / (n_clusters - 1.0);
    let mean_square_within = within / (rows - n_clusters);
    let effective_size = (rows - squares / rows) / (n_clusters - 1.0);
    let total = mean_square_between + (effective_size - 1.0) * mean_square_within;
    let size = values.iter().map(|it| it.abs()).fold(0.0, f64::max);
    // Written so that an overflow is no variance either.
    if !(total > 1e-26 * size * size && total.is_finite()) {
        return Err(IntraclassError::NoVariance);
    }
    Ok(Intraclass {
        correlation: (mean_square_between - mean_square_within) / total,
        mean_square_between,
        mean_square_within,
        effective_size,
        n_clusters: k,
    })
}

#[cfg(test)]
mod tests;
