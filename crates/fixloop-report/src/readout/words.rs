//! Numbers and verdict-like sentences in words, the same in text and in HTML.

use fixloop_model::Rating;
use fixloop_readout::{Definition, Estimate, Group, Quantile, Row, Share};

pub(crate) const CANNOT_TELL: &str = "cannot tell";
pub(super) const NOT_REACHED: &str = "not reached";

/// At most one decimal; none from 100 days on, where a tenth says nothing.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return CANNOT_TELL.to_owned();
    }
    let text =
        if value.abs() < 99.95 { format!("{value:.1}") } else { grouped(&format!("{value:.0}")) };
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// `12,345`: commas between thousands.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn count(n: usize) -> String {
    grouped(&n.to_string())
}

/// `1 team`, `2 teams`.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

pub(crate) fn days(value: f64) -> String {
    let number = number(value);
    let noun = if number == "1" { "day" } else { "days" };
    format!("{number} {noun}")
}

/// A share in percent; a decimal only where more than 1,000 rows carry it.
pub(super) fn percent(share: f64, n_rows: usize) -> String {
    if !share.is_finite() {
        return CANNOT_TELL.to_owned();
    }
    format!("{} %", percent_number(share, n_rows))
}

fn percent_number(share: f64, n_rows: usize) -> String {
    let decimals = usize::from(n_rows > 1_000);
    format!("{:.decimals$}", share * 100.0)
}

/// The median's value without its interval; of no rows, nothing can be told.
pub(super) fn median(it: &Quantile, n_rows: usize) -> String {
    match it.value {
        Some(value) => days(value),
        None if n_rows == 0 => CANNOT_TELL.to_owned(),
        None => NOT_REACHED.to_owned(),
    }
}

/// `12–30`, `from 12` where the upper end is not reached, or that there is none.
pub(super) fn median_interval(it: &Quantile) -> String {
    match (it.lower, it.upper) {
        (Some(lower), Some(upper)) => format!("{}–{}", number(lower), number(upper)),
        (Some(lower), None) => format!("from {}", number(lower)),
        (None, Some(upper)) => format!("up to {}", number(upper)),
        (None, None) => CANNOT_TELL.to_owned(),
    }
}

pub(super) fn share_value(it: Option<Estimate>, n_rows: usize) -> String {
    it.map_or_else(|| CANNOT_TELL.to_owned(), |it| percent(it.value, n_rows))
}

pub(super) fn share_interval(it: Option<Estimate>, n_rows: usize) -> String {
    match it.and_then(|it| it.interval) {
        Some((lower, upper)) => {
            format!("{}–{} %", percent_number(lower, n_rows), percent_number(upper, n_rows))
        }
        None => CANNOT_TELL.to_owned(),
    }
}

pub(super) fn mean_value(it: Option<Estimate>) -> String {
    it.map_or_else(|| CANNOT_TELL.to_owned(), |it| days(it.value))
}

pub(super) fn mean_interval(it: Option<Estimate>) -> String {
    match it.and_then(|it| it.interval) {
        Some((lower, upper)) => format!("{}–{}", number(lower), number(upper)),
        None => CANNOT_TELL.to_owned(),
    }
}

pub(super) fn n_fixed(group: &Group) -> usize {
    group.n_upgraded + group.n_removed
}

/// The share at 30 days, or the nearest one there is.
pub(super) fn share_at_30(group: &Group) -> Option<&Share> {
    group.shares.iter().min_by(|a, b| (a.days - 30.0).abs().total_cmp(&(b.days - 30.0).abs()))
}

/// `time to fix` of `time_to_fix`.
pub(super) fn metric(definition: &Definition) -> String {
    definition.metric.replace('_', " ")
}

/// One sentence that says what the numbers say.
pub(super) fn headline(group: &Group, definition: &Definition) -> String {
    let (one, many) = definition.noun;
    let metric = metric(definition);
    if group.n_rows == 0 {
        return format!("Cannot tell: there is no {one} to read out.");
    }
    let interval = match (group.median.lower, group.median.upper) {
        (Some(lower), Some(upper)) => {
            format!("95 % interval {} to {}", number(lower), number(upper))
        }
        (Some(lower), None) => {
            format!("95 % interval from {}, upper end not reached", number(lower))
        }
        (None, Some(upper)) => {
            format!("95 % interval up to {}, lower end unknown", number(upper))
        }
        (None, None) => "interval: cannot tell".to_owned(),
    };
    let half = match group.median.value {
        Some(value) => format!("Median {metric} {} ({interval})", days(value)),
        None => format!("Median {metric} not reached ({interval})"),
    };
    let mut counts = vec![format!("{} fixed", count(n_fixed(group)))];
    if group.n_suppressed > 0 {
        counts.push(format!("{} suppressed", count(group.n_suppressed)));
    }
    counts.push(format!("{} still open", count(group.n_open)));
    let of = counted(group.n_rows, one, many);
    let teams = match group.n_teams {
        0 => "teams not known".to_owned(),
        n => counted(n, "team", "teams"),
    };
    format!("{half}: {of}, {}; {teams}.", counts.join(", "))
}

/// The heading of a split.
pub(super) fn split_title(by: &str) -> &str {
    match by {
        "ecosystem" => "By ecosystem",
        "severity" => "By severity",
        "direct" => "Direct and transitive",
        "period" => "By calendar period",
        "team" => "By team",
        "arm" => "By arm",
        "stratum" => "By stratum",
        other => other,
    }
}

pub(super) fn rating(row: &Row) -> &'static str {
    row.severity.map_or("", Rating::as_str)
}

pub(super) fn direct(row: &Row) -> &'static str {
    match row.direct {
        Some(true) => "direct",
        Some(false) => "transitive",
        None => "",
    }
}
