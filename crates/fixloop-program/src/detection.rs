//! From when on a change between the baseline and a later window would probably be found.
//!
//! The variance of the logarithm of their ratio is assumed to be `row (1 + D/d) + team`: `row` is the baseline's as if rows were
//! independent, `D` its fixes and `d` those of the later window, at the rate of the baseline's last year. `team` is what teams add to it
//! (jackknife by team minus `row`). It counts once and not twice, as if half of it stayed with the same team in both windows, and no
//! longer wait makes it smaller. This is a comparison before and after: a change that is found may have another cause.

use fixloop_readout::LogSpread;
use fixloop_stats::size::{ErrorRates, minimum_detectable_difference};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::metric::Metric;
use crate::population::Population;

/// How far ahead is looked, in weeks: three years.
const MAX_WEEKS: i32 = 156;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Relative change (0.3 is 30 % less) found with 80 % power at the deadline; `None` if nothing would be fixed until then.
    pub at_deadline: Option<f64>,
    /// The same however long one waits.
    pub at_last: f64,
    /// The first day on which the wanted change is; `None` if not within three years.
    pub from: Option<Date>,
    pub is_by_deadline: bool,
}

/// Another population or metric by which the same relative change is detectable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alternative {
    pub metric: Metric,
    pub population: Population,
    pub from: Date,
}

/// What the later window is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    pub(crate) fixes_a_day: f64,
    pub(crate) start: Date,
    pub(crate) end: Date,
    /// Logarithm of baseline by target: positive.
    pub(crate) wanted: f64,
}

/// `None` if how teams differ is not known: then nothing can be told.
pub(crate) fn detection(spread: &LogSpread, ahead: Ahead) -> Option<Detection> {
    let (by_team, df) = spread.by_team?;
    let row = spread.by_row * spread.by_row;
    let team = (by_team * by_team - row).max(0.0);
    let smallest = |later: f64| {
        let std_error = (row * (1.0 + later) + team).sqrt();
        minimum_detectable_difference(std_error, df as f64, ErrorRates::USUAL).ok()
    };
    let after = |days: f64| {
        let n_later = ahead.fixes_a_day * days;
        if n_later < 1.0 { None } else { smallest(spread.n_fixed as f64 / n_later) }
    };
    let from = (1..=MAX_WEEKS)
        .find(|week| after(f64::from(*week) * 7.0).is_some_and(|it| it <= ahead.wanted));
    let at_deadline = after(f64::from((ahead.end - ahead.start).get_days()));
    let relative = |difference: f64| 1.0 - (-difference).exp();
    Some(Detection {
        at_deadline: at_deadline.map(relative),
        at_last: relative(smallest(0.0)?),
        from: from.and_then(|it| ahead.start.checked_add(it.weeks()).ok()),
        is_by_deadline: at_deadline.is_some_and(|it| it <= ahead.wanted),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const AHEAD: Ahead = Ahead {
        fixes_a_day: 2.0,
        start: date(2026, 1, 1),
        end: date(2026, 4, 1),
        // -20 %.
        wanted: 0.223_143_551_314_209_76,
    };

    fn spread(by_row: f64, by_team: f64, df: usize) -> LogSpread {
        LogSpread { value: 40.0, n_fixed: 730, by_row, by_team: Some((by_team, df)) }
    }

    #[test]
    fn by_hand() {
        // 20 degrees of freedom: t is 2.085963 + 0.859964. At the deadline 180 fixes come after 730.
        let it = detection(&spread(0.02, 0.05, 20), AHEAD).unwrap();
        let row = 0.02_f64.powi(2);
        let expected = 2.945_927 * (row * (1.0 + 730.0 / 180.0) + 0.05_f64.powi(2) - row).sqrt();
        let found = -(1.0 - it.at_deadline.unwrap()).ln();
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        assert!(it.is_by_deadline);
        assert!(it.from.unwrap() < AHEAD.end);
    }

    #[test]
    fn waiting_helps_only_against_what_rows_add() {
        let it = detection(&spread(0.04, 0.04, 20), AHEAD).unwrap();
        assert!(!it.is_by_deadline);
        let from = it.from.unwrap();
        assert!(from > AHEAD.end, "{from}");
        let teams = detection(&spread(0.02, 0.2, 20), AHEAD).unwrap();
        assert_eq!(teams.from, None);
        assert!(teams.at_last > 0.2 && teams.at_last < teams.at_deadline.unwrap());
    }

    #[test]
    fn unknown_teams_and_no_fixes_tell_nothing() {
        let one = LogSpread { by_team: None, ..spread(0.02, 0.05, 1) };
        assert_eq!(detection(&one, AHEAD), None);
        let none = detection(&spread(0.02, 0.05, 20), Ahead { fixes_a_day: 0.0, ..AHEAD }).unwrap();
        assert_eq!((none.at_deadline, none.from, none.is_by_deadline), (None, None, false));
    }
}
