//! The one place that asks which day it is, and what time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Today in UTC, so that a scan says the same wherever it runs.
pub(crate) fn today() -> Date {
    Offset::UTC.to_datetime(now()).date()
}

/// To the second: what is recorded is not more exact than that.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
