//! The target of a key result, as people write it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::metric::{Metric, Unit};
use crate::words::{days, number};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// `-20%`: -0.2.
    Relative(f64),
    /// `-5d`.
    FewerDays(f64),
    /// `14d`.
    Days(f64),
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("target `{text}` is none of `-20%`, `-5d` and `14d`{}", if *.is_unsigned { ": a percentage needs its sign" } else { "" })]
pub struct InvalidTarget {
    text: String,
    is_unsigned: bool,
}

/// Why a target is no improvement of a baseline; a sentence of a check.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum TargetFault {
    #[error("it asks for no change")]
    NoChange,
    #[error("it is in the wrong direction: less is better")]
    WrongDirection,
    #[error("it is not above 0, which nothing reaches")]
    NotAboveZero,
    #[error("it is in days, and the metric is a share")]
    Unit,
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        // Texts copied from a document have the minus sign U+2212 and a blank before the unit.
        let plain = text.trim().replace('\u{2212}', "-");
        let invalid = |is_unsigned| InvalidTarget { text: text.to_owned(), is_unsigned };
        let has_sign = plain.starts_with(['-', '+']);
        let parse = |number: &str| {
            let is_plain = number.chars().all(|it| it.is_ascii_digit() || ".+-".contains(it));
            let value = number.parse::<f64>().ok().filter(|it| it.is_finite() && is_plain);
            value.ok_or_else(|| invalid(false))
        };
        if let Some(number) = plain.strip_suffix('%') {
            let value = parse(number.trim_end())?;
            return if has_sign { Ok(Self::Relative(value / 100.0)) } else { Err(invalid(true)) };
        }
        let number = ["days", "day", "d"].iter().find_map(|it| plain.strip_suffix(it));
        let value = parse(number.ok_or_else(|| invalid(false))?.trim_end())?;
        Ok(if has_sign { Self::FewerDays(value) } else { Self::Days(value) })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Relative(change) => {
                let sign = if change > 0.0 { "+" } else { "" };
                write!(f, "{sign}{} %", number(change * 100.0))
            }
            Self::FewerDays(change) => {
                let sign = if change > 0.0 { "+" } else { "" };
                write!(f, "{sign}{}", days(change))
            }
            Self::Days(value) => f.write_str(&days(value)),
        }
    }
}

impl Target {
    /// Where the metric is to be, from this baseline (positive) on.
    pub(crate) fn value(self, baseline: f64, metric: Metric) -> Result<f64, TargetFault> {
        if metric.unit() == Unit::Share && !matches!(self, Self::Relative(_)) {
            return Err(TargetFault::Unit);
        }
        let value = match self {
            Self::Relative(change) => baseline * (1.0 + change),
            Self::FewerDays(change) => baseline + change,
            Self::Days(value) => value,
        };
        if value <= 0.0 {
            Err(TargetFault::NotAboveZero)
        } else if value.total_cmp(&baseline).is_eq() {
            Err(TargetFault::NoChange)
        } else if value > baseline {
            Err(TargetFault::WrongDirection)
        } else {
            Ok(value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_as_people_write_them() {
        for (text, expected) in [
            ("-20%", Target::Relative(-0.2)),
            ("\u{2212}20 %", Target::Relative(-0.2)),
            ("+20%", Target::Relative(0.2)),
            (" -12.5% ", Target::Relative(-0.125)),
            ("-5d", Target::FewerDays(-5.0)),
            ("14d", Target::Days(14.0)),
            ("14 days", Target::Days(14.0)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "%", "-", "d", "faster", "-20", "nan%", "-inf%", "-20%%", "--20%", "1e3d"]
        {
            let error = Target::from_str(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("target `{text}` is none of `-20%`, `-5d` and `14d`")
            );
        }
        let error = Target::from_str("20%").unwrap_err().to_string();
        assert!(error.ends_with(": a percentage needs its sign"), "{error}");
    }

    #[test]
    fn a_target_is_less_than_the_baseline_and_more_than_nothing() {
        use TargetFault::{NoChange, NotAboveZero, Unit, WrongDirection};
        #[track_caller]
        fn check(text: &str, metric: Metric, expected: Result<f64, TargetFault>) {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.value(40.0, metric), expected, "{text}");
        }
        check("-20%", Metric::TimeToFix, Ok(32.0));
        check("-5d", Metric::TimeToFix, Ok(35.0));
        check("14d", Metric::TimeToFix, Ok(14.0));
        check("+20%", Metric::TimeToFix, Err(WrongDirection));
        check("50d", Metric::TimeToFix, Err(WrongDirection));
        check("-0%", Metric::TimeToFix, Err(NoChange));
        check("40d", Metric::TimeToFix, Err(NoChange));
        check("-100%", Metric::TimeToFix, Err(NotAboveZero));
        check("-41d", Metric::TimeToFix, Err(NotAboveZero));
        check("0d", Metric::TimeToFix, Err(NotAboveZero));
        check("14d", Metric::Unfixed14, Err(Unit));
    }
}
