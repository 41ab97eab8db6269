//! The ceiling: the most that a stage, or alerts at the first reference, can give against the wanted change.
//!
//! A treatment of one stage cannot save more than that stage's share of the open days. If even the upper limit is below the wanted
//! change, the problem hypothesis is rejected for this key result before anyone builds.

use fixloop_model::{Opportunity, Timestamp};

use super::known_at_introduction::Kind;
use super::late_alerts::{no_alert, unmatched_facts};
use super::{Evidence, Example, Lines, MAX_EXAMPLES, Measure, Mined, Tally, Unit, Verdict};
use super::{days, team, until};
use crate::alerts::{Alert, Matching, first_alerts};

/// Days of each opportunity that count, as in the key result's restricted mean.
pub const HORIZON_DAYS: i64 = 90;

/// The part of the open days that a treatment could act on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// From the start to the first alert.
    Detect,
    /// From the alert to the opened fix.
    React,
    /// From the opened fix to its landing.
    Land,
    /// All days of what was known when it came in.
    FirstReference,
}

impl Stage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detect => "detect",
            Self::React => "react",
            Self::Land => "land",
            Self::FirstReference => "first-reference",
        }
    }

    fn did(self) -> &'static str {
        match self {
            Self::Detect => "passed before the first alert",
            Self::React | Self::Land => {
                "passed after the first alert, in reacting and landing together"
            }
            Self::FirstReference => "are of opportunities that were known when they came in",
        }
    }

    fn definition(self) -> String {
        let x = match self {
            Self::Detect => {
                "from max(introduced, disclosed) to the first alert, of alerted opportunities"
            }
            Self::React | Self::Land => {
                "from the first alert to the end, of alerted opportunities; when a fix was opened is not known, so reacting and landing are not told apart"
            }
            Self::FirstReference => {
                "of opportunities whose first advisory was public when the version came in"
            }
        };
        let n = match self {
            Self::FirstReference => "opportunities of which that can be told",
            _ => "alerted opportunities",
        };
        format!(
            "x: open days {x}. n: all open days of {n}. Days of an opportunity count up to day {HORIZON_DAYS}."
        )
    }
}

/// One opportunity's days in the stage, and all its days, up to the horizon.
struct Part<'a> {
    opportunity: &'a Opportunity,
    alert: Option<&'a Alert>,
    x: f64,
    n: f64,
}

/// `lines` are usually both the wanted change. `alerts` is `None` where none were ever imported.
pub fn ceiling(mined: Mined<'_>, stage: Stage, alerts: Option<&[Alert]>, lines: Lines) -> Evidence {
    let matching = first_alerts(&mined, alerts.unwrap_or_default());
    let parts = parts(&mined, stage, &matching);
    let tallies: Vec<Tally<'_>> =
        parts.iter().map(|it| Tally { team: team(it.opportunity), x: it.x, n: it.n }).collect();
    let measure = Measure::of(Unit::Days, &tallies);
    let (verdict, reason) = verdict(stage, &measure, lines, alerts);
    Evidence {
        query: "ceiling",
        definition: format!("Stage {}. {}", stage.as_str(), stage.definition()),
        unit: "open days",
        did: stage.did(),
        verdict,
        reason,
        measure,
        open_days: None,
        lines,
        facts: facts(&mined, stage, &matching, &parts),
        examples: examples(&mined, parts),
        limits: vec![
            "A ceiling: the treatment would have to make this stage vanish to give all of it."
                .to_owned(),
            "Days not yet observed of what is still open are in no share.".to_owned(),
        ],
    }
}

fn parts<'a>(mined: &Mined<'a>, stage: Stage, matching: &Matching<'a>) -> Vec<Part<'a>> {
    if stage == Stage::FirstReference {
        let told = mined.opportunities.iter().filter(|it| Kind::of(it) != Kind::CannotTell);
        let part = |it: &&'a Opportunity| {
            let n = days(it.start, horizon(it));
            let x = if Kind::of(it) == Kind::Known { n } else { 0.0 };
            Part { opportunity: it, alert: None, x, n }
        };
        return told.map(part).collect();
    }
    let pairs = matching.pairs(mined.opportunities);
    let part = |(it, alert): (&'a Opportunity, &'a Alert)| {
        let (n, before) =
            (days(it.start, horizon(it)), days(it.start, alert.created.min(horizon(it))));
        let x = if stage == Stage::Detect { before } else { n - before };
        Part { opportunity: it, alert: Some(alert), x, n }
    };
    pairs.map(part).collect()
}

fn horizon(it: &Opportunity) -> Timestamp {
    until(it).min(Timestamp(it.start.0 + HORIZON_DAYS * 86_400_000_000))
}

fn verdict(
    stage: Stage,
    measure: &Measure,
    lines: Lines,
    alerts: Option<&[Alert]>,
) -> (Verdict, Option<String>) {
    if measure.n == 0.0 {
        let reason = match stage {
            Stage::FirstReference => "of no opportunity can it be told".to_owned(),
            _ => no_alert(alerts),
        };
        return (Verdict::CannotTell, Some(reason));
    }
    match (stage, Verdict::of(measure, lines)) {
        // Two stages together bound each one from above and from below not at all.
        (Stage::React | Stage::Land, Verdict::Supported | Verdict::Open) => {
            let reason = "when a fix was opened is not known: the share is of reacting and landing together, and can reject but not support either".to_owned();
            (Verdict::CannotTell, Some(reason))
        }
        (_, verdict) => (verdict, None),
    }
}

fn facts(
    mined: &Mined<'_>,
    stage: Stage,
    matching: &Matching<'_>,
    parts: &[Part<'_>],
) -> Vec<(&'static str, String)> {
    if stage == Stage::FirstReference {
        let n_cannot_tell = mined.opportunities.len() - parts.len();
        let text = format!(
            "{n_cannot_tell} more were there at the first commit, after the publication: in no share"
        );
        return vec![("cannot tell", text)];
    }
    let mut facts = unmatched_facts(mined, matching);
    let all: f64 = mined.opportunities.iter().map(|it| days(it.start, horizon(it))).sum();
    let (x, n) = parts.iter().fold((0.0, 0.0), |(x, n), it| (x + it.x, n + it.n));
    if stage == Stage::Detect && n > 0.0 && all > n {
        let share = (x + all - n) / all * 100.0;
        let text = format!(
            "if nobody was told of those without an alert, it would be {share:.1} % of {all:.0} days"
        );
        facts.push(("at most", text));
    }
    facts
}

fn examples(mined: &Mined<'_>, mut parts: Vec<Part<'_>>) -> Vec<Example> {
    parts.retain(|it| it.x > 0.0);
    parts.sort_by(|a, b| b.x.total_cmp(&a.x).then_with(|| a.opportunity.id.cmp(&b.opportunity.id)));
    let longest = parts.into_iter().take(MAX_EXAMPLES);
    longest
        .map(|it| Example {
            alert: it.alert.cloned(),
            ..mined.example("longest in the stage", it.opportunity)
        })
        .collect()
}
