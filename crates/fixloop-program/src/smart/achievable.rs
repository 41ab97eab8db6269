//! Achievable: a target that lies where something could reach it.

use super::{Check, Letter, Question};
use crate::baseline::Baseline;
use crate::words::{number, percent};

const TARGET: Question = Question(Letter::Achievable, "target", "is there a target, and less?");
const CEILING: Question =
    Question(Letter::Achievable, "ceiling", "is it within what can be influenced?");
const STRETCH: Question =
    Question(Letter::Achievable, "stretch", "is the best tenth of teams there today?");

/// From how many teams on a tenth of them is somebody else than the best one.
const MANY_TEAMS: usize = 11;

pub(super) fn checks(it: &Baseline) -> Vec<Check> {
    vec![target(it), ceiling(it), stretch(it)]
}

fn target(it: &Baseline) -> Check {
    let way_out = "name one: --target -20% (or -5d, 14d)";
    let Some(target) = it.plan.target else {
        return TARGET.block("no target", way_out);
    };
    if let Some(fault) = it.target_fault {
        return TARGET.block(format!("`{target}`: {fault}"), way_out);
    }
    match it.wanted {
        Some(wanted) => TARGET.pass(format!(
            "{}, {} % less",
            it.plan.metric.show(wanted.value),
            number(wanted.reduction * 100.0)
        )),
        None => TARGET.without("a baseline"),
    }
}

fn ceiling(it: &Baseline) -> Check {
    let Some(wanted) = it.wanted else {
        return CEILING.without(missing(it));
    };
    let (n_known, n) = it.known_at_introduction;
    let reach = if n > 0.0 {
        let share = percent(n_known / n);
        format!("; an alert at the first reference could reach {n_known} of {n} ({share})")
    } else {
        String::new()
    };
    let words =
        format!("stages are not measured yet, so the whole open time is the ceiling{reach}");
    if wanted.value < it.plan.metric.largest() {
        return CEILING.pass(words);
    }
    CEILING.warn(words, "take a target below what the metric can be")
}

fn stretch(it: &Baseline) -> Check {
    let Some(wanted) = it.wanted else {
        return STRETCH.without(missing(it));
    };
    let metric = it.plan.metric;
    let Some((best, n_teams)) = it.best_teams else {
        return STRETCH.warn(
            "cannot tell: no team has 10 opportunities and a value of its own",
            "a longer window (--since DATE), or more repositories",
        );
    };
    let of = if n_teams < MANY_TEAMS { "the best of" } else { "the best tenth of" };
    let words = format!("{of} {n_teams} teams is at {}", metric.show(best));
    if wanted.value >= best {
        return STRETCH.pass(words);
    }
    STRETCH.warn(
        format!("a stretch: {words}"),
        "say why all can be better than those, or take a smaller step first",
    )
}

/// What a check lacks where no wanted value is known.
fn missing(it: &Baseline) -> &'static str {
    if it.value.is_none() { "a baseline" } else { "a target" }
}
