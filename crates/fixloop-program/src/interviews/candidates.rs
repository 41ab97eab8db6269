//! Whom to ask: the teams with the worst and the best recent cases, and the one case of each to ask about.
//!
//! People tell more of one case that they remember than of how things are in general, so a case is recent: it ended within the last 180
//! days, or is open. What makes a case bad follows from what the hypothesis predicts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use fixloop_model::{Ending, Opportunity, Regression, Timestamp};
use jiff::civil::Date;
use serde::Serialize;

use crate::alerts::{Alert, first_alerts};
use crate::evidence::known_at_introduction::Kind as Known;
use crate::evidence::{Mined, days, open_days, team, until};
use crate::record::{Problem, Query};
use crate::words;

/// A case that ended longer ago is not remembered.
pub const RECENT_DAYS: f64 = 180.0;

/// Teams of each side: more are not asked about one hypothesis.
const MAX_TEAMS: usize = 5;

/// What makes a case worth asking about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Focus {
    /// An upgrade that was undone.
    Undone,
    /// The days before the first alert.
    LateAlert,
    /// The advisory was public when the version came in.
    Known,
    /// The days open, whatever the reason.
    Open,
}

impl Focus {
    /// By the first prediction; without any, by the days open.
    pub fn of(problem: &Problem) -> Self {
        problem.predictions.first().map_or(Self::Open, |it| match it.query {
            Query::UpgradeRegressions => Self::Undone,
            Query::LateAlerts => Self::LateAlert,
            Query::KnownAtIntroduction
            | Query::CeilingDetect
            | Query::CeilingReact
            | Query::CeilingLand
            | Query::CeilingFirstReference => Self::Known,
            Query::NotUseful => Self::Open,
        })
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Undone => "upgrades that were undone within 14 days; best: the ones that lasted",
            Self::LateAlert => "days before the first alert; best: the fewest",
            Self::Known => {
                "days open of what was known when it came in; best: the fewest until the fix"
            }
            Self::Open => "days open; best: the fewest until the fix",
        }
    }
}

/// The one case to ask a team about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    pub opportunity: String,
    pub target: String,
    pub package: String,
    pub version: String,
    /// What the side is ranked by: days open, before the alert, or until the upgrade was undone.
    pub days: f64,
    /// In words that the team understands.
    pub words: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Worst,
    Best,
}

/// A team to ask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub team: String,
    pub side: Side,
    pub case: Case,
    /// Somebody of it was interviewed about this hypothesis.
    pub is_interviewed: bool,
}

/// Whom to ask about a hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidates {
    pub focus: Focus,
    /// The worst first, then the best.
    pub teams: Vec<Candidate>,
    pub n_teams_with_a_case: usize,
    /// What a reader has to know about how they were chosen.
    pub notes: Vec<String>,
}

/// A case with what it is ranked by.
struct Ranked {
    case: Case,
    /// Greater is worse.
    badness: f64,
    /// Whether it shows that it can be done.
    is_good: bool,
}

/// The cases of each team.
#[derive(Default)]
struct OfTeam {
    worst: Option<Ranked>,
    best: Option<Ranked>,
}

/// Names teams to ask; `interviewed` are those that were.
pub fn candidates(
    mined: Mined<'_>,
    alerts: Option<&[Alert]>,
    focus: Focus,
    interviewed: &BTreeSet<&str>,
) -> Candidates {
    let (focus, notes) = possible(&mined, alerts, focus);
    let mut teams = cases(&mined, alerts, focus);
    let n_teams = teams.len();
    let wanted = MAX_TEAMS.min(n_teams.div_ceil(2));
    let mut worst: Vec<(&str, Ranked)> =
        teams.iter_mut().filter_map(|(team, it)| Some((*team, it.worst.take()?))).collect();
    worst.sort_by(|a, b| by_badness(&b.1, &a.1).then_with(|| a.0.cmp(b.0)));
    worst.truncate(wanted);
    let is_taken = |team: &str| worst.iter().any(|it| it.0 == team);
    let mut best: Vec<(&str, Ranked)> = teams
        .iter_mut()
        .filter(|it| !is_taken(it.0))
        .filter_map(|(team, it)| Some((*team, it.best.take()?)))
        .collect();
    best.sort_by(|a, b| by_badness(&a.1, &b.1).then_with(|| a.0.cmp(b.0)));
    best.truncate(wanted);
    let named = |side: Side| {
        move |(team, it): (&str, Ranked)| Candidate {
            is_interviewed: interviewed.contains(team),
            team: team.to_owned(),
            side,
            case: it.case,
        }
    };
    let teams = worst.into_iter().map(named(Side::Worst));
    let teams = teams.chain(best.into_iter().map(named(Side::Best))).collect();
    Candidates { focus, teams, n_teams_with_a_case: n_teams, notes }
}

