//! Survival analysis, tests, intervals and sizes on plain numbers. Knows nothing of security; no input or output, no clock.

#![warn(clippy::missing_errors_doc)]

mod aalen_johansen;
mod closed_only;
mod clusters;
mod interval;
mod kaplan_meier;
mod multi_state;
mod observation;
mod period;
mod quantile;
mod restricted_mean;
mod sample;

pub use aalen_johansen::{
    AalenJohansen, Incidence, IncidenceStep, aalen_johansen, aalen_johansen_from,
};
pub use closed_only::{ClosedOnly, closed_only};
pub use clusters::{
    Bootstrap, Jackknife, ResamplingError, bootstrap, jackknife, jackknife_stratified,
};
pub use interval::{Interval, InvalidLevel, Level};
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
