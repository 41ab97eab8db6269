//! Numbers as people read them.

use jiff::civil::Date;
use jiff::tz::Offset;

use fixloop_model::Timestamp;

/// One decimal at most; none from 100 on, where a tenth says nothing.
pub fn number(value: f64) -> String {
    let text = if value.abs() < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

pub fn days(value: f64) -> String {
    let number = number(value);
    let noun = if number == "1" { "day" } else { "days" };
    format!("{number} {noun}")
}

/// A share in percent.
pub fn percent(share: f64) -> String {
    format!("{} %", number(share * 100.0))
}

/// `1 team`, `2 teams`.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The day in UTC.
pub(crate) fn date(time: Timestamp) -> Date {
    let time = jiff::Timestamp::from_microsecond(time.0).unwrap_or_default();
    Offset::UTC.to_datetime(time).date()
}

/// Midnight at the start of a day in UTC; that of 1970 for days that no timestamp can hold.
pub(crate) fn midnight(date: Date) -> Timestamp {
    let time = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or_default();
    Timestamp(time.as_microsecond())
}

pub(crate) fn days_between(from: Date, until: Date) -> i64 {
    i64::from((until - from).get_days())
}
