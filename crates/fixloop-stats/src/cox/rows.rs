//! Rows by the events they were at risk of.

use crate::Causes;

use super::{CoxError, CoxSample};

/// Rows that were at risk at an event, and the events; all strata share one numbering of event times, stratum after stratum.
pub(super) struct Rows {
    pub(super) n_covariates: usize,
    pub(super) n_times: usize,
    /// The event times.
    pub(super) times: Vec<f64>,
    pub(super) n_events: usize,
    /// By descending `end`.
    pub(super) at_risk: Vec<Row>,
    /// Of each row: centered and in standard deviations.
    pub(super) covariates: Vec<f64>,
    /// Positions of the rows that enter after their stratum's first event, by descending `first`.
    pub(super) late: Vec<usize>,
    /// Whether an event time is the last of its stratum.
    pub(super) is_last: Vec<bool>,
    scales: Vec<f64>,
}

/// At risk at the event times `first..end`.
pub(super) struct Row {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) is_event: bool,
    /// Its place in the sample.
    pub(super) index: usize,
}

impl Rows {
    pub(super) fn new(sample: &CoxSample<'_>, causes: Causes) -> Result<Self, CoxError> {
        let stratum = |row: usize| sample.strata.map_or(0, |it| it[row]);
        let holds = |row: usize| causes.holds(sample.observations[row].outcome());
        let n = sample.observations.len();
        let mut times: Vec<(u32, f64)> = (0..n)
            .filter(|&it| holds(it))
            .map(|it| (stratum(it), sample.observations[it].time()))
            .collect();
        let n_events = times.len();
        if n_events == 0 {
            return Err(CoxError::NoEvent);
        }
        times.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        times.dedup();
        let row = |index: usize| {
            let (stratum, it) = (stratum(index), &sample.observations[index]);
            let entry = it.entry().unwrap_or(f64::NEG_INFINITY);
            let up_to = |age: f64| times.partition_point(|&at| at <= (stratum, age));
            Row { first: up_to(entry), end: up_to(it.time()), is_event: holds(index), index }
        };
        let rows = (0..n).map(row).filter(|it| it.first < it.end);
        let rows = by_descending(rows.collect(), times.len(), |it| it.end);
        let is_first = |at: usize| at == 0 || times[at - 1].0 != times[at].0;
        let late = (0..rows.len()).filter(|&it| !is_first(rows[it].first)).collect();
        let late = by_descending(late, times.len(), |&it| rows[it].first);
        let is_last =
            (0..times.len()).map(|it| it + 1 == times.len() || is_first(it + 1)).collect();
        let p = sample.n_covariates;
        let (centers, scales) = moments(sample, &rows)?;
        let mut covariates = Vec::with_capacity(rows.len() * p);
        for row in &rows {
            let values = &sample.covariates[row.index * p..][..p];
            covariates.extend((0..p).map(|j| (values[j] - centers[j]) / scales[j]));
        }
        let n_times = times.len();
        let times = times.into_iter().map(|it| it.1).collect();
        Ok(Self {
            n_covariates: p,
            n_times,
            times,
            n_events,
            at_risk: rows,
            covariates,
            late,
            is_last,
            scales,
        })
    }

    pub(super) fn of(&self, row: usize) -> &[f64] {
        &self.covariates[row * self.n_covariates..][..self.n_covariates]
    }

    /// Coefficients per unit of the caller's covariates.
    pub(super) fn unscaled_coefficients(&self, coefficients: &[f64]) -> Vec<f64> {
        coefficients.iter().zip(&self.scales).map(|(it, scale)| it / scale).collect()
    }

    /// Their covariance.
    pub(super) fn unscaled(&self, covariance: &[f64]) -> Vec<Vec<f64>> {
        let row = |(row, scale): (&[f64], &f64)| {
            row.iter().zip(&self.scales).map(|(it, other)| it / (scale * other)).collect()
        };
        covariance.chunks(self.n_covariates).zip(&self.scales).map(row).collect()
    }
}

/// Counting sort; the key is at most `max`.
fn by_descending<T>(values: Vec<T>, max: usize, key: impl Fn(&T) -> usize) -> Vec<T> {
    let mut starts = vec![0_usize; max + 2];
    for value in &values {
        starts[max - key(value) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut places: Vec<usize> = (0..values.len()).collect();
    for (i, value) in values.iter().enumerate() {
        let start = &mut starts[max - key(value)];
        places[*start] = i;
        *start += 1;
    }
    let mut values: Vec<Option<T>> = values.into_iter().map(Some).collect();
    places.into_iter().filter_map(|it| values[it].take()).collect()
}

/// Mean and standard deviation of each covariate; a covariate without spread is collinear with the baseline.
fn moments(sample: &CoxSample<'_>, rows: &[Row]) -> Result<(Vec<f64>, Vec<f64>), CoxError> {
    let p = sample.n_covariates;
    let n = rows.len() as f64;
    let mut centers = Vec::with_capacity(p);
    let mut scales = Vec::with_capacity(p);
    for covariate in 0..p {
        let values = || rows.iter().map(|it| sample.covariates[it.index * p + covariate]);
        let center = values().map(|it| it / n).sum::<f64>();
        let scale = (values().map(|it| (it - center) * ((it - center) / n)).sum::<f64>()).sqrt();
        if !scale.is_finite() || scale <= 1e-12 * center.abs() {
            return Err(CoxError::Collinear { covariate });
        }
        centers.push(center);
        scales.push(scale);
    }
    Ok((centers, scales))
}
