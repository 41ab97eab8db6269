//! The one place that asks which day it is, and what time. `FIXLOOP_NOW` sets it, for stories and tests; what is written then says so.

use std::env;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use thiserror::Error;

const NOW: &str = "FIXLOOP_NOW";

#[derive(Debug, Error)]
#[error("`{0}` in the environment variable `{NOW}` is no time such as `2026-11-28T12:00:00Z`")]
pub(crate) struct NoTime(String);

/// Asked once, before anything else: after that no command has to deal with a clock that cannot be read.
pub(crate) fn check() -> Result<(), NoTime> {
    match env::var_os(NOW) {
        Some(value) if set().is_none() => Err(NoTime(value.to_string_lossy().into_owned())),
        _ => Ok(()),
    }
}

/// The time that was set by hand.
fn set() -> Option<Timestamp> {
    env::var(NOW).ok()?.parse().ok()
}

pub(crate) fn is_set() -> bool {
    env::var_os(NOW).is_some()
}

/// Today in UTC, so that a scan says the same wherever it runs.
pub(crate) fn today() -> Date {
    Offset::UTC.to_datetime(now()).date()
}

/// To the second: what is recorded is not more exact than that.
pub(crate) fn now() -> Timestamp {
    let now = exact_now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

pub(crate) fn exact_now() -> Timestamp {
    set().unwrap_or_else(Timestamp::now)
}
