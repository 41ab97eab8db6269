//! Relevant: a reason outside of the team, and a population that matters.

use super::{Check, Letter, Question};
use crate::baseline::Baseline;
use crate::words::percent;

const RISK: Question = Question(Letter::Relevant, "risk", "is a risk or policy linked?");
const EXPOSURE: Question = Question(
    Letter::Relevant,
    "exposure",
    "does the population hold 20 % of the open critical and high exposure?",
);
const CONFLICT: Question =
    Question(Letter::Relevant, "conflict", "does no other key result contradict it?");

const MIN_SHARE: f64 = 0.2;

pub(super) fn checks(it: &Baseline) -> Vec<Check> {
    // This command reads no programme, so nothing can be in conflict.
    vec![risk(it), exposure(it), CONFLICT.pass("no other key result was read")]
}

fn risk(it: &Baseline) -> Check {
    match it.plan.risk.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        Some(risk) => RISK.pass(risk),
        None => RISK.warn("none is linked", "link one: --risk TEXT (a policy, a risk's number)"),
    }
}

fn exposure(it: &Baseline) -> Check {
    match it.open_exposure {
        None => EXPOSURE.pass("no critical or high one is open"),
        Some(share) if share >= MIN_SHARE => EXPOSURE.pass(format!("{} of it", percent(share))),
        Some(share) => EXPOSURE.warn(
            format!("only {} of it", percent(share)),
            "a wider --population, or say why the rest matters less",
        ),
    }
}
