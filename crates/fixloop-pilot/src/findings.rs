//! The table that decides: opportunities of the pilot's teams, during the pilot and before it.
//!
//! Columns and words are those that `fixloop experiment analyze` reads (docs/experiment.md).

use std::collections::HashMap;

use fixloop_model::{Class, Ending, Opportunity, Rating, Timestamp};
use fixloop_policy::Arm;

use crate::csv;
use crate::drafts::Joined;
use crate::pilot::{DAY, InScope, Mirrors, Pilot, in_scope};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Period {
    /// History that adjusts the scores.
    Before,
    During,
}

impl Period {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
        }
    }
}

/// One opportunity in one period.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FindingRow {
    /// Of the opportunity.
    pub id: String,
    pub team: String,
    pub arm: Arm,
    /// Else the rest, unrated ones among them.
    pub is_critical_high: bool,
    pub period: Period,
    /// The clock's origin.
    pub start: Timestamp,
    /// From when on it is at risk: in the period, and not before it could be seen.
    pub entry: Timestamp,
    /// When it ended, or the last proof in the period that it was there.
    pub until: Timestamp,
    /// [`Ending::Open`] of what did not end in the period.
    pub status: Ending,
}

/// Rows of both periods, and what is not among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// By period, team, start and id.
    pub rows: Vec<FindingRow>,
    started: Timestamp,
    cut: Timestamp,
    /// Opportunities of the pilot's teams that the treatment is not about.
    pub n_out_of_scope: usize,
    /// Of which nobody knows whether the treatment is about them.
    pub n_scope_unknown: usize,
    /// Of teams that are not in the pilot, or of repositories that are not in the list.
    pub n_of_others: usize,
}

/// Takes starts from what was joined and the scope from the mirrors alone, so that no editor decides who counts.
pub fn findings(pilot: &Pilot, mirrors: &Mirrors<'_>, joined: &Joined) -> Findings {
    let teams: HashMap<&str, &str> =
        mirrors.repositories.iter().rev().map(|it| (&*it.name, &*it.team)).collect();
    let mut found = Findings {
        rows: Vec::new(),
        started: pilot.started,
        cut: pilot.cut,
        n_out_of_scope: 0,
        n_scope_unknown: 0,
        n_of_others: 0,
    };
    let history = i64::from(pilot.history_days).saturating_mul(DAY);
    let from = Timestamp(pilot.started.0.saturating_sub(history));
    let periods =
        [(Period::Before, from, pilot.started), (Period::During, pilot.started, pilot.cut)];
    for (as_mined, it) in mirrors.opportunities.iter().zip(&joined.opportunities) {
        let team = teams.get(&*it.repository).copied();
        let Some((team, arm)) = team.and_then(|it| Some((it, *pilot.arms.get(it)?))) else {
            found.n_of_others += 1;
            continue;
        };
        match in_scope(&pilot.treatment, as_mined) {
            InScope::Yes => {}
            InScope::No if it.class <= Class::Vulnerability => {
                found.n_out_of_scope += 1;
                continue;
            }
            InScope::No => continue,
            InScope::CannotTell => {
                found.n_scope_unknown += 1;
                continue;
            }
        }
        let of_period = |(period, after, until)| row(it, (team, arm), (period, after, until));
        found.rows.extend(periods.into_iter().filter_map(of_period));
    }
    let key = |it: &FindingRow| (it.period, it.team.clone(), it.start, it.id.clone());
    found.rows.sort_by_cached_key(key);
    found
}

/// Nothing if it was not at risk after `after` and up to `until`: adjacent periods share no event and no time.
fn row(
    it: &Opportunity,
    (team, arm): (&str, Arm),
    (period, after, until): (Period, Timestamp, Timestamp),
) -> Option<FindingRow> {
    let end = it.end.filter(|end| *end <= until);
    let last = end.unwrap_or_else(|| it.end.unwrap_or(it.last_seen).min(until));
    let entry = it.entry.max(it.start).max(after);
    // What ended in the moment in which it began is an event all the same.
    let is_instant = last == entry && entry == it.start && entry > after && end.is_some();
    if last <= entry && !is_instant {
        return None;
    }
    Some(FindingRow {
        id: it.id.clone(),
        team: team.to_owned(),
        arm,
        is_critical_high: it.severity.as_ref().is_some_and(|it| it.rating >= Rating::High),
        period,
        start: it.start,
        entry,
        until: last,
        status: end.map_or(Ending::Open, |_| it.outcome),
    })
}

/// In the order of the file.
const COLUMNS: [&str; 10] =
    ["team", "arm", "stratum", "entry", "time", "status", "period", "limit", "day", "id"];

impl Findings {
    /// `findings.csv`: ages and days with fractions, to the microsecond; the same bytes for the same cut.
    pub fn csv(&self) -> String {
        csv::table(&COLUMNS, self.rows.iter().map(|it| self.cells(it)))
    }

    fn cells(&self, it: &FindingRow) -> Vec<String> {
        let is_instant = it.entry == it.until;
        let is_during = it.period == Period::During;
        let limit = || csv::days(it.start, self.cut);
        vec![
            it.team.clone(),
            it.arm.as_str().to_owned(),
            if it.is_critical_high { "critical-high" } else { "rest" }.to_owned(),
            // The reader wants an entry before the time, and takes none as watched from the origin on.
            if is_instant { String::new() } else { csv::days(it.start, it.entry) },
            csv::days(it.start, it.until),
            it.status.as_str().to_owned(),
            it.period.as_str().to_owned(),
            if is_during { limit() } else { String::new() },
            csv::days(self.started, it.start),
            it.id.clone(),
        ]
    }
}
