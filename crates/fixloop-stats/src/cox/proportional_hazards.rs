//! Whether hazard ratios stay the same over age: the score test against coefficients that change with it.

use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::{Causes, ChiSquareTest, kaplan_meier};

use super::likelihood::{Likelihood, n_sums, sweep};
use super::newton;
use super::rows::Rows;
use super::sandwich::product;
use super::{CoxError, CoxSample, Ties};

/// Why proportionality cannot be tested.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ProportionalHazardsError {
    #[error(transparent)]
    Model(#[from] CoxError),
    /// One age with events, for example.
    #[error("events say nothing of a change of covariate {covariate} with age")]
    NoChange { covariate: usize },
}

/// Tests of the covariates of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct ProportionalHazards {
    /// One per covariate, against a coefficient that changes with age.
    pub covariates: Vec<ChiSquareTest>,
    /// Of all covariates at once.
    pub global: ChiSquareTest,
}

/// Tests the model that [`super::cox`] would fit; clusters play no part.
///
/// The alternative is a coefficient of `b + c g(t)`, `g` being 1 - S(t-) of the pooled Kaplan-Meier (R's `transform = "km"`), which spreads
/// events evenly and so lets no late one decide. A small p says that one ratio does not describe both arms: show restricted means.
/// Costs as one more iteration of the fit.
///
/// # Units
/// Any unit of time or covariate gives the same result.
///
/// # Errors
/// If the model cannot be fitted, or its events say nothing of a change with age.
///
/// # Source
/// Grambsch & Therneau 1994, <https://doi.org/10.1093/biomet/81.3.515>, with the information at each event as in R survival >= 3.0, `cox.zph`,
/// on which it is tested (veteran).
pub fn proportional_hazards(
    sample: &CoxSample<'_>,
    causes: Causes,
    ties: Ties,
) -> Result<ProportionalHazards, ProportionalHazardsError> {
    super::check(sample)?;
    let rows = Rows::new(sample, causes)?;
    let p = sample.n_covariates;
    let maximum = newton::maximize(p, |it| Likelihood::at(&rows, it, ties))?;
    let scale = scale(sample, causes, &rows)?;
    let mut score = vec![0.0; p];
    // Of the coefficients with the changes, and of the changes.
    let (mut mixed, mut squared) = (vec![0.0; p * p], vec![0.0; p * p]);
    let mut time = rows.n_times;
    let mut all = vec![0.0; n_sums(p)];
    sweep(&rows, &maximum.coefficients, n_sums(p), |risk, events| {
        time -= 1;
        risk.write_to(&mut all);
        let mut here = Likelihood::zero(p);
        here.add_time(&all, events, ties);
        here.mirror();
        let g = scale[time];
        add(&mut score, &here.score, g);
        add(&mut mixed, &here.information, g);
        add(&mut squared, &here.information, g * g);
    });
    let information = Cholesky::new(&maximum.best.information, p)
        .map_err(|it| CoxError::Monotone { covariate: it.column })?;
    // What is left of the information once the coefficients have taken their part.
    let taken = product(&product(&mixed, &information.inverse(), p), &mixed, p);
    let left: Vec<f64> = squared.iter().zip(&taken).map(|(all, taken)| all - taken).collect();
    if let Some(covariate) = (0..p).find(|it| left[it * p + it] <= 1e-10 * squared[it * p + it]) {
        return Err(ProportionalHazardsError::NoChange { covariate });
    }
    let factor = Cholesky::new(&left, p)
        .map_err(|it| ProportionalHazardsError::NoChange { covariate: it.column })?;
    let test = |covariate: usize| {
        let variance = left[covariate * p + covariate];
        ChiSquareTest::new(score[covariate] * score[covariate] / variance, 1)
    };
    Ok(ProportionalHazards {
        covariates: (0..p).map(test).collect(),
        global: ChiSquareTest::new(factor.quadratic_form(&score), p),
    })
}

/// 1 - S(t-) at each event time, its mean taken off to keep digits: a constant changes nothing, since the score of a constant coefficient is 0.
fn scale(sample: &CoxSample<'_>, causes: Causes, rows: &Rows) -> Result<Vec<f64>, CoxError> {
    let curve = kaplan_meier(sample.observations, causes).map_err(|_| CoxError::NoEvent)?;
    let steps = curve.steps();
    let share = |time: &f64| {
        let n_before = steps.partition_point(|it| it.time < *time);
        1.0 - n_before.checked_sub(1).map_or(1.0, |it| steps[it].survival)
    };
    let shares: Vec<f64> = rows.times.iter().map(share).collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    Ok(shares.into_iter().map(|it| it - mean).collect())
}

fn add(sums: &mut [f64], terms: &[f64], factor: f64) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += factor * term;
    }
}

#[cfg(test)]
mod tests;
