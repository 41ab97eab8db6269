//! Upgrade regressions: how often an upgrade of a vulnerable package was undone within 14 days.

use std::collections::HashSet;

use fixloop_model::{Ending, Opportunity, Regression, Timestamp};

use super::{
    Evidence, Example, Lines, MAX_EXAMPLES, Measure, Mined, Tally, Unit, Verdict, days, team,
};

/// Science 2.3: below a tenth upgrades are no reason for slow fixes; above a quarter they are one.
pub const LINES: Lines = Lines::of(0.1, 0.25);

/// An upgrade can be undone for so long.
const UNDONE_WITHIN_DAYS: f64 = 14.0;

const DEFINITION: &str = "x: upgrades to a version that is not affected that were undone within 14 days, each commit once per opportunity. n: opportunities that ended upgraded, and the undone upgrades.";

pub fn upgrade_regressions(mined: Mined<'_>, lines: Lines) -> Evidence {
    let is_upgraded = |it: &Opportunity| it.outcome == Ending::Upgraded;
    let tallies: Vec<Tally<'_>> = mined
        .opportunities
        .iter()
        .map(|it| {
            let x = undone(&mined, it).len() as f64;
            Tally { team: team(it), x, n: x + f64::from(u8::from(is_upgraded(it))) }
        })
        .collect();
    let measure = Measure::of(Unit::Counts, &tallies);
    let is_young =
        |end: Option<Timestamp>| end.is_some_and(|it| days(it, mined.cut) < UNDONE_WITHIN_DAYS);
    let n_young = mined.opportunities.iter().filter(|it| is_upgraded(it) && is_young(it.end));
    let n_affected = tallies.iter().filter(|it| it.x > 0.0).count();
    Evidence {
        query: "upgrade-regressions",
        definition: DEFINITION.to_owned(),
        unit: "upgrades of a vulnerable package",
        did: "were undone within 14 days",
        verdict: Verdict::of(&measure, lines),
        reason: (measure.n == 0.0).then(|| "no vulnerable package was upgraded".to_owned()),
        open_days: None,
        lines,
        facts: vec![
            ("opportunities", format!("{n_affected} had an upgrade that was undone")),
            (
                "still young",
                format!("{} upgrades are younger than 14 days and may yet be undone", n_young.count()),
            ),
        ],
        examples: examples(&mined),
        limits: vec![
            "What was undone on another branch, before it landed, is not seen; nor is an upgrade that was never tried for fear of it.".to_owned(),
            "Why it was undone is not told by the history: the reverting commits may say.".to_owned(),
        ],
        measure,
    }
}

/// One undone upgrade counts once, however many advisories it would have cleared.
fn undone<'m>(mined: &'m Mined<'_>, of: &Opportunity) -> Vec<&'m Regression> {
    let mut seen = HashSet::new();
    mined
        .exposures_of(of)
        .flat_map(|it| &it.regressions)
        .filter(|it| seen.insert((&it.upgrading_commit, &it.reverting_commit)))
        .collect()
}

fn examples(mined: &Mined<'_>) -> Vec<Example> {
    let mut found: Vec<(&Opportunity, &Regression)> = mined
        .opportunities
        .iter()
        .flat_map(|it| undone(mined, it).into_iter().map(|regression| (*it, regression)))
        .collect();
    found.sort_by(|a, b| b.1.reverted.cmp(&a.1.reverted).then_with(|| a.0.id.cmp(&b.0.id)));
    let undone = found.into_iter().take(MAX_EXAMPLES).map(|(opportunity, regression)| Example {
        regression: Some(regression.clone()),
        ..mined.example("undone upgrade", opportunity)
    });
    let lasting = mined
        .examples("lasting upgrade", |it| it.outcome == Ending::Upgraded && it.n_regressions == 0);
    undone.chain(lasting).collect()
}
