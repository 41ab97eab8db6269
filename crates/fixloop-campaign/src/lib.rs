//! Campaigns against a date: states of targets, burn-down and the forecast of the last fix.
//!
//! A target is a lockfile, a manifest or a file of build configuration of one repository. All times are microseconds since 1970, UTC, and no
//! function asks a clock.

mod back_test;
mod burn_down;
mod components;
mod forecast;
mod target;
mod working_time;

pub use back_test::{BackTest, Check, Said, back_test};
pub use burn_down::{Counts, Point, burn_down};
pub use components::{
    ComponentIndex, Held, IndexFault, Indexed, IndexedRepository, IndexedTarget, Origin,
};
pub use forecast::{
    Forecast, Independent, Input, LastTarget, Learned, NoForecast, OpenTarget, PastFix, Quantiles,
    forecast, independent,
};
pub use target::{Answer, Seen, Target, TargetState, follow};

/// Microseconds.
pub(crate) const DAY: i64 = 86_400_000_000;

/// From one moment to another, in days.
pub(crate) fn days(from: i64, to: i64) -> f64 {
    to.saturating_sub(from) as f64 / DAY as f64
}
