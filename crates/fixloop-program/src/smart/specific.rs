//! Specific: one metric, one population, one owner, an outcome.

use super::{Check, Letter, Question};
use crate::baseline::Baseline;
use crate::words::counted;

const METRIC: Question =
    Question(Letter::Specific, "metric", "is the metric defined, with clock and outcomes?");
const POPULATION: Question =
    Question(Letter::Specific, "population", "is there anything that it is about?");
const OWNER: Question = Question(Letter::Specific, "owner", "does one person own it?");
const STATEMENT: Question =
    Question(Letter::Specific, "statement", "does it state an outcome and not an output?");

/// Words of outputs: what is done, not what comes of it.
const OUTPUTS: [&str; 10] = [
    "deploy",
    "deploys",
    "integrate",
    "integrates",
    "train",
    "trains",
    "launch",
    "launches",
    "rollout",
    "rollouts",
];

/// Words that say nothing without a number.
const VAGUE: [&str; 6] = ["improve", "improves", "enhance", "enhances", "better", "optimize"];

pub(super) fn checks(it: &Baseline) -> Vec<Check> {
    vec![metric(it), population(it), owner(it), statement(it)]
}

fn metric(it: &Baseline) -> Check {
    let (metric, definition) = (it.plan.metric, &it.definition);
    METRIC.pass(format!(
        "{}: {}, from {} to {}; {} competes",
        metric.name(),
        metric.words(),
        definition.clock,
        definition.event,
        definition.competing
    ))
}

fn population(it: &Baseline) -> Check {
    let words = it.plan.population.words();
    match it.group.n_rows {
        0 => POPULATION.block(
            format!("nothing was ever open: {words}, {} to {}", it.window.from, it.window.until),
            "name repositories with lockfiles and an index that knows their packages; fixloop history PATH… tells what was read",
        ),
        n => POPULATION
            .pass(format!("{words}: {}", counted(n, "opportunity", "opportunities"))),
    }
}

fn owner(it: &Baseline) -> Check {
    match it.plan.owner.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        Some(owner) => OWNER.pass(owner),
        None => OWNER.warn("a draft may lack one", "name one before activating it: --owner NAME"),
    }
}

fn statement(it: &Baseline) -> Check {
    let Some(statement) = &it.plan.statement else {
        return STATEMENT.pass("made of metric, baseline and target: an outcome");
    };
    let words: Vec<String> =
        statement.split(|it: char| !it.is_alphanumeric()).map(str::to_lowercase).collect();
    let rolls_out = words.windows(2).any(|it| it[0].starts_with("roll") && it[1] == "out");
    let output = words.iter().find(|it| OUTPUTS.contains(&&***it)).map(String::as_str);
    if let Some(word) = output.or(rolls_out.then_some("roll out")) {
        return STATEMENT.block(
            format!("`{word}` names what is done, not what comes of it"),
            "say what will be less, by how much and by when; what is done belongs in a solution hypothesis",
        );
    }
    let has_number = statement.chars().any(|it| it.is_ascii_digit());
    match words.iter().find(|it| VAGUE.contains(&&***it)) {
        Some(word) if !has_number => STATEMENT.block(
            format!("`{word}` without a number"),
            "name the metric and by how much it changes",
        ),
        _ => STATEMENT.pass(statement.clone()),
    }
}
