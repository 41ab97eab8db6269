//! From rows to a readout.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_stats::Observation;

use crate::group::{Ages, FIXED, Observed, SUPPRESSED, group};
use crate::labels::Labels;
use crate::months::{day_number, month_starts, months, quarter_name};
use crate::readout::{Definition, Group, Quantile, Readout, Row, Slowest, Split};
use crate::window::{cut_to, spans};

/// The one definition of time to fix.
pub const TIME_TO_FIX: Definition = Definition {
    metric: Cow::Borrowed("time_to_fix"),
    noun: ("opportunity", "opportunities"),
    unit: Cow::Borrowed(
        "opportunity: one target and package while any vulnerability of it is open, which one upgrade closes",
    ),
    clock: Cow::Borrowed("max(introduced, disclosed)"),
    event: Cow::Borrowed("upgraded or removed (by a commit on the default branch)"),
    competing: Cow::Borrowed("suppressed (an exception or VEX statement)"),
    dropped: Cow::Borrowed("withdrawn advisories; unmaintained and informational ones"),
    censored: Cow::Borrowed("still open when last proved to be there"),
};

/// Packages that are named as the slowest.
const MAX_SLOWEST: usize = 15;

/// Quarters that are told apart, the newest.
const MAX_QUARTERS: usize = 8;

/// What a readout is made of.
pub struct Input {
    /// What was read, in words.
    pub subject: String,
    pub definition: Definition,
    pub ages: Ages,
    pub rows: Vec<Row>,
    pub cut: Option<Timestamp>,
    /// Of each target: when it was first and last there; empty where that is not known.
    pub target_times: Vec<(Timestamp, Timestamp)>,
    /// Facts of the source, in words.
    pub facts: Vec<(String, String)>,
    /// What the source cannot show, in sentences; the readout adds what its numbers cannot.
    pub limits: Vec<String>,
}

/// Computes everything. Linear in rows but for sorting, and in ages times the number of teams, up to 50.
pub fn readout(input: Input) -> Readout {
    let observed: Vec<Observed<'_>> = input.rows.iter().filter_map(Observed::of).collect();
    let ages = &input.ages;
    let overall = group("all", &observed, ages);
    let mut splits = Vec::new();
    let split =
        |splits: &mut Vec<Split>, by, value: &dyn for<'r> Fn(&'r Row) -> Option<&'r str>| {
            splits.extend(split_by(by, &observed, ages, value));
        };
    split(&mut splits, "ecosystem", &|it| it.ecosystem.as_deref());
    split(&mut splits, "severity", &|it| {
        it.ecosystem.as_ref()?;
        Some(it.severity.map_or("6 unrated", ordered_rating))
    });
    split(&mut splits, "direct", &|it| {
        it.ecosystem.as_ref()?;
        let words = ["0 direct", "1 transitive", "2 not told by the file"];
        Some(words[it.direct.map_or(2, |it| usize::from(!it))])
    });
    splits.extend(periods(&input.rows, input.cut, ages));
    split(&mut splits, "team", &|it| it.team.as_deref());
    split(&mut splits, "arm", &|it| it.arm.as_deref());
    split(&mut splits, "stratum", &|it| it.stratum.as_deref());
    for split in splits.iter_mut().filter(|it| matches!(it.by, "severity" | "direct")) {
        for group in &mut split.groups {
            group.name = group.name[2..].to_owned();
        }
    }
    let slowest = slowest(&observed, ages);
    let mut limits = input.limits;
    limits.extend(limits_of(&overall, &input.rows, &input.definition));
    drop(observed);
    Readout {
        subject: input.subject,
        definition: input.definition,
        cut: input.cut,
        months: months(&input.rows, &input.target_times, input.cut),
        overall,
        splits,
        slowest,
        facts: input.facts,
        limits,
        method: method(ages),
        rows: input.rows,
    }
}

/// A group for each value; `None` if fewer than two values are there.
fn split_by(
    by: &'static str,
    observed: &[Observed<'_>],
    ages: &Ages,
    value: &dyn for<'r> Fn(&'r Row) -> Option<&'r str>,
) -> Option<Split> {
    let values = Labels::of(observed.iter().map(|it| value(it.row)));
    if values.names.len() < 2 {
        return None;
    }
    let mut members: Vec<Vec<Observed<'_>>> = values.names.iter().map(|_| Vec::new()).collect();
    for (it, value) in observed.iter().zip(&values.of_row) {
        if let Some(value) = value {
            members[*value as usize].push(Observed { row: it.row, observation: it.observation });
        }
    }
    let groups = values.names.iter().zip(&members);
    Some(Split { by, groups: groups.map(|(name, it)| group(name, it, ages)).collect() })
}

/// With a digit in front by which the worst comes first.
fn ordered_rating(it: Rating) -> &'static str {
    match it {
        Rating::Critical => "1 critical",
        Rating::High => "2 high",
        Rating::Medium => "3 medium",
        Rating::Low => "4 low",
        Rating::None => "5 none",
    }
}

