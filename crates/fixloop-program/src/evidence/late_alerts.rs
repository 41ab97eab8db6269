//! Late alerts: the share first alerted when the vulnerable version was already on the default branch.

use fixloop_model::Opportunity;

use super::known_at_introduction::Kind as Known;
use super::{Evidence, Example, Lines, MAX_EXAMPLES, Measure, Mined, Tally, Unit, Verdict};
use super::{days, open_days, team, until};
use crate::alerts::{Alert, Matching, first_alerts};

/// Under a quarter most are alerted in time; over half most are not.
pub const LINES: Lines = Lines::of(0.25, 0.5);

/// When an opportunity was first alerted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Late,
    InTime,
    /// Alerted before the first commit of the history that has the version.
    CannotTell,
}

const DEFINITION: &str = "x: alerted opportunities whose first alert came at or after the time at which the commit with the vulnerable version was on the default branch (first parent). n: opportunities with an alert. Open days: of these, the days from max(introduced, disclosed) to the first alert. Tags are not looked at: what is on the default branch is late already.";

/// `alerts` is `None` where none were ever imported.
pub fn late_alerts(mined: Mined<'_>, alerts: Option<&[Alert]>, lines: Lines) -> Evidence {
    let matching = first_alerts(&mined, alerts.unwrap_or_default());
    let alerted: Vec<(&Opportunity, &Alert, Kind)> = matching
        .pairs(mined.opportunities)
        .map(|(opportunity, alert)| (opportunity, alert, kind(opportunity, alert)))
        .collect();
    let told = || alerted.iter().filter(|it| it.2 != Kind::CannotTell);
    let counts: Vec<Tally<'_>> = told()
        .map(|(it, _, kind)| {
            let x = f64::from(u8::from(*kind == Kind::Late));
            Tally { team: team(it), x, n: 1.0 }
        })
        .collect();
    let by_days: Vec<Tally<'_>> = alerted
        .iter()
        .map(|(it, alert, _)| {
            let x = days(it.start, alert.created.min(until(it)));
            Tally { team: team(it), x, n: open_days(it) }
        })
        .collect();
    let measure = Measure::of(Unit::Counts, &counts);
    Evidence {
        query: "late-alerts",
        definition: DEFINITION.to_owned(),
        unit: "alerted opportunities",
        did: "were first alerted when the version was already on the default branch",
        verdict: Verdict::of(&measure, lines),
        reason: (measure.n == 0.0).then(|| no_alert(alerts)),
        measure,
        open_days: Some(Measure::of(Unit::Days, &by_days)),
        lines,
        facts: facts(&mined, &matching, &alerted),
        examples: examples(&mined, &alerted),
        limits: limits(&matching),
    }
}

fn kind(opportunity: &Opportunity, alert: &Alert) -> Kind {
    if alert.created >= opportunity.introduced {
        Kind::Late
    } else if opportunity.left_truncated {
        // It came in at `introduced` or before, so this alert may have been late as well.
        Kind::CannotTell
    } else {
        Kind::InTime
    }
}

/// Why there is no share.
pub(super) fn no_alert(alerts: Option<&[Alert]>) -> String {
    match alerts {
        None => "no alert times are known: `fixloop import alerts FILE` reads GitHub's list of an organisation's Dependabot alerts".to_owned(),
        Some([]) => "the imported list has no alert".to_owned(),
        Some(alerts) => format!("none of {} imported alerts is of an opportunity that can be told", alerts.len()),
    }
}

pub(super) fn unmatched_facts(
    mined: &Mined<'_>,
    matching: &Matching<'_>,
) -> Vec<(&'static str, String)> {
    let n_not_alerted = mined.opportunities.len() - matching.pairs(mined.opportunities).count();
    let mut facts =
        vec![("not alerted", format!("{n_not_alerted} opportunities have no alert: in no share"))];
    if matching.n_alerts > 0 {
        let text = format!("{} of {} are of an opportunity", matching.n_used, matching.n_alerts);
        facts.push(("alerts", text));
    }
    if matching.n_after_cut > 0 {
        let text = format!("{} alerts are later than the data cut", matching.n_after_cut);
        facts.push(("after the cut", text));
    }
    if !matching.ambiguous.is_empty() {
        let names = matching.ambiguous.join(", ");
        facts.push(("ambiguous", format!("more than one owner's repository is called {names}")));
    }
    facts
}

fn facts(
    mined: &Mined<'_>,
    matching: &Matching<'_>,
    alerted: &[(&Opportunity, &Alert, Kind)],
) -> Vec<(&'static str, String)> {
    if matching.n_alerts == 0 {
        return unmatched_facts(mined, matching);
    }
    let late = || alerted.iter().filter(|it| it.2 == Kind::Late);
    let n_late = late().count();
    let n_known = late().filter(|it| Known::of(it.0) == Known::Known).count();
    let n_later = late().filter(|it| Known::of(it.0) == Known::Later).count();
    let n_cannot_tell = alerted.iter().filter(|it| it.2 == Kind::CannotTell).count();
    let mut facts = vec![
        (
            "late and known",
            format!(
                "{n_known} of {n_late} late ones were known when they came in: an alert at the first reference would have been earlier"
            ),
        ),
        (
            "late and disclosed later",
            format!(
                "{n_later} of {n_late} late ones were disclosed later: no alert could have come before the version landed"
            ),
        ),
    ];
    if n_cannot_tell > 0 {
        let text = format!("{n_cannot_tell} were alerted before the history begins: in no share");
        facts.push(("cannot tell", text));
    }
    facts.extend(unmatched_facts(mined, matching));
    facts
}

fn examples(mined: &Mined<'_>, alerted: &[(&Opportunity, &Alert, Kind)]) -> Vec<Example> {
    let mut examples = Vec::new();
    for (kind, name) in [(Kind::Late, "alerted late"), (Kind::InTime, "alerted in time")] {
        let mut fitting: Vec<_> = alerted.iter().filter(|it| it.2 == kind).collect();
        fitting.sort_by_key(|it| (-(it.1.created.0 - it.0.start.0), &it.0.id));
        examples.extend(fitting.into_iter().take(MAX_EXAMPLES).map(|(opportunity, alert, _)| {
            Example { alert: Some((*alert).clone()), ..mined.example(name, opportunity) }
        }));
    }
    examples
}

fn limits(matching: &Matching<'_>) -> Vec<String> {
    let mut limits = Vec::new();
    if matching.n_alerts > 0 {
        limits.push("Dependabot looks at the default branch only, so that each of its alerts comes after the version landed: for those known at introduction, late is by construction. The open days before the alert tell how late.".to_owned());
        limits.push("A repository, manifest folder, package and advisory in common make an alert an opportunity's; a lockfile that moved to another folder since has none.".to_owned());
        limits.push("When an alert was seen is not known, only when it was made.".to_owned());
    }
    limits
}