/// The case of one team: its worst, or its best where it has no bad one.
pub fn case_of(
    mined: Mined<'_>,
    alerts: Option<&[Alert]>,
    focus: Focus,
    of_team: &str,
) -> Option<Case> {
    let (focus, _) = possible(&mined, alerts, focus);
    let found = |focus: Focus| {
        let it = cases(&mined, alerts, focus).remove(of_team)?;
        it.worst.or(it.best).map(|it| it.case)
    };
    // A team without a case of that kind still has one to talk about.
    found(focus).or_else(|| found(Focus::Open))
}

/// What can be asked of the data: alert times may never have been imported.
fn possible(mined: &Mined<'_>, alerts: Option<&[Alert]>, focus: Focus) -> (Focus, Vec<String>) {
    if focus == Focus::LateAlert
        && first_alerts(mined, alerts.unwrap_or_default()).pairs(mined.opportunities).count() == 0
    {
        let note = "no alert times are known (fixloop import alerts): chosen by days open";
        return (Focus::Open, vec![note.to_owned()]);
    }
    (focus, Vec::new())
}

fn cases<'m>(
    mined: &Mined<'m>,
    alerts: Option<&[Alert]>,
    focus: Focus,
) -> BTreeMap<&'m str, OfTeam> {
    let matching = first_alerts(mined, alerts.unwrap_or_default());
    let alerted: BTreeMap<&str, &Alert> = matching
        .pairs(mined.opportunities)
        .map(|(opportunity, alert)| (&*opportunity.id, alert))
        .collect();
    let mut teams: BTreeMap<&str, OfTeam> = BTreeMap::new();
    for it in mined.opportunities.iter().filter(|it| is_recent(mined, it)) {
        let alert = alerted.get(&*it.id).copied();
        for ranked in ranked(mined, it, alert, focus) {
            let of_team = teams.entry(team(it)).or_default();
            let place = if ranked.is_good { &mut of_team.best } else { &mut of_team.worst };
            let is_further = |other: &Ranked| {
                let order = by_badness(&ranked, other);
                let order = if ranked.is_good { order.reverse() } else { order };
                // Of two alike the later one is remembered better; the ids of opportunities decide the rest.
                order.then_with(|| ranked.case.opportunity.cmp(&other.case.opportunity))
            };
            if place.as_ref().is_none_or(|it| is_further(it) == Ordering::Greater) {
                *place = Some(ranked);
            }
        }
    }
    teams
}

fn by_badness(a: &Ranked, b: &Ranked) -> Ordering {
    a.badness.total_cmp(&b.badness)
}

fn is_recent(mined: &Mined<'_>, it: &Opportunity) -> bool {
    it.outcome != Ending::Withdrawn
        && it.end.is_none_or(|end| days(end, mined.cut) <= RECENT_DAYS)
        // What nobody has touched for long is not proved to be there.
        && days(until(it), mined.cut) <= RECENT_DAYS
}

