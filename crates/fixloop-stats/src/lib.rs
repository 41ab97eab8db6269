//! Survival analysis, tests, intervals and sizes on plain numbers. Knows nothing of security; no input or output, no clock.

#![warn(clippy::missing_errors_doc)]

mod aalen_johansen;
mod bisect;
mod chi_square;
mod cholesky;
mod closed_only;
mod cluster_counts;
pub mod cluster_robust;
mod clusters;
pub mod confidence_sequence;
pub mod cox;
pub mod difference_in_differences;
pub mod e_log_rank;
pub mod e_normal;
mod eigen;
pub mod fisher;
pub mod forecast;
pub mod gray;
pub mod group_sequential;
pub mod guardrail;
mod hypergeometric;
mod interval;
pub mod intraclass;
mod kaplan_meier;
mod least_squares;
pub mod log_rank;
pub mod martingale;
mod multi_state;
pub mod multiplicity;
mod noncentral_t;
mod observation;
mod period;
pub mod proportion;
mod quantile;
pub mod randomization;
mod restricted_mean;
mod sample;
pub mod sample_ratio;
pub mod size;
pub mod team_counts;
pub mod team_means;
pub mod team_score;
pub mod turnbull;

pub use aalen_johansen::{AalenJohansen, IncidenceStep, aalen_johansen, aalen_johansen_from};
pub use chi_square::ChiSquareTest;
pub use closed_only::{ClosedOnly, closed_only};
pub use cluster_counts::ClusterCounts;
pub use clusters::{
    Bootstrap, Jackknife, ResamplingError, bootstrap, jackknife, jackknife_stratified,
};
pub use interval::{Interval, InvalidLevel, Level, p_normal, p_student};
pub use kaplan_meier::{
    Band, GuardedError, KaplanMeier, Step, TooFewAtRisk, guarded_start, kaplan_meier,
    kaplan_meier_from, kaplan_meier_guarded,
};
pub use multi_state::{InvalidTransitions, StageOccupancy, Transition, stage_occupancy};
pub use observation::{Causes, InvalidObservation, Observation, Outcome};
pub use period::{InvalidPeriod, Period, Span, Window, period};
pub use quantile::{Quantile, quantile};
pub use restricted_mean::{
    HorizonOutOfRange, RestrictedMean, RestrictedMeanDifference, restricted_mean,
    restricted_mean_difference,
};
pub use sample::{EmptySample, Sample, Start};

#[cfg(test)]
mod tests;
