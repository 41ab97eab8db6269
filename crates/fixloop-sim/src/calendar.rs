//! Days are counted from day 0, the first after the past; instants are days with a fraction. All is UTC.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, tz::Offset};

/// Offices are open from nine to six.
const OPENS: f64 = 9.0 / 24.0;
const OPEN_SHARE: f64 = 9.0 / 24.0;

/// When developers look into their manifests.
pub(crate) const LOOKS: f64 = 8.5 / 24.0;

#[derive(Clone, Copy)]
pub(crate) struct Calendar {
    start: Timestamp,
    /// Of day 0, from Monday.
    weekday: i32,
}

impl Calendar {
    pub(crate) fn new(start: Date) -> Self {
        let midnight = Offset::UTC.to_timestamp(start.at(0, 0, 0, 0));
        Self {
            start: midnight.expect("a day of the calendar with years of four digits"),
            weekday: i32::from(start.weekday().since(Weekday::Monday)),
        }
    }

    /// To whole seconds.
    pub(crate) fn at(self, instant: f64) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "days of some years")]
        let seconds = (instant * 86_400.0).floor() as i64;
        Timestamp::from_second(self.start.as_second() + seconds).expect("days of some years")
    }

    pub(crate) fn date(self, day: i32) -> Date {
        Offset::UTC.to_datetime(self.at(f64::from(day))).date()
    }

    pub(crate) fn is_weekend(self, day: i32) -> bool {
        (self.weekday + day).rem_euclid(7) >= 5
    }
}

/// When during a day's office hours something happens whose place within the day is this fraction.
pub(crate) fn office_time(day: i32, fraction: f64) -> f64 {
    f64::from(day) + OPENS + OPEN_SHARE * fraction
}
