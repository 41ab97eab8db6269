//! Time-bound: a deadline, near enough to steer by and late enough to see the change.

use super::{Check, Letter, Question};
use crate::baseline::{Baseline, latest_end};
use crate::words::{days_between, number, percent};

const DEADLINE: Question = Question(
    Letter::TimeBound,
    "deadline",
    "does it end in the future, within 100 days of its start?",
);
const FOLLOW_UP: Question =
    Question(Letter::TimeBound, "follow-up", "can what begins in it be watched long enough?");
const DETECTABLE: Question =
    Question(Letter::TimeBound, "detectable", "would the change be found by the end?");

const MAX_DAYS: i64 = 100;

/// Alternatives that are named.
const MAX_ALTERNATIVES: usize = 3;

pub(super) fn checks(it: &Baseline) -> Vec<Check> {
    vec![deadline(it), follow_up(it), detectable(it)]
}

fn deadline(it: &Baseline) -> Check {
    let start = it.plan.start;
    let way_out = format!("name one: --by DATE, {} at the latest", latest_end(start));
    let Some(end) = it.plan.end else {
        return DEADLINE.block("no deadline", way_out);
    };
    let n_days = days_between(start, end);
    if end <= it.today {
        DEADLINE.block(format!("{end} is not in the future: today is {}", it.today), way_out)
    } else if n_days <= 0 {
        DEADLINE.block(format!("{end} is not after the start, {start}"), way_out)
    } else if n_days > MAX_DAYS {
        DEADLINE.block(
            format!("{n_days} days from {start} to {end}: too far to steer by"),
            format!("{way_out}, or a later --start"),
        )
    } else {
        DEADLINE.pass(format!("{start} to {end}, {n_days} days"))
    }
}

/// Days that one opportunity has to be watched: 14, or 30 where the median is above three weeks.
fn follow_up_days(it: &Baseline) -> i64 {
    if it.group.n_rows > 0 && it.group.median.value.is_none_or(|it| it > 21.0) { 30 } else { 14 }
}

fn follow_up(it: &Baseline) -> Check {
    let Some(end) = it.plan.end else {
        return FOLLOW_UP.without("a deadline");
    };
    let (needed, left) = (follow_up_days(it), days_between(it.plan.start.max(it.today), end));
    let words = format!("{needed} days are needed, {} are left", left.max(0));
    if left >= needed {
        return FOLLOW_UP.pass(words);
    }
    FOLLOW_UP.warn(words, "a later deadline, or read it as far as it goes")
}

fn detectable(it: &Baseline) -> Check {
    let Some((wanted, end)) = it.wanted.zip(it.plan.end) else {
        let missing = match (it.value, it.wanted) {
            (None, _) => "a baseline",
            (_, None) => "a target",
            _ => "a deadline",
        };
        return DETECTABLE.without(missing);
    };
    let Some(found) = it.detection else {
        return DETECTABLE.warn(
            "cannot tell: how teams differ is not known",
            format!(
                "more teams (more repositories, --by-team, --teams FILE); {}",
                "until then progress reads `cannot tell yet`"
            ),
        );
    };
    let fixes = number(it.fixes_a_day * 7.0);
    let at_end = found.at_deadline.map_or_else(
        || "nothing would be fixed by then".to_owned(),
        |it| format!("by {end} a change of {} or more would be found", percent(it)),
    );
    let words = format!("{at_end}, with {fixes} fixed a week");
    if found.is_by_deadline {
        return DETECTABLE.pass(words);
    }
    let from = found.from.map_or_else(
        || {
            format!(
                "not within three years: teams differ so much that {} is the least; more teams help",
                percent(found.at_last)
            )
        },
        |from| format!("-{} is detectable from {from} on", percent(wanted.reduction)),
    );
    DETECTABLE.warn(
        words,
        format!("{from}; {}; until then progress reads `cannot tell yet`", alternatives(it)),
    )
}

fn alternatives(it: &Baseline) -> String {
    let named: Vec<String> = it
        .alternatives
        .iter()
        .filter(|other| it.detection.and_then(|it| it.from).is_none_or(|from| other.from < from))
        .take(MAX_ALTERNATIVES)
        .map(|it| {
            format!(
                "with --metric {} --population {} from {}",
                it.metric.option(),
                it.population.option(),
                it.from
            )
        })
        .collect();
    if named.is_empty() {
        "no other metric or population shows it sooner".to_owned()
    } else {
        named.join(", ")
    }
}
