//! Calendar months (UTC) and the open days in each.

use fixloop_model::{Ending, Timestamp};
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::readout::{Month, Row};

const MICROSECONDS_A_DAY: f64 = 86_400e6;

/// Months that are told, the newest: ten years.
const MAX_MONTHS: usize = 120;

/// Days since 1970, with the part of the day.
pub(crate) fn day_number(time: Timestamp) -> f64 {
    time.0 as f64 / MICROSECONDS_A_DAY
}

/// Year and month (0 to 11) of a day number; that of 1970 for days outside the calendar.
fn civil(day: f64) -> (i64, i64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and is then outside the calendar"
    )]
    let second = (day * 86_400.0).floor() as i64;
    let time = jiff::Timestamp::from_second(second);
    let date = Offset::UTC.to_datetime(time.unwrap_or_default()).date();
    (i64::from(date.year()), i64::from(date.month()) - 1)
}

/// The day number of the first of a month; months may run over 11.
fn first_of(year: i64, month: i64) -> f64 {
    let (year, month) = (year + month.div_euclid(12), month.rem_euclid(12) + 1);
    let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
    let first = first.and_then(|(year, month)| Date::new(year, month, 1).ok());
    let time = first.and_then(|it| Offset::UTC.to_timestamp(it.at(0, 0, 0, 0)).ok());
    time.unwrap_or_default().as_second() as f64 / 86_400.0
}

/// Firsts of the months from the quarter of `first` to the quarter after `last`, both day numbers.
pub(crate) fn month_starts(first: f64, last: f64) -> Vec<f64> {
    let (year, month) = civil(first);
    let (from, mut n) = (month - month.rem_euclid(3), 0);
    let mut starts = Vec::new();
    loop {
        let start = first_of(year, from + n);
        starts.push(start);
        n += 1;
        if start > last && (from + n - 1).rem_euclid(3) == 0 {
            return starts;
        }
    }
}

/// `2024 Q3` of a day number.
pub(crate) fn quarter_name(day: f64) -> String {
    let (year, month) = civil(day);
    format!("{year} Q{}", month / 3 + 1)
}

/// Open days of each month, from the first start to the cut.
pub(crate) fn months(
    rows: &[Row],
    target_times: &[(Timestamp, Timestamp)],
    cut: Option<Timestamp>,
) -> Vec<Month> {
    let Some(cut) = cut.map(day_number) else { return Vec::new() };
    let rows: Vec<(&Row, f64)> = rows
        .iter()
        .filter(|it| it.outcome != Ending::Withdrawn)
        .filter_map(|it| Some((it, day_number(it.start?))))
        .collect();
    let Some(first) = rows.iter().map(|it| it.1).min_by(f64::total_cmp) else { return Vec::new() };
    let (year, month) = civil(first);
    let mut months = Vec::new();
    for n in 0.. {
        let (from, until) = (first_of(year, month + n), first_of(year, month + n + 1).min(cut));
        if from >= cut {
            break;
        }
        let is_inside = |day: f64| from <= day && day < until;
        let overlap = |(row, start): &(&Row, f64)| {
            (until.min(start + row.time_days) - from.max(*start)).max(0.0)
        };
        let is_fixed = |it: &Row| matches!(it.outcome, Ending::Upgraded | Ending::Removed);
        let exposure_days: f64 = rows.iter().map(overlap).sum();
        let n_targets = target_times
            .iter()
            .filter(|(first, last)| day_number(*first) < until && day_number(*last) >= from)
            .count();
        let (of_year, of_month) = civil(from);
        months.push(Month {
            month: format!("{of_year}-{:02}", of_month + 1),
            exposure_days,
            n_targets,
            per_100_targets: (n_targets > 0).then(|| exposure_days / n_targets as f64 * 100.0),
            n_started: rows.iter().filter(|(_, start)| is_inside(*start)).count(),
            n_fixed: rows
                .iter()
                .filter(|(row, start)| is_fixed(row) && is_inside(start + row.time_days))
                .count(),
        });
    }
    let n_old = months.len().saturating_sub(MAX_MONTHS);
    months.split_off(n_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_the_calendar() {
        for (day, expected) in
            [(0.0, (1970, 0)), (59.0, (1970, 2)), (19_782.5, (2024, 1)), (-1.0, (1969, 11))]
        {
            assert_eq!(civil(day), expected, "{day}");
        }
        for (year, month, day) in
            [(1970, 0, 0.0), (2024, 1, 19_754.0), (2024, 2, 19_783.0), (2023, 14, 19_783.0)]
        {
            assert!((first_of(year, month) - day).abs() < 1e-9, "{year} {month}");
        }
        for day in -1000..40_000 {
            let (year, month) = civil(f64::from(day));
            let first = first_of(year, month);
            assert!(first <= f64::from(day) && f64::from(day) < first_of(year, month + 1), "{day}");
        }
        assert_eq!(quarter_name(19_783.0), "2024 Q1");
    }

    #[test]
    fn quarters_begin_with_a_quarter_and_pass_the_last_day() {
        let starts = month_starts(19_782.0, 19_900.0);
        assert_eq!(quarter_name(starts[0]), "2024 Q1");
        assert_eq!(civil(starts[0]), (2024, 0));
        assert_eq!(starts.len() % 3, 1);
        assert!(*starts.last().unwrap() > 19_900.0);
    }
}
