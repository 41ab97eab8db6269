//! Many hypotheses tested together: adjusted p-values, and the same for e-values.
//!
//! Results are in the order of what was given; no hypothesis gives no result.

use thiserror::Error;

/// A value that is none.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum MultiplicityError {
    #[error("p-value `{0}` is not from 0 to 1")]
    PValue(f64),
    #[error("e-value `{0}` is not a number of at least 0")]
    EValue(f64),
    #[error("false discovery rate `{0}` is not between 0 and 1")]
    Rate(f64),
}

/// p-values times their number: rejecting those up to alpha keeps the chance of any false rejection below alpha.
///
/// # Errors
/// If a p-value is not from 0 to 1.
///
/// # Source
/// Dunn 1961, <https://doi.org/10.1080/01621459.1961.10482090>. Tested on R's `p.adjust`.
pub fn bonferroni(p_values: &[f64]) -> Result<Vec<f64>, MultiplicityError> {
    check(p_values)?;
    let n = p_values.len() as f64;
    Ok(p_values.iter().map(|p| (p * n).min(1.0)).collect())
}

/// As [`bonferroni`], and never larger.
///
/// # Errors
/// If a p-value is not from 0 to 1.
///
/// # Source
/// Holm 1979, <https://www.jstor.org/stable/4615733>. Tested on R's `p.adjust`.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, MultiplicityError> {
    check(p_values)?;
    let order = ascending(p_values);
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (n_smaller, &hypothesis) in order.iter().enumerate() {
        let n_left = (order.len() - n_smaller) as f64;
        largest = largest.max(p_values[hypothesis] * n_left);
        adjusted[hypothesis] = largest.min(1.0);
    }
    Ok(adjusted)
}

/// Rejecting those up to q keeps the expected share of false ones among the rejected below q, for independent or positively
/// dependent tests.
///
/// # Errors
/// If a p-value is not from 0 to 1.
///
/// # Source
/// Benjamini & Hochberg 1995, <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>. Tested on R's `p.adjust`.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, MultiplicityError> {
    step_up(p_values, 1.0)
}

/// As [`benjamini_hochberg`], for any dependence.
///
/// # Errors
/// If a p-value is not from 0 to 1.
///
/// # Source
/// Benjamini & Yekutieli 2001, <https://doi.org/10.1214/aos/1013699998>. Tested on R's `p.adjust`.
pub fn benjamini_yekutieli(p_values: &[f64]) -> Result<Vec<f64>, MultiplicityError> {
    let harmonic = (1..=p_values.len()).map(|it| (it as f64).recip()).sum();
    step_up(p_values, harmonic)
}

/// Which hypotheses e-BH rejects: the k largest e-values, k the largest number with `k e_(k) >= K / rate`; for any dependence.
///
/// Takes e-values frozen at the decision of each experiment. The largest value that an e-process had so far is no e-value, and
/// must not be put in. An e-value may be infinite.
///
/// # Errors
/// If an e-value is negative or no number, or `rate` is not between 0 and 1.
///
/// # Source
/// Wang & Ramdas 2022, <https://doi.org/10.1111/rssb.12489>. Tested on first principles.
pub fn e_benjamini_hochberg(e_values: &[f64], rate: f64) -> Result<Vec<bool>, MultiplicityError> {
    if let Some(&e) = e_values.iter().find(|it| it.is_nan() || **it < 0.0) {
        return Err(MultiplicityError::EValue(e));
    }
    if !(0.0 < rate && rate < 1.0) {
        return Err(MultiplicityError::Rate(rate));
    }
    let mut order = ascending(e_values);
    order.reverse();
    let needed = e_values.len() as f64 / rate;
    let is_enough = |k: usize| k as f64 * e_values[order[k - 1]] >= needed;
    let n_rejected = (1..=order.len()).rev().find(|&k| is_enough(k)).unwrap_or(0);
    let mut is_rejected = vec![false; e_values.len()];
    for &hypothesis in &order[..n_rejected] {
        is_rejected[hypothesis] = true;
    }
    Ok(is_rejected)
}

fn step_up(p_values: &[f64], factor: f64) -> Result<Vec<f64>, MultiplicityError> {
    check(p_values)?;
    let n = p_values.len() as f64;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &hypothesis) in ascending(p_values).iter().enumerate().rev() {
        smallest = smallest.min(factor * n / (rank + 1) as f64 * p_values[hypothesis]);
        adjusted[hypothesis] = smallest;
    }
    Ok(adjusted)
}

/// Indices by ascending value.
fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

fn check(p_values: &[f64]) -> Result<(), MultiplicityError> {
    match p_values.iter().find(|it| !(0.0..=1.0).contains(*it)) {
        Some(&p) => Err(MultiplicityError::PValue(p)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
