//! What must not get worse, where the mirrors tell it (docs/experiment-health.md).

use std::collections::{BTreeMap, HashSet};

use fixloop_model::{Ending, Exposure, Opportunity, Timestamp};

use crate::csv;
use crate::pilot::{DAY, Mirrors, Pilot};
use crate::targets::Targets;

/// An upgrade can be undone for so long.
const UNDONE_WITHIN: i64 = 14 * DAY;

/// One guardrail of one team.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuardrailRow {
    /// `bad fixes`.
    pub guardrail: &'static str,
    pub team: String,
    pub numerator: usize,
    pub denominator: usize,
}

/// `bad fixes`: upgrades of the pilot's time that were undone within 14 days, of all that are old enough to be. A team without any has no row.
///
/// Dismissal is read from the findings; what needs a gate, builds or answers is not known here.
pub fn guardrails(
    pilot: &Pilot,
    targets: &Targets<'_>,
    mirrors: &Mirrors<'_>,
) -> Vec<GuardrailRow> {
    let mut of_team: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for it in mirrors.opportunities {
        let team = it.exposures.first().and_then(|it| targets.team_of_exposure(*it));
        let Some(team) = team.filter(|it| pilot.arms.contains_key(*it)) else { continue };
        let (undone, upgrades) =
            upgrades((it, mirrors.exposures), (pilot.started, pilot.cut), UNDONE_WITHIN);
        let sums = of_team.entry(team).or_default();
        *sums = (sums.0 + undone, sums.1 + upgrades);
    }
    let row = |(team, (undone, upgrades)): (&str, (usize, usize))| GuardrailRow {
        guardrail: "bad fixes",
        team: team.to_owned(),
        numerator: undone,
        denominator: upgrades,
    };
    of_team.into_iter().filter(|it| it.1.1 > 0).map(row).collect()
}

/// Upgrades of one opportunity after `after` and up to `until`, and how many of them were undone; those younger than `age` at the end
/// may yet be, and are in neither.
pub(crate) fn upgrades(
    (it, exposures): (&Opportunity, &[Exposure]),
    (after, until): (Timestamp, Timestamp),
    age: i64,
) -> (usize, usize) {
    let counts = |at: Timestamp| at > after && at.0.saturating_add(age) <= until.0;
    let members = it.exposures.iter().filter_map(|place| exposures.get(*place));
    let undone: HashSet<(&str, &str)> = members
        .flat_map(|it| &it.regressions)
        .filter(|it| counts(it.upgraded))
        .map(|it| (&*it.upgrading_commit, &*it.reverting_commit))
        .collect();
    let lasting = it.outcome == Ending::Upgraded && it.end.is_some_and(counts);
    (undone.len(), undone.len() + usize::from(lasting))
}

/// `guardrails.csv`. A guardrail without a team's numbers is named, so that it is not known and not forgotten.
pub fn guardrails_csv(rows: &[GuardrailRow]) -> String {
    let cells = |it: &GuardrailRow| {
        let numbers = [it.numerator, it.denominator].map(|it| it.to_string());
        vec![it.guardrail.to_owned(), it.team.clone(), numbers[0].clone(), numbers[1].clone()]
    };
    let mut rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    if rows.is_empty() {
        rows.push(["bad fixes", "", "", ""].map(str::to_owned).to_vec());
    }
    csv::table(&["guardrail", "team", "numerator", "denominator"], rows)
}
