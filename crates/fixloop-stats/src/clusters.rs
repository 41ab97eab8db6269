//! Standard errors where subjects share a cluster (findings of one team): clusters are resampled, never subjects.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use crate::interval::p_student;
use crate::{Interval, Level};

/// An estimate and what leaving out each cluster in turn says of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jackknife {
    pub estimate: f64,
    pub std_error: f64,
    /// Clusters minus strata.
    pub degrees_of_freedom: usize,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ResamplingError {
    #[error(
        "stratum `{stratum}` has `{n_clusters}` clusters, which say nothing of their variation"
    )]
    TooFewClusters { stratum: usize, n_clusters: usize },
    #[error("the statistic of all clusters is not defined")]
    Undefined,
    #[error("the statistic without cluster `{0}` is not defined")]
    UndefinedWithout(usize),
    #[error("the statistic is defined in `{n_defined}` of `{n_replicates}` replicates")]
    UndefinedReplicates { n_defined: usize, n_replicates: usize },
}

/// The delete-one-cluster jackknife of one group.
///
/// `statistic` gets the cluster to leave out, `None` for none, and returns `None` (or no finite number) where it is not defined;
/// it is called once more than there are clusters. [`crate::ClusterCounts`] has curves without each cluster in one pass, and a
/// [`crate::Sample`] leaves out rows without sorting again.
///
/// se^2 = (G-1)/G times the sum of squared deviations from the replicates' mean.
///
/// # Errors
/// If there are fewer than two clusters, or the statistic is not defined for all or without one of them.
///
/// # Source
/// Efron & Stein 1981, <https://doi.org/10.1214/aos/1176345462>; the t interval with G-1 degrees of freedom is in Cameron & Miller
/// 2015, <https://doi.org/10.3368/jhr.50.2.317>.
pub fn jackknife(
    n_clusters: usize,
    statistic: impl Fn(Option<usize>) -> Option<f64>,
) -> Result<Jackknife, ResamplingError> {
    jackknife_stratified(&vec![0; n_clusters], statistic)
}

/// [`jackknife`] of a comparison of groups: `strata[g]` is the group (arm) of cluster `g`, numbered from 0 without gaps.
///
/// Variances of the strata add up; the degrees of freedom are clusters minus strata.
///
/// # Errors
/// If a stratum has fewer than two clusters, or the statistic is not defined for all or without one cluster.
///
/// # Source
/// As [`jackknife`]; strata as in R `survey`, `JKn`.
pub fn jackknife_stratified(
    strata: &[usize],
    statistic: impl Fn(Option<usize>) -> Option<f64>,
) -> Result<Jackknife, ResamplingError> {
    let members = members(strata)?;
    let defined = |excluded| statistic(excluded).filter(|it| it.is_finite());
    let estimate = defined(None).ok_or(ResamplingError::Undefined)?;
    let mut variance = 0.0;
    for clusters in &members {
        let mut replicates = Vec::with_capacity(clusters.len());
        for &cluster in clusters {
            let replicate = defined(Some(cluster));
            replicates.push(replicate.ok_or(ResamplingError::UndefinedWithout(cluster))?);
        }
        let n = replicates.len() as f64;
        variance += (n - 1.0) / n * squared_deviations(&replicates);
    }
    let degrees_of_freedom = strata.len() - members.len();
    Ok(Jackknife { estimate, std_error: f64::sqrt(variance), degrees_of_freedom })
}

impl Jackknife {
    /// t interval.
    pub fn interval(&self, level: Level) -> Interval {
        let half = level.t(self.degrees_of_freedom) * self.std_error;
        Interval { lower: self.estimate - half, upper: self.estimate + half }
    }

    /// Estimate by standard error; `None` where that is 0.
    pub fn t(&self) -> Option<f64> {
        (self.std_error > 0.0).then(|| self.estimate / self.std_error)
    }

    /// Two-sided, of the hypothesis that the estimated quantity is 0.
    pub fn p(&self) -> Option<f64> {
        self.t().map(|it| p_student(it, self.degrees_of_freedom))
    }
}

/// What drawing clusters anew says of an estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    pub estimate: f64,
    pub std_error: f64,
    /// The statistic of each draw where it is defined, ascending.
    pub replicates: Vec<f64>,
    /// Draws where it is not.
    pub n_undefined: usize,
}

/// Draws each stratum's clusters with replacement, `n_replicates` times; equal seeds give equal draws.
///
/// `statistic` gets how often each cluster was drawn.
///
/// # Errors
/// If a stratum has fewer than two clusters, or the statistic is not defined for all clusters or for at least 90 % of the draws.
///
/// # Source
/// Davison & Hinkley 1997, <https://doi.org/10.1017/CBO9780511802843>, section 3.8.
pub fn bootstrap(
    strata: &[usize],
    n_replicates: usize,
    seed: u64,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Result<Bootstrap, ResamplingError> {
    let members = members(strata)?;
    let defined = |times: &[usize]| statistic(times).filter(|it| it.is_finite());
    let estimate = defined(&vec![1; strata.len()]).ok_or(ResamplingError::Undefined)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut replicates = Vec::with_capacity(n_replicates);
    for _ in 0..n_replicates {
        let mut times = vec![0; strata.len()];
        for clusters in &members {
            for _ in clusters {
                times[clusters[rng.random_range(0..clusters.len())]] += 1;
            }
        }
        replicates.extend(defined(&times));
    }
    let n_defined = replicates.len();
    // Draws without a value are not random ones: where there are many, the others say too little.
    if n_defined < 2 || n_defined * 10 < n_replicates * 9 {
        return Err(ResamplingError::UndefinedReplicates { n_defined, n_replicates });
    }
    let variance = squared_deviations(&replicates) / (n_defined as f64 - 1.0);
    replicates.sort_unstable_by(f64::total_cmp);
    let n_undefined = n_replicates - n_defined;
    Ok(Bootstrap { estimate, std_error: f64::sqrt(variance), replicates, n_undefined })
}

impl Bootstrap {
    /// Percentile interval; the quantiles interpolate between order statistics (R type 7).
    pub fn interval(&self, level: Level) -> Interval {
        let upper = level.upper_tail();
        Interval { lower: self.quantile(1.0 - upper), upper: self.quantile(upper) }
    }

    fn quantile(&self, p: f64) -> f64 {
        let last = self.replicates.len() - 1;
        let position = p * last as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of replicates"
        )]
        let below = position.floor() as usize;
        let (a, b) = (self.replicates[below], self.replicates[last.min(below + 1)]);
        a + (b - a) * (position - below as f64)
    }
}

/// The clusters of each stratum.
fn members(strata: &[usize]) -> Result<Vec<Vec<usize>>, ResamplingError> {
    let n_strata = strata.iter().max().map_or(1, |it| it + 1);
    let mut members = vec![Vec::new(); n_strata.min(strata.len() + 1)];
    for (cluster, &stratum) in strata.iter().enumerate() {
        // A number beyond the clusters leaves a gap, which is a stratum without clusters.
        if let Some(clusters) = members.get_mut(stratum) {
            clusters.push(cluster);
        }
    }
    match members.iter().position(|it| it.len() < 2) {
        Some(stratum) => {
            Err(ResamplingError::TooFewClusters { stratum, n_clusters: members[stratum].len() })
        }
        None => Ok(members),
    }
}

fn squared_deviations(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|it| (it - mean) * (it - mean)).sum()
}

#[cfg(test)]
mod tests;
