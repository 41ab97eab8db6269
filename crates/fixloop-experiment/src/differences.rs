//! What a time ratio means in days and points: differences of curves with errors by team.

use std::collections::BTreeMap;

use fixloop_stats::{
    Causes, ClusterCounts, Jackknife, Observation, Sample, Start, aalen_johansen_from,
    jackknife_stratified, kaplan_meier_from, restricted_mean,
};

use crate::table::{Arm, FIXED, Table};

/// More teams of an arm than this are put together, which keeps the jackknife valid (delete-a-group).
const MAX_CLUSTERS: usize = 200;

/// Treated minus control; each `None` where a curve does not reach the horizon or an arm has one team.
#[derive(Clone, Debug, PartialEq)]
pub struct Differences {
    /// Up to which age, in days.
    pub horizon: f64,
    /// Mean days open, of both arms.
    pub means: Option<[f64; 2]>,
    pub mean: Option<Jackknife>,
    /// Shares fixed by the horizon, of both arms.
    pub shares: Option<[f64; 2]>,
    pub share: Option<Jackknife>,
    /// Shares closed otherwise (dismissed) by the horizon.
    pub dismissed: Option<[f64; 2]>,
    pub dismissal: Option<Jackknife>,
}

/// One arm's sample with its estimates, whole and without each cluster.
struct ArmSample {
    sample: Sample,
    counts: ClusterCounts,
    n_clusters: usize,
}

/// An estimate of an arm, and the same without each of its clusters.
type Replicated = Option<(f64, Vec<Option<f64>>)>;

/// The differences at `horizon` days.
pub fn differences(table: &Table, horizon: f64) -> Differences {
    let is_shared = table.arms_of_teams().is_err();
    let arms = [Arm::Control, Arm::Treated].map(|it| ArmSample::of(table, it, is_shared));
    let compare =
        |estimate: &dyn Fn(&ArmSample) -> Replicated| -> (Option<[f64; 2]>, Option<Jackknife>) {
            let [Some(control), Some(treated)] = &arms else { return (None, None) };
            let (Some(a), Some(b)) = (estimate(control), estimate(treated)) else {
                return (None, None);
            };
            // A team with findings in both arms is left out of both.
            let strata = if is_shared {
                vec![0; control.n_clusters]
            } else {
                [vec![0; control.n_clusters], vec![1; treated.n_clusters]].concat()
            };
            let statistic = |excluded: Option<usize>| match excluded {
                None => Some(b.0 - a.0),
                Some(cluster) if is_shared => Some(b.1[cluster]? - a.1[cluster]?),
                Some(cluster) if cluster < control.n_clusters => Some(b.0 - a.1[cluster]?),
                Some(cluster) => Some(b.1[cluster - control.n_clusters]? - a.0),
            };
            (Some([a.0, b.0]), jackknife_stratified(&strata, statistic).ok())
        };
    let (means, mean) = compare(&|it| it.mean_open(horizon));
    let (shares, share) = compare(&|it| it.share(FIXED, horizon));
    let (dismissed, dismissal) = compare(&|it| it.share(Causes::Set(!0b11), horizon));
    Differences { horizon, means, mean, shares, share, dismissed, dismissal }
}

impl ArmSample {
    fn of(table: &Table, arm: Arm, is_shared: bool) -> Option<Self> {
        let findings = || table.during().filter(|it| it.arm == arm);
        let observations: Vec<Observation> = findings().map(|it| it.observation).collect();
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        for it in table.during().filter(|it| is_shared || it.arm == arm) {
            let next = places.len() % MAX_CLUSTERS;
            places.entry(it.team).or_insert(next);
        }
        let clusters: Vec<usize> = findings().map(|it| places[&it.team]).collect();
        let n_clusters = places.len().min(MAX_CLUSTERS);
        let sample = Sample::new(&observations).ok()?;
        let counts = ClusterCounts::new(&sample, n_clusters, |row| clusters[row]);
        Some(Self { sample, counts, n_clusters })
    }

    fn mean_open(&self, horizon: f64) -> Replicated {
        let curve = kaplan_meier_from(self.sample.clone(), Causes::Any, Start::Origin);
        let mean = restricted_mean(&curve, horizon).ok()?.mean;
        let without =
            self.counts.restricted_means_without_each(Causes::Any, Start::Origin, horizon);
        Some((mean, without))
    }

    fn share(&self, causes: Causes, horizon: f64) -> Replicated {
        let share = aalen_johansen_from(&self.sample, causes, Start::Origin).at(horizon)?.share;
        let without = self.counts.shares_without_each(causes, Start::Origin, &[horizon]);
        Some((share, without.into_iter().map(|it| it.first().copied().flatten()).collect()))
    }
}
