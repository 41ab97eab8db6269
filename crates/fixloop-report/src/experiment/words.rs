//! What numbers of an experiment mean, in sentences. No word promises more than the interval.

use fixloop_experiment::{Analysis, CannotTest, Design, Guardrails, Rule, Verdict};

use super::ExperimentReport;
use crate::readout::words::{counted, number};

pub(super) const NAIVE: &str = "Closed-only times leave out what is still open, which is the slow part, and the plain log-rank test takes findings of one team for independent; teams are the sample, so it calls chance an effect far more often than it says.";

/// The verdict in a sentence or three.
pub(super) fn verdict(report: &ExperimentReport) -> String {
    let it = &report.analysis;
    let primary = match &it.primary {
        Ok(primary) => primary,
        Err(error) => return format!("Cannot tell. {}.", capitalized(&error.to_string())),
    };
    let head = match (it.decision.verdict, it.decision.rule) {
        (Verdict::Expand, _) | (_, Rule::GuardrailUnknown | Rule::MaybeTooSmall) => "Works.",
        (Verdict::Stop, Rule::Harm) => "Harms.",
        (Verdict::Stop, _) => "Stop.",
        (Verdict::Pivot, _) => "Rejected.",
        (Verdict::Persevere, _) => "Cannot tell yet.",
        (Verdict::Inconclusive, _) => "Cannot tell.",
    };
    let teams = counted(it.n_teams_together(), "team", "teams");
    let p = p_value(primary.p_value);
    format!("{head} {} {}, p = {p}. {}.", interval(it), teams, capitalized(it.decision.rule.says()))
}

/// How much sooner or later, with everything that fits.
pub(super) fn interval(it: &Analysis) -> String {
    match &it.ratio {
        Ok(ratio) => {
            let best = ratio
                .point
                .map_or("no best guess".to_owned(), |it| format!("best guess {}", sooner(it)));
            match (ratio.low, ratio.high) {
                (Some(low), Some(high)) => {
                    format!("Fixes come {} to {} ({best}).", sooner(low), sooner(high))
                }
                (Some(low), None) => format!(
                    "Fixes come {} at most ({best}); how much later is not bounded.",
                    sooner(low)
                ),
                (None, Some(high)) => format!("Fixes come at least {} ({best}).", sooner(high)),
                (None, None) => "Nothing is ruled out.".to_owned(),
            }
        }
        Err(CannotTest::NoLimit { n }) => format!(
            "How much sooner cannot be told: for {} nobody knows how long it could have been watched.",
            counted(*n, "finding", "findings")
        ),
        Err(error) => format!("How much sooner cannot be told: {error}."),
    }
}

/// `45 % sooner` of a ratio of 0.55, `20 % later` of 1.2.
pub(super) fn sooner(ratio: f64) -> String {
    let percent = ((1.0 - ratio) * 100.0).round();
    if percent > 0.0 {
        format!("{percent} % sooner")
    } else if percent < 0.0 {
        format!("{} % later", -percent)
    } else {
        "neither sooner nor later".to_owned()
    }
}

pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "0.001 or less".to_owned() } else { format!("{p:.3}") }
}

pub(super) fn design(it: Design) -> &'static str {
    match it {
        Design::TeamRandomized => "team-randomized",
        Design::InsideTeam => "inside-team",
        Design::Observational => "observational",
    }
}

pub(super) fn guardrail(it: Guardrails) -> &'static str {
    match it {
        Guardrails::Safe => "safe",
        Guardrails::NotKnown => "not known",
        Guardrails::Harm => "harm",
    }
}

/// What could not be told, each with its reason.
pub(super) fn cannot_tell(it: &Analysis) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Err(error) = &it.primary {
        reasons.push(format!("the test: {error}"));
    }
    if let Err(error) = &it.ratio {
        reasons.push(format!("the time ratio: {error}"));
    }
    let days = number(it.differences.horizon);
    if it.differences.mean.is_none() {
        reasons.push(format!(
            "the difference of means at {days} days: a curve ends before, or an arm has one team"
        ));
    }
    reasons
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
