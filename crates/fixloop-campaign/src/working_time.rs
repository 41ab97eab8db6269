//! Time that passes on working days only: Monday to Friday, UTC.
//!
//! Nearly nobody fixes anything on a weekend. Counted through, a campaign's curve would see its targets stall every Saturday, and a rate that
//! was learned by Friday evening would promise them for Sunday.

use crate::DAY;

/// Working days of a week, and all of them.
const WORKED: i64 = 5;
const WEEK: i64 = 7;
/// 1970-01-01 was a Thursday.
const FIRST: i64 = 3;

/// From one moment to another, in working days; negative backwards.
pub(crate) fn working_days(from: i64, to: i64) -> f64 {
    passed(to).saturating_sub(passed(from)) as f64 / DAY as f64
}

/// The first moment at which so many working days have passed; the moment itself for none.
pub(crate) fn after(from: i64, working_days: f64) -> i64 {
    if working_days <= 0.0 {
        return from;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float's cast saturates")]
    let wanted = passed(from).saturating_add((working_days * DAY as f64) as i64);
    let week = wanted.div_euclid(WORKED * DAY);
    let rest = wanted.rem_euclid(WORKED * DAY);
    // What ends with a week ends on Friday.
    let (week, rest) = if rest == 0 { (week - 1, WORKED * DAY) } else { (week, rest) };
    (week * WEEK - FIRST).saturating_mul(DAY).saturating_add(rest)
}

/// Working time from a Monday before 1970 on.
fn passed(at: i64) -> i64 {
    let day = at.div_euclid(DAY) + FIRST;
    let (week, weekday) = (day.div_euclid(WEEK), day.rem_euclid(WEEK));
    let today = if weekday < WORKED { at.rem_euclid(DAY) } else { 0 };
    (week * WORKED + weekday.min(WORKED)) * DAY + today
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn weekends_do_not_count() {
        let check = |from: &str, to: &str, expected: f64| {
            let found = working_days(at(from), at(to));
            assert!((found - expected).abs() < 1e-9, "{from} {to}: {found}");
        };
        check("2027-03-01T09:00:00Z", "2027-03-02T21:00:00Z", 1.5);
        check("2027-03-05T12:00:00Z", "2027-03-08T12:00:00Z", 1.0);
        check("2027-03-06T00:00:00Z", "2027-03-07T23:00:00Z", 0.0);
        check("2027-03-06T13:00:00Z", "2027-03-08T06:00:00Z", 0.25);
        check("2027-03-01T00:00:00Z", "2027-03-29T00:00:00Z", 20.0);
        check("2027-03-08T12:00:00Z", "2027-03-05T12:00:00Z", -1.0);
        check("1969-12-26T12:00:00Z", "1970-01-01T12:00:00Z", 4.0);
    }

    #[test]
    fn a_moment_after_working_days_is_on_one() {
        let check = |from: &str, days: f64, expected: &str| {
            assert_eq!(after(at(from), days), at(expected), "{from} {days}");
        };
        check("2027-03-05T12:00:00Z", 0.25, "2027-03-05T18:00:00Z");
        check("2027-03-05T12:00:00Z", 0.5, "2027-03-06T00:00:00Z");
        check("2027-03-05T12:00:00Z", 1.0, "2027-03-08T12:00:00Z");
        check("2027-03-06T12:00:00Z", 0.0, "2027-03-06T12:00:00Z");
        check("2027-03-06T12:00:00Z", 1.0, "2027-03-09T00:00:00Z");
    }

    proptest! {
        #[test]
        fn there_and_back(from in -4_000_000 * DAY..4_000_000 * DAY, days in 0.0..5000.0) {
            let found = working_days(from, after(from, days));
            prop_assert!((found - days).abs() < 1e-9, "{found} {days}");
        }
    }
}