/// Period curves: what each quarter would have led to, by the events and open days inside it alone.
fn periods(rows: &[Row], cut: Option<Timestamp>, ages: &Ages) -> Option<Split> {
    let cut = cut?;
    let spans = spans(rows);
    let first = spans.iter().map(|it| it.1.origin).min_by(f64::total_cmp)?;
    let quarters: Vec<f64> = month_starts(first, day_number(cut)).into_iter().step_by(3).collect();
    let mut groups = Vec::new();
    for bounds in quarters.windows(2).rev().take(MAX_QUARTERS) {
        let cut = cut_to(&spans, bounds[0], bounds[1].min(day_number(cut)));
        groups.extend(cut.map(|it| it.group_at(&quarter_name(bounds[0]), ages)));
    }
    groups.reverse();
    (groups.len() >= 2).then_some(Split { by: "period", groups })
}

/// What was open for the longest, all its rows together.
fn slowest(observed: &[Observed<'_>], ages: &Ages) -> Vec<Slowest> {
    let mut subjects: BTreeMap<&str, Vec<Observed<'_>>> = BTreeMap::new();
    for it in observed.iter().filter(|it| !it.row.subject.is_empty()) {
        let member = Observed { row: it.row, observation: it.observation };
        subjects.entry(&it.row.subject).or_default().push(member);
    }
    let mut all: Vec<(&str, Vec<Observed<'_>>, f64)> = subjects
        .into_iter()
        .map(|(subject, members)| {
            let days = members.iter().map(|it| it.observation.time()).sum();
            (subject, members, days)
        })
        .collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    let named = all.into_iter().take(MAX_SLOWEST).map(|(subject, members, exposure_days)| {
        let numbers = group(subject, &members, ages);
        let one = || Quantile { value: numbers.median.value, lower: None, upper: None };
        Slowest {
            subject: subject.to_owned(),
            n_rows: numbers.n_rows,
            n_open: numbers.n_open,
            exposure_days,
            median: if numbers.n_rows < 10 { one() } else { numbers.median },
            row_ids: numbers.row_ids,
        }
    });
    named.collect()
}

/// Fewer teams say little of how teams differ (science: 6 for a baseline).
const FEW_TEAMS: usize = 6;

fn limits_of(overall: &Group, rows: &[Row], definition: &Definition) -> Vec<String> {
    let mut limits = Vec::new();
    if overall.n_rows == 0 {
        limits.push("There is nothing to estimate: no row was ever at risk.".to_owned());
        return limits;
    }
    let n_fixed = overall.n_upgraded + overall.n_removed;
    if overall.n_left_truncated > 0 {
        limits.push(format!(
            "{} of {} were there when the history begins: their clocks start then, so they took longer than is told.",
            overall.n_left_truncated, overall.n_rows
        ));
    }
    if overall.n_teams > 0 && overall.n_teams < FEW_TEAMS {
        limits.push(format!(
            "Only {} teams: how much teams differ is hardly known, and intervals are wide for that reason.",
            overall.n_teams
        ));
    }
    if n_fixed < 30 {
        limits.push(format!("Only {n_fixed} were fixed: a few more could change every number."));
    }
    if overall.median.value.is_none() {
        limits.push("Less than half were fixed within the time observed: the median is not reached, and no mean of the fixed ones replaces it.".to_owned());
    }
    let n_dropped = rows.iter().filter(|it| it.outcome == Ending::Withdrawn).count();
    if n_dropped > 0 {
        limits.push(format!("{n_dropped} withdrawn rows were dropped."));
    }
    if *definition == TIME_TO_FIX {
        limits.push("A time to fix says nothing of vulnerabilities that never came in; the open days per 100 targets do.".to_owned());
    }
    limits
}

fn method(ages: &Ages) -> Vec<String> {
    let restricted_mean = format!(
        "Restricted mean: mean days open, whatever ended them, up to {} days; the area under the Kaplan–Meier curve of any end.",
        ages.horizon
    );
    let text = [
        "Share fixed: Aalen–Johansen cumulative incidence of upgraded or removed, with suppressed as a competing end (Aalen & Johansen 1978). Upgraded only, beside it, has removed competing, too.",
        "Curve and median: the share not fixed yet, 1 minus that incidence; the median is the first age at which half are fixed. Without suppressed rows this is the Kaplan–Meier curve.",
        &restricted_mean,
        "Intervals: 95 %, delete-one-team jackknife with t of teams minus one (Efron & Stein 1981), for shares on the scale log(-log); where only one team is known, Greenwood's by row.",
        "Delayed entry: a row is at risk from the age at which it was first seen (entry < t <= time). Where fewer than 10 are at risk at first, the curve starts at the first age with 10 and is conditional on being open then.",
        "Periods: events and open days inside the quarter alone, each row entering at its age on the first day (Brenner & Gefeller 1996).",
    ];
    text.map(str::to_owned).to_vec()
}

/// The row as the estimators take it; `None` for what was never at risk: withdrawn, or gone when it would have come under observation.
pub fn observation(row: &Row) -> Option<Observation> {
    Observed::of(row).map(|it| it.observation)
}

/// The cause that competes with a fix.
pub const COMPETING_CAUSE: fixloop_stats::Causes = fixloop_stats::Causes::Only(SUPPRESSED);

/// The causes that count as fixed, for other users of the same rows.
pub const FIXED_CAUSES: fixloop_stats::Causes = FIXED;
