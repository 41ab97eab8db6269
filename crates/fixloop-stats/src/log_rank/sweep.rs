//! One pass over the ages at which something ends.

use crate::{Causes, Observation};

use super::GroupedSample;

/// What accumulates over the event times, by position of the group.
pub(super) struct Sweep {
    pub(super) observed: Vec<f64>,
    pub(super) expected: Vec<f64>,
    pub(super) covariance: Vec<f64>,
    /// Contribution of each row to the second group's score.
    pub(super) scores: Vec<f64>,
    rho: f64,
    /// Pooled S(t-) of the stratum.
    survival: f64,
    /// Pooled weighted hazard, and the same times the second group's share at risk.
    hazard: f64,
    shared_hazard: f64,
    at_risk: Vec<f64>,
    /// Both hazards when each row came under risk.
    at_entry: Vec<(f64, f64)>,
}

struct Row {
    index: usize,
    group: usize,
    entry: f64,
    time: f64,
    is_event: bool,
}

impl Sweep {
    /// Takes the groups in ascending order.
    pub(super) fn run(
        sample: &GroupedSample<'_>,
        causes: Causes,
        rho: f64,
        groups: &[u32],
    ) -> Self {
        let (n, k) = (sample.observations.len(), groups.len());
        let mut sweep = Self {
            observed: vec![0.0; k],
            expected: vec![0.0; k],
            covariance: vec![0.0; k * k],
            scores: vec![0.0; n],
            rho,
            survival: 1.0,
            hazard: 0.0,
            shared_hazard: 0.0,
            at_risk: vec![0.0; k],
            at_entry: vec![(0.0, 0.0); n],
        };
        let stratum_of = |row: usize| sample.strata.map_or(0, |it| it[row]);
        let row = |index: usize| {
            let observation: &Observation = &sample.observations[index];
            let group = groups.partition_point(|&it| it < sample.groups[index]);
            let entry = observation.entry().unwrap_or(f64::NEG_INFINITY);
            let is_event = causes.holds(observation.outcome());
            Row { index, group, entry, time: observation.time(), is_event }
        };
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&it| stratum_of(it));
        for stratum in order.chunk_by(|&a, &b| stratum_of(a) == stratum_of(b)) {
            sweep.stratum(&stratum.iter().map(|&it| row(it)).collect::<Vec<_>>());
        }
        sweep
    }

    fn stratum(&mut self, rows: &[Row]) {
        self.survival = 1.0;
        self.at_risk.fill(0.0);
        let sorted = |key: fn(&Row) -> f64| {
            let mut keys: Vec<(f64, usize)> = rows.iter().map(key).zip(0..).collect();
            // Stable, so that equals stay in the order of the rows; with many of them it is also the faster sort.
            keys.sort_by(|a, b| a.0.total_cmp(&b.0));
            keys.into_iter().map(|(_, at)| &rows[at])
        };
        let mut entries = sorted(|it| it.entry).peekable();
        let exits: Vec<&Row> = sorted(|it| it.time).collect();
        for tied in exits.chunk_by(|a, b| b.time <= a.time) {
            while let Some(row) = entries.next_if(|it| it.entry < tied[0].time) {
                self.at_risk[row.group] += 1.0;
                self.at_entry[row.index] = (self.hazard, self.shared_hazard);
            }
            if tied.iter().any(|it| it.is_event) {
                self.event_time(tied);
            }
            for row in tied {
                self.at_risk[row.group] -= 1.0;
                let (hazard, shared) = self.at_entry[row.index];
                let since = self.shared_hazard - shared;
                self.scores[row.index] += since - z(row) * (self.hazard - hazard);
            }
        }
    }

    fn event_time(&mut self, tied: &[&Row]) {
        let k = self.at_risk.len();
        let n: f64 = self.at_risk.iter().sum();
        let d = tied.iter().filter(|it| it.is_event).count() as f64;
        let weight = if self.rho == 0.0 { 1.0 } else { self.survival.powf(self.rho) };
        let share = self.at_risk[1] / n;
        for row in tied.iter().filter(|it| it.is_event) {
            self.observed[row.group] += weight;
            self.scores[row.index] += weight * (z(row) - share);
        }
        self.hazard += weight * d / n;
        self.shared_hazard += weight * d / n * share;
        let spread = if n > 1.0 { weight * weight * d * (n - d) / (n - 1.0) } else { 0.0 };
        for g in 0..k {
            let of_g = self.at_risk[g] / n;
            self.expected[g] += weight * d * of_g;
            for h in 0..k {
                let same = if g == h { of_g } else { 0.0 };
                self.covariance[g * k + h] += spread * (same - of_g * self.at_risk[h] / n);
            }
        }
        self.survival *= (n - d) / n;
    }
}

/// 1 in the second group.
fn z(row: &Row) -> f64 {
    if row.group == 1 { 1.0 } else { 0.0 }
}
