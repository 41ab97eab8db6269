//! Instants, durations and shares as people read them.

use fixloop_program::record::{Basis, KeyResult, Measurement};
use fixloop_program::{days, number, percent};
use jiff::Timestamp;

use crate::visible::visible;

pub(super) fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// `35 minutes`, `7.5 hours`, `12 days`.
pub(super) fn duration(hours: f64) -> String {
    let counted = |value: f64, one: &str, many: &str| {
        let number = number(value);
        let noun = if number == "1" { one } else { many };
        format!("{number} {noun}")
    };
    if !hours.is_finite() {
        return crate::readout::words::CANNOT_TELL.to_owned();
    }
    if hours < 1.0 {
        let minutes = (hours * 60.0).round();
        let is_any = minutes >= 1.0;
        return if is_any {
            counted(minutes, "minute", "minutes")
        } else {
            "under a minute".to_owned()
        };
    }
    if hours < 48.0 {
        counted(hours, "hour", "hours")
    } else {
        counted(hours / 24.0, "day", "days")
    }
}

pub(super) fn seen(text: &str) -> String {
    visible(text).into_owned()
}

/// `smart_checked` as two words.
pub(super) fn state(word: &str) -> String {
    word.replace('_', " ")
}

/// A value in the unit of its key result.
pub(super) fn value(value: Option<f64>, unit: &str) -> String {
    match value {
        Some(it) if unit == "share" => percent(it),
        Some(it) if unit == "days" => days(it),
        Some(it) => format!("{} {}", number(it), visible(unit)),
        None => crate::readout::words::CANNOT_TELL.to_owned(),
    }
}

pub(super) fn interval(it: Option<(f64, f64)>, unit: &str) -> String {
    match it {
        Some((from, to)) if unit == "share" => format!("{} to {}", percent(from), percent(to)),
        Some((from, to)) => format!("{} to {}", number(from), number(to)),
        None => "no interval".to_owned(),
    }
}

pub(super) fn with_interval(at: Option<f64>, limits: Option<(f64, f64)>, unit: &str) -> String {
    format!("{} ({})", value(at, unit), interval(limits, unit))
}

/// In the words of science: likely, toss-up, unlikely.
pub(super) fn probability(it: Option<f64>) -> String {
    match it {
        None => crate::readout::words::CANNOT_TELL.to_owned(),
        Some(it) => {
            let word = match it {
                it if it > 0.8 => "likely",
                it if it < 0.2 => "unlikely",
                _ => "toss-up",
            };
            format!("{word} ({})", percent(it))
        }
    }
}

pub(super) fn basis(it: &Basis) -> String {
    let document = it
        .document
        .as_deref()
        .map_or_else(String::new, |it| format!(", document {}", short_hash(it)));
    format!(
        "{}, data until {}, question {}{document}",
        visible(&it.method),
        when(it.cut),
        short_hash(&it.query_hash)
    )
}

/// Enough of a digest to find it.
pub(super) fn short_hash(it: &str) -> String {
    let short: String = visible(it).chars().take(12).collect();
    if short.is_empty() { "none".to_owned() } else { short }
}

/// Where a key result stands, in a sentence; never worse than the band says.
pub(super) fn progress(it: &KeyResult) -> String {
    let Some(last) = it.measurements.last() else {
        return "Not measured yet.".to_owned();
    };
    let Measurement { cut, value: at, interval, band, .. } = last;
    let unit = &it.plan.unit;
    let says = match &**band {
        "ahead" => "Ahead.".to_owned(),
        "behind" => "Behind.".to_owned(),
        "cannot tell yet" => "Cannot tell yet.".to_owned(),
        "mix changed" => "The mix changed: neither progress nor the opposite.".to_owned(),
        other => format!("{}.", visible(other)),
    };
    format!("{says} {} on {}.", with_interval(*at, *interval, unit), day(*cut))
}
