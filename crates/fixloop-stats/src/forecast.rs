//! How many of the open will be closed by a date: "all fixed by the disclosure date".
//!
//! What the curve of the past says of each, the distribution of their number, the same with teams that differ and a curve that is not
//! known exactly, and how good forecasts have been.

mod back_test;
mod by_team;
mod curve;
mod gamma;
mod last;
mod poisson_binomial;

use thiserror::Error;

pub use back_test::{
    BackTestError, Brier, CountForecast, Coverage, ProbabilityForecast, brier_score,
    interval_coverage,
};
pub use by_team::{
    History, OpenItem, Simulation, Spread, TeamForecast, forecast_by_team, frailty_variance,
};
pub use curve::{BeyondSupport, Closing, ClosingCurve};
pub use last::{LastForecast, PressedItem, PressedPast, forecast_last, frailty_variance_or_usual};
pub use poisson_binomial::{MAX_ITEMS, PoissonBinomial, PoissonBinomialError};

/// Why nothing can be forecast.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum ForecastError {
    #[error("{labels} labels for {observations} observations")]
    Lengths { observations: usize, labels: usize },
    #[error("nothing was closed while at least {} were at risk", curve::MIN_AT_RISK)]
    NoSupport,
    #[error("with delayed entry, too few are at any age at risk for a curve to start")]
    NoStart,
    #[error("age `{age}` or horizon `{horizon}` is not a finite number of at least 0")]
    Age { age: f64, horizon: f64 },
    #[error("age `{age}` is before the curve starts at `{start}`")]
    BeforeStart { age: f64, start: f64 },
    #[error("frailty variance `{0}` is not a finite number of at least 0")]
    FrailtyVariance(f64),
    #[error("no draw was asked for")]
    NoDraw,
    #[error("`{0}` teams say nothing of their variation")]
    TooFewTeams(usize),
    #[error("of `{n_draws}` draws of teams, `{n_defined}` give a curve")]
    UndefinedDraws { n_defined: usize, n_draws: usize },
}

#[cfg(test)]
mod tests;
