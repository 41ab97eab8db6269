//! The one place that asks which day it is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Today in UTC, so that a scan says the same wherever it runs.
pub(crate) fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}
