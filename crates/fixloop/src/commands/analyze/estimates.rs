//! The estimates of one set of rows, as R's `survfit` has them: from the origin on, rows as independent.

use fixloop_readout::{COMPETING_CAUSE, FIXED_CAUSES, Row, observation};
use fixloop_stats::{
    AalenJohansen, Band, Causes, ClosedOnly, HorizonOutOfRange, KaplanMeier, Level, Observation,
    Quantile, RestrictedMean, Sample, Start, aalen_johansen_from, closed_only, kaplan_meier_from,
    quantile, restricted_mean,
};

use super::arms::{Compared, Comparison};

/// The event; what competes is censored where an estimator knows one event only.
pub(super) const EVENT: Causes = FIXED_CAUSES;

const QUANTILES: [f64; 3] = [0.25, 0.5, 0.75];

/// The ages that estimates are about.
pub(super) struct Points {
    /// Ascending.
    pub(super) times: Vec<f64>,
    pub(super) horizon: f64,
}

impl Points {
    pub(super) fn new(times: &[f64], horizon: f64) -> Self {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        times.dedup();
        Self { times, horizon }
    }
}

pub(super) struct Estimates {
    pub(super) points: Points,
    /// `None` if no row was ever at risk.
    pub(super) all: Option<GroupEstimates>,
    /// In the arms' order; empty without arms.
    pub(super) arms: Vec<(String, GroupEstimates)>,
    /// Of two arms or more.
    pub(super) comparison: Option<Comparison>,
}

/// Estimates of one set of rows.
pub(super) struct GroupEstimates {
    pub(super) n: usize,
    pub(super) n_events: usize,
    pub(super) n_competing: usize,
    /// Competing ends censor.
    pub(super) curve: KaplanMeier,
    /// Of that curve, with the share.
    pub(super) quantiles: Vec<(f64, Quantile)>,
    pub(super) restricted_mean: Result<RestrictedMean, HorizonOutOfRange>,
    pub(super) event: AalenJohansen,
    pub(super) competing: AalenJohansen,
    pub(super) closed: ClosedOnly,
}

/// What estimates need of the rows, so that these can be read out meanwhile.
pub(super) struct Estimated {
    observations: Vec<Observation>,
    compared: Compared,
}

impl Estimated {
    pub(super) fn of(rows: &[Row]) -> Self {
        let observations = rows.iter().filter_map(observation).collect();
        Self { observations, compared: Compared::of(rows) }
    }

    pub(super) fn estimates(self, points: Points) -> Estimates {
        let Self { observations, compared } = self;
        let horizon = points.horizon;
        let each = || {
            let arms = compared.arm_names.iter().zip(0..).filter_map(|(name, arm)| {
                Some((name.clone(), group(&compared.observations_of(arm), horizon)?))
            });
            (group(&observations, horizon), arms.collect())
        };
        let has_arms = compared.arm_names.len() >= 2;
        let ((all, arms), comparison) =
            rayon::join(each, || has_arms.then(|| compared.compare(horizon)));
        Estimates { points, all, arms, comparison }
    }
}

fn group(observations: &[Observation], horizon: f64) -> Option<GroupEstimates> {
    let sample = Sample::new(observations).ok()?;
    let event = aalen_johansen_from(&sample, EVENT, Start::Origin);
    let competing = aalen_johansen_from(&sample, COMPETING_CAUSE, Start::Origin);
    let n_events = sample.n_events(EVENT);
    let n_competing = sample.n_events(COMPETING_CAUSE);
    let curve = kaplan_meier_from(sample, EVENT, Start::Origin);
    let quantile = |p| (p, quantile(&curve, p, Band::LogLog, Level::P95));
    Some(GroupEstimates {
        n: observations.len(),
        n_events,
        n_competing,
        quantiles: QUANTILES.map(quantile).to_vec(),
        restricted_mean: restricted_mean(&curve, horizon),
        event,
        competing,
        closed: closed_only(observations, EVENT),
        curve,
    })
}
