//! Fine and Gray's regression: how covariates move the cumulative incidence of a cause, all other causes taking effect.
//!
//! Subjects with a competing event stay in the risk set, weighted by the chance that they would not have been censored yet. No delayed entry, no strata.

use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::{Causes, ChiSquareTest, Observation, Outcome};

use super::likelihood::{EventSums, Likelihood, RiskSums, n_sums, predictor, write_terms};
use super::newton;
use super::rows::Rows;
use super::sandwich::{numbered, product, squares};
use super::{CoxError, CoxSample, Ties, diagonal_roots};

/// One row per subject, in any order.
#[derive(Clone, Copy, Debug)]
pub struct FineGraySample<'a> {
    pub observations: &'a [Observation],
    /// `n_covariates` numbers per observation, one observation after the other.
    pub covariates: &'a [f64],
    pub n_covariates: usize,
    /// Cluster of each observation; without them, each is one of its own.
    pub clusters: Option<&'a [u32]>,
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum FineGrayError {
    #[error("row {row} was seen late, and the model knows no delayed entry")]
    DelayedEntry { row: usize },
    #[error(transparent)]
    Model(#[from] CoxError),
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct FineGrayFit {
    /// Log ratio of subdistribution hazards per unit of each covariate: above 0, the share of the cause is larger.
    pub coefficients: Vec<f64>,
    /// Between clusters, without a small-sample factor; the weights count as known.
    pub std_errors: Vec<f64>,
    pub covariance: Vec<Vec<f64>>,
    pub wald: ChiSquareTest,
    pub n_rows: usize,
    pub n_events: usize,
    pub n_clusters: usize,
}

/// Estimates subdistribution hazard ratios of `causes`; events of other causes compete.
///
/// Ties by Breslow; events come before censorings of the same age. One censoring distribution is estimated for all rows.
/// Costs O(n log n) once and O(n p^2) per iteration. Depends on times only through their order.
///
/// # Units
/// Coefficients are per unit of the covariate; times may have any unit.
///
/// # Errors
/// If a row has a delayed entry, and as for [`super::cox`].
///
/// # Source
/// Fine & Gray 1999, <https://doi.org/10.1080/01621459.1999.10474144>; weights as in R survival's `finegray`, on which it is tested.
pub fn fine_gray(
    sample: &FineGraySample<'_>,
    causes: Causes,
) -> Result<FineGrayFit, FineGrayError> {
    let is_late = |entry: Option<f64>| entry.is_some_and(|it| it > 0.0);
    if let Some(row) = sample.observations.iter().position(|it| is_late(it.entry())) {
        return Err(FineGrayError::DelayedEntry { row });
    }
    let weighted = Weighted::new(sample, causes)?;
    let p = sample.n_covariates;
    let maximum = newton::maximize(p, |it| weighted.likelihood(it))?;
    let information = Cholesky::new(&maximum.best.information, p)
        .map_err(|it| CoxError::Monotone { covariate: it.column })?;
    let (clusters, n_clusters) = match sample.clusters {
        Some(clusters) => numbered(clusters),
        None => ((0..sample.observations.len()).collect(), sample.observations.len()),
    };
    if n_clusters <= p {
        return Err(CoxError::TooFewClusters { n_clusters, n_covariates: p }.into());
    }
    let mut scores = vec![0.0; n_clusters * p];
    weighted.score_residuals(&maximum.coefficients, |row, residual| {
        for (sum, term) in scores[clusters[row] * p..].iter_mut().zip(residual) {
            *sum += term;
        }
    });
    let meat = squares(&scores, p);
    // Scores that only rounding keeps from 0 are no variance.
    if (0..p).any(|j| meat[j * p + j] <= 1e-18 * maximum.best.information[j * p + j]) {
        return Err(CoxError::NoClusterVariance.into());
    }
    let inverse = information.inverse();
    let covariance = product(&product(&inverse, &meat, p), &inverse, p);
    let wald = Cholesky::new(&covariance, p).map_err(|_| CoxError::NoClusterVariance)?;
    let wald = ChiSquareTest::new(wald.quadratic_form(&maximum.coefficients), p);
    let covariance = weighted.rows.unscaled(&covariance);
    Ok(FineGrayFit {
        coefficients: weighted.rows.unscaled_coefficients(&maximum.coefficients),
        std_errors: diagonal_roots(&covariance),
        covariance,
        wald,
        n_rows: sample.observations.len(),
        n_events: weighted.rows.n_events,
        n_clusters,
    })
}

/// Rows by the event times up to which they are at risk with a weight of 1.
struct Weighted {
    /// Those with a competing event as if they stayed to the end.
    rows: Rows,
    /// Of each of the rows, in their order.
    exits: Vec<Exit>,
    /// Positions of the rows by descending `end` of their exits.
    order: Vec<usize>,
    /// G(t-), the share not censored, at each event time.
    uncensored: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Exit {
    /// How many event times lie up to its own.
    end: usize,
    /// G(t-) at its own time, if a competing event ended it.
    uncensored: Option<f64>,
}

impl Weighted {
    fn new(sample: &FineGraySample<'_>, causes: Causes) -> Result<Self, CoxError> {
        let observations = sample.observations;
        let mut times: Vec<f64> = observations
            .iter()
            .filter(|it| causes.holds(it.outcome()))
            .map(Observation::time)
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        times.dedup();
        let last = *times.last().ok_or(CoxError::NoEvent)?;
        let competes =
            |it: &Observation| it.outcome() != Outcome::Censored && !causes.holds(it.outcome());
        let stayed = |it: &Observation| {
            let kept =
                if competes(it) { Observation::new(last, Outcome::Censored).ok() } else { None };
            kept.unwrap_or(*it)
        };
        let stayed: Vec<Observation> = observations.iter().map(stayed).collect();
        let cox_sample = CoxSample {
            observations: &stayed,
            covariates: sample.covariates,
            n_covariates: sample.n_covariates,
            strata: None,
            clusters: sample.clusters,
        };
        super::check(&cox_sample)?;
        let rows = Rows::new(&cox_sample, causes)?;
        let censoring = Censoring::new(observations);
        let exit = |index: usize| {
            let it = &observations[index];
            Exit {
                end: times.partition_point(|&time| time <= it.time()),
                uncensored: competes(it).then(|| censoring.before(it.time())),
            }
        };
        let exits: Vec<Exit> = rows.at_risk.iter().map(|it| exit(it.index)).collect();
        let mut order: Vec<usize> = (0..exits.len()).collect();
        order.sort_by_key(|&it| std::cmp::Reverse(exits[it].end));
        let uncensored = times.iter().map(|&it| censoring.before(it)).collect();
        Ok(Self { rows, exits, order, uncensored })
    }

    fn likelihood(&self, coefficients: &[f64]) -> Likelihood {
        let mut likelihood = Likelihood::zero(self.rows.n_covariates);
        let n_sums = n_sums(self.rows.n_covariates);
        self.sweep(coefficients, n_sums, |_, all, events| {
            likelihood.add_time(all, events, Ties::Breslow);
        });
        likelihood.mirror();
        likelihood
    }

    /// Calls `at_time` with the number of each event time, the weighted sums at risk and the events, from the last to the first.
    fn sweep(
        &self,
        coefficients: &[f64],
        n_sums: usize,
        mut at_time: impl FnMut(usize, &[f64], &EventSums),
    ) {
        let (mut natural, mut stayed) = (RiskSums::new(n_sums), RiskSums::new(n_sums));
        let mut events = EventSums::new(n_sums, self.rows.n_covariates);
        let mut terms = vec![0.0; n_sums];
        let over = |terms: &[f64], uncensored: f64| -> Vec<f64> {
            terms.iter().map(|it| it / uncensored).collect()
        };
        for (row, exit) in self.exits.iter().enumerate() {
            if let Some(uncensored) = exit.uncensored {
                write_terms(self.rows.of(row), coefficients, &mut terms);
                stayed.add(&over(&terms, uncensored));
            }
        }
        let (mut all, mut weighted) = (vec![0.0; n_sums], vec![0.0; n_sums]);
        let mut next = self.order.iter().copied().peekable();
        for time in (0..self.rows.n_times).rev() {
            events.clear();
            while let Some(row) = next.next_if(|&it| self.exits[it].end > time) {
                let predictor = write_terms(self.rows.of(row), coefficients, &mut terms);
                natural.add(&terms);
                if let Some(uncensored) = self.exits[row].uncensored {
                    stayed.remove(&over(&terms, uncensored));
                }
                if self.rows.at_risk[row].is_event {
                    events.add(&terms, predictor, self.rows.of(row));
                }
            }
            natural.write_to(&mut all);
            stayed.write_to(&mut weighted);
            for (sum, term) in all.iter_mut().zip(&weighted) {
                *sum += self.uncensored[time] * term;
            }
            at_time(time, &all, &events);
        }
    }

    /// Calls `at_row` with the index of each row and its score residual; those left out have none.
    fn score_residuals(&self, coefficients: &[f64], mut at_row: impl FnMut(usize, &[f64])) {
        let p = self.rows.n_covariates;
        let width = 1 + p;
        let n_times = self.rows.n_times;
        let mut hazards = vec![0.0; (n_times + 1) * width];
        let mut weighted = vec![0.0; (n_times + 1) * width];
        self.sweep(coefficients, width, |time, all, events| {
            let hazard = events.count as f64 / all[0];
            for at in 0..width {
                let term = if at == 0 { hazard } else { hazard * all[at] / all[0] };
                hazards[(time + 1) * width + at] = term;
                // From this time on, unlike the others.
                weighted[time * width + at] =
                    weighted[(time + 1) * width + at] + term * self.uncensored[time];
            }
        });
        let means: Vec<f64> = (0..n_times)
            .flat_map(|time| {
                let here = &hazards[(time + 1) * width..][..width];
                here[1..].iter().map(|it| it / here[0]).collect::<Vec<_>>()
            })
            .collect();
        for at in width..hazards.len() {
            hazards[at] += hazards[at - width];
        }
        let mut residual = vec![0.0; p];
        for (row, exit) in self.exits.iter().enumerate() {
            let x = self.rows.of(row);
            let risk = predictor(x, coefficients).exp();
            let natural = &hazards[exit.end * width..][..width];
            let stayed = &weighted[exit.end * width..][..width];
            let share = exit.uncensored.map_or(0.0, f64::recip);
            let hazard = |at: usize| natural[at] + share * stayed[at];
            for j in 0..p {
                residual[j] = -risk * (x[j] * hazard(0) - hazard(1 + j));
                if self.rows.at_risk[row].is_event {
                    residual[j] += x[j] - means[(exit.end - 1) * p + j];
                }
            }
            at_row(self.rows.at_risk[row].index, &residual);
        }
    }
}

/// Kaplan-Meier of the censorings: at each of their times, those whose event came that day are gone.
struct Censoring {
    /// Ascending, with the share not censored from there on.
    steps: Vec<(f64, f64)>,
}

impl Censoring {
    fn new(observations: &[Observation]) -> Self {
        let mut sorted: Vec<&Observation> = observations.iter().collect();
        sorted.sort_unstable_by(|a, b| a.time().total_cmp(&b.time()));
        let mut n_left = sorted.len();
        let mut share = 1.0;
        let mut steps = Vec::new();
        for tied in sorted.chunk_by(|a, b| b.time() <= a.time()) {
            let n_censored = tied.iter().filter(|it| it.outcome() == Outcome::Censored).count();
            let n_at_risk = n_left - (tied.len() - n_censored);
            if n_censored > 0 {
                share *= (n_at_risk - n_censored) as f64 / n_at_risk as f64;
                steps.push((tied[0].time(), share));
            }
            n_left -= tied.len();
        }
        Self { steps }
    }

    /// G(t-).
    fn before(&self, time: f64) -> f64 {
        let n_steps = self.steps.partition_point(|it| it.0 < time);
        n_steps.checked_sub(1).map_or(1.0, |it| self.steps[it].1)
    }
}

#[cfg(test)]
mod tests;