/// The sides that an opportunity can stand on: a bad one is as bad as it is long, a good one is a fix.
fn ranked(mined: &Mined<'_>, it: &Opportunity, alert: Option<&Alert>, focus: Focus) -> Vec<Ranked> {
    let length = open_days(it);
    let is_fixed = matches!(it.outcome, Ending::Upgraded | Ending::Removed);
    let of = |badness: f64, is_good: bool, days: f64, words: String| Ranked {
        case: case(mined, it, days, words),
        badness,
        is_good,
    };
    let both = |length: f64, may_be_good: bool, words: String| {
        let mut sides = vec![of(length, false, length, words.clone())];
        sides.extend(may_be_good.then(|| of(length, true, length, words)));
        sides
    };
    match focus {
        Focus::Undone => match last_undone(mined, it) {
            Some(undone) => {
                let stood = days(undone.upgraded, undone.reverted);
                // The latest is the worst: it is remembered.
                let badness = -days(undone.reverted, mined.cut);
                vec![of(badness, false, stood, undone_words(mined, it, undone))]
            }
            None if it.outcome == Ending::Upgraded => {
                vec![of(length, true, length, story(mined, it, None))]
            }
            None => Vec::new(),
        },
        Focus::LateAlert => alert.map_or_else(Vec::new, |alert| {
            let until_alert = days(it.start, alert.created);
            both(until_alert, is_fixed, story(mined, it, Some(alert)))
        }),
        Focus::Known if Known::of(it) == Known::Known => {
            both(length, is_fixed, story(mined, it, alert))
        }
        Focus::Known => Vec::new(),
        Focus::Open => both(length, is_fixed, story(mined, it, alert)),
    }
}

fn case(mined: &Mined<'_>, it: &Opportunity, days: f64, words: String) -> Case {
    Case {
        opportunity: it.id.clone(),
        target: it.target.clone(),
        package: it.name.clone(),
        version: version(mined, it),
        days,
        words,
    }
}

fn version(mined: &Mined<'_>, it: &Opportunity) -> String {
    mined.exposures_of(it).next().map(|it| it.version_before.clone()).unwrap_or_default()
}

fn last_undone<'m>(mined: &Mined<'m>, it: &Opportunity) -> Option<&'m Regression> {
    let places = it.exposures.iter().filter_map(|it| mined.exposures.get(*it));
    places.flat_map(|it| &it.regressions).max_by_key(|it| it.reverted)
}

fn undone_words(mined: &Mined<'_>, it: &Opportunity, undone: &Regression) -> String {
    let stood = days(undone.upgraded, undone.reverted);
    format!(
        "{} was upgraded to {} on {}, and was back at {} {}",
        it.name,
        undone.upgraded_version,
        day(mined, undone.upgraded),
        undone.reverted_version,
        after(stood)
    )
}

/// `lodash 4.17.15 came in on 3 March, fixed after 41 days`.
fn story(mined: &Mined<'_>, it: &Opportunity, alert: Option<&Alert>) -> String {
    let package = format!("{} {}", it.name, version(mined, it));
    let began = if it.disclosed > it.introduced {
        format!("got an advisory on {}", day(mined, it.disclosed))
    } else if it.left_truncated {
        format!("was there on {}, where the history begins", day(mined, it.introduced))
    } else {
        format!("came in on {}", day(mined, it.introduced))
    };
    let alerted =
        alert.map(|alert| format!("first alerted {}", after(days(it.start, alert.created))));
    let length = after(open_days(it));
    let ended = match it.outcome {
        Ending::Upgraded => format!("fixed {length}"),
        Ending::Removed => format!("removed {length}"),
        Ending::Suppressed => format!("accepted {length}"),
        Ending::Withdrawn => "and its advisory was withdrawn".to_owned(),
        Ending::Open => format!("still open {length}"),
    };
    let parts = [Some(format!("{} {began}", package.trim_end())), alerted, Some(ended)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn after(length: f64) -> String {
    match length.round() {
        it if it < 1.0 => "the same day".to_owned(),
        it => format!("after {}", words::days(it)),
    }
}

/// `3 March`, with the year where it is not the cut's.
fn day(mined: &Mined<'_>, time: Timestamp) -> String {
    in_words(words::date(time), words::date(mined.cut).year())
}

/// `3 March`, with the year where it is not this one.
pub(super) fn in_words(date: Date, year: i16) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::try_from(date.month() - 1).ok().and_then(|it| MONTHS.get(it));
    let text = format!("{} {}", date.day(), month.copied().unwrap_or_default());
    if date.year() == year { text } else { format!("{text} {}", date.year()) }
}
