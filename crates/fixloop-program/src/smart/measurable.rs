//! Measurable: a baseline, guards, a query that can be repeated, and enough to be precise.

use super::{Check, Letter, Question};
use crate::baseline::Baseline;
use crate::metric::Unit;
use crate::words::{counted, days_between, number};

const BASELINE: Question = Question(Letter::Measurable, "baseline", "where does the metric stand?");
const GUARDS: Question =
    Question(Letter::Measurable, "guards", "what must not get worse meanwhile?");
const QUERY: Question = Question(Letter::Measurable, "query", "can the number be made again?");
const EVENTS: Question = Question(Letter::Measurable, "events", "are at least 30 fixed?");
const TEAMS: Question = Question(Letter::Measurable, "teams", "are there at least 6 teams?");
const INTERVAL: Question = Question(
    Letter::Measurable,
    "interval",
    "is the interval narrower than half of the wanted change?",
);
const AGE: Question =
    Question(Letter::Measurable, "data age", "are the data of the last 48 hours?");
const GAPS: Question = Question(Letter::Measurable, "gaps", "was everything read?");

const MIN_EVENTS: usize = 30;
const MIN_TEAMS: usize = 6;
const MAX_AGE_DAYS: i64 = 2;

pub(super) fn checks(it: &Baseline) -> Vec<Check> {
    vec![
        baseline(it),
        guards(it),
        QUERY.pass("the same commits, advisory index and --until give the same number"),
        events(it),
        teams(it),
        interval(it),
        age(it),
        gaps(it),
    ]
}

fn baseline(it: &Baseline) -> Check {
    let metric = it.plan.metric;
    let Some(value) = it.value else {
        let reason = if it.group.n_rows == 0 {
            "there is nothing to take it of"
        } else {
            "nothing was under observation for long enough"
        };
        return BASELINE.block(
            format!("{reason}: {}", metric.words()),
            "mine more history or repositories, begin earlier (--since), or take --metric unfixed-14",
        );
    };
    if it.n_fixed() == 0 {
        return BASELINE.block(
            format!("nothing was fixed from {} to {}", it.window.from, it.window.until),
            "begin earlier (--since DATE), or mine more repositories",
        );
    }
    let conditional = it.group.conditional_from_days.map_or_else(String::new, |it| {
        format!(", for those still open at {} days (fewer than 10 are at risk before)", number(it))
    });
    BASELINE.pass(format!("{}{conditional}", metric.show(value.value)))
}

fn guards(it: &Baseline) -> Check {
    let names: Vec<&str> = it.guards.iter().map(|it| it.metric).collect();
    GUARDS.pass(names.join(", "))
}

fn events(it: &Baseline) -> Check {
    let n = it.n_fixed();
    if n >= MIN_EVENTS {
        return EVENTS.pass(format!("{n} fixed"));
    }
    EVENTS.warn(
        format!("only {n} fixed: a few more could change the number"),
        "a longer window (--since DATE), more repositories, or a wider --population",
    )
}

fn teams(it: &Baseline) -> Check {
    let n = it.group.n_teams;
    let words = counted(n, "team", "teams");
    if n >= MIN_TEAMS {
        return TEAMS.pass(words);
    }
    TEAMS.warn(
        format!("only {words}: how much teams differ is hardly known"),
        "more repositories, or teams by --by-team (CODEOWNERS) or --teams FILE",
    )
}

fn interval(it: &Baseline) -> Check {
    let Some((value, wanted)) = it.value.zip(it.wanted) else {
        return INTERVAL.without(if it.value.is_none() { "a baseline" } else { "a target" });
    };
    let Some((lower, upper)) = value.interval else {
        return INTERVAL.warn(
            "cannot tell: there is no honest interval",
            "more teams: more repositories, --by-team or --teams FILE",
        );
    };
    let (width, change) = (upper - lower, value.value - wanted.value);
    // A difference of shares is in points, which is no percentage of anything.
    let show = |value: f64| match it.plan.metric.unit() {
        Unit::Days => crate::words::days(value),
        Unit::Share => format!("{} points", number(value * 100.0)),
    };
    let words = format!("{} wide, the wanted change is {}", show(width), show(change));
    if width < change / 2.0 {
        return INTERVAL.pass(words);
    }
    INTERVAL.warn(
        words,
        "more teams or a longer window (--since DATE); until then, read progress with its interval",
    )
}

fn age(it: &Baseline) -> Check {
    let Some(last) = it.last_commit else {
        return AGE.warn("no commit was read", "name repositories with commits");
    };
    let age = days_between(last, it.today);
    if age <= MAX_AGE_DAYS {
        return AGE.pass(format!("last commit on {last}"));
    }
    AGE.warn(
        format!(
            "last commit on {last}, {age} days ago: quiet, or not fetched, cannot be told apart"
        ),
        "git fetch (or fixloop fleet sync) and run again",
    )
}

fn gaps(it: &Baseline) -> Check {
    match it.n_gaps {
        0 => GAPS.pass("everything was read"),
        n => GAPS.warn(
            format!("{} in what could be read", counted(n, "gap", "gaps")),
            "fixloop history PATH… lists them; what is unknown is neither fixed nor open here",
        ),
    }
}
