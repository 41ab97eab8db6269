//! What was decided before the numbers were known, as one hash: whoever changes the metric after a look has another experiment.

use crate::analysis::{Design, Question};
use crate::assign::{Digest, digest};
use crate::team_randomized::{Statistic, Theta};

/// The question in lines, and their hash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    pub lines: Vec<String>,
    pub hash: Digest,
}

/// `event` and `columns` say how the table is read; day of the look, health and guardrails are no part of the question.
pub fn registration(
    design: Design,
    question: &Question,
    event: &str,
    columns: &str,
) -> Registration {
    let settings = &question.settings;
    let design = match design {
        Design::TeamRandomized => "team-randomized",
        Design::InsideTeam => "inside-team",
        Design::Observational => "observational",
    };
    let statistic = match settings.statistic {
        Statistic::TeamScore => "team-score",
        Statistic::LogRank => "log-rank",
    };
    let theta = match settings.theta {
        Theta::Fixed(theta) => theta.to_string(),
        Theta::FromHistory => "history".to_owned(),
    };
    let looks = question.schedule.as_ref().map_or("one, at the end".to_owned(), |it| {
        let days: Vec<String> = it.days.iter().map(ToString::to_string).collect();
        format!("{}; power {}", days.join(", "), it.power)
    });
    let lines = vec![
        format!("design: {design}"),
        format!("event: {event}"),
        format!("columns: {columns}"),
        format!("statistic: {statistic}, theta {theta}"),
        format!("alpha: {}", settings.alpha),
        format!("worthwhile: {}", question.worthwhile),
        format!("horizon: {} days", question.horizon),
        format!("looks: {looks}"),
    ];
    let parts: Vec<&str> = lines.iter().map(|it| &**it).collect();
    Registration { hash: digest(&parts), lines }
}
