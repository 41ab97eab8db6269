//! Where a metric stands before a key result begins, and what the plan of a key result says of it.

use std::collections::BTreeMap;

use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_readout::{Definition, Estimate, Group, InWindow, Readout, Row, in_window};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::detection::{Ahead, Alternative, Detection, detection};
use crate::metric::Metric;
use crate::population::Population;
use crate::smart::{Answer, Check, checks};
use crate::target::{Target, TargetFault};
use crate::words::{date, days_between, midnight};

/// With fewer fixes in the last year, everything mined is the baseline.
const FEW_FIXES: usize = 30;

/// Days of the usual window.
const WINDOW_DAYS: i32 = 365;

/// A team with fewer rows is no example for others.
const MIN_ROWS_OF_A_TEAM: usize = 10;

/// A key result as it is planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub metric: Metric,
    pub population: Population,
    pub target: Option<Target>,
    pub start: Date,
    pub end: Option<Date>,
    /// The baseline begins on this day.
    pub since: Option<Date>,
    pub owner: Option<String>,
    pub statement: Option<String>,
    /// The risk or policy that it is about.
    pub risk: Option<String>,
}

/// What was mined.
pub struct Source<'a> {
    pub readout: &'a Readout,
    pub today: Date,
    /// Nothing later was seen: the newest commit.
    pub last_commit: Option<Timestamp>,
    pub n_gaps: usize,
    /// Upgrades that were undone, of all upgrades.
    pub regressions: (f64, f64),
    /// Packages that came in when their advisory was public, of all: what an alert at the first reference could reach.
    pub known_at_introduction: (f64, f64),
}

/// The window of the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowOf {
    pub from: Date,
    pub until: Date,
    /// Why it is this one, in words.
    pub why: String,
}

/// What must not get worse meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    pub metric: &'static str,
    /// `None` if there is nothing to take it of.
    pub value: Option<f64>,
    pub words: &'static str,
}

/// The target against the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    pub value: f64,
    /// 0.2 is 20 % less.
    pub reduction: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    pub plan: Plan,
    pub today: Date,
    pub subject: String,
    pub definition: Definition,
    pub window: WindowOf,
    /// The period curve of the window, and every number of it.
    pub group: Group,
    pub value: Option<Estimate>,
    /// The same metric over everything mined, as `history` has it.
    pub of_all: Option<Estimate>,
    /// Open days per 100 targets and month of the window.
    pub exposure_days_per_100_targets_a_month: Option<f64>,
    pub fixes_a_day: f64,
    pub wanted: Option<Wanted>,
    /// `None` where a part of the plan is missing, or how teams differ is not known.
    pub detection: Option<Detection>,
    /// The soonest first.
    pub alternatives: Vec<Alternative>,
    pub guards: Vec<Guard>,
    pub checks: Vec<Check>,
    pub(crate) last_commit: Option<Date>,
    pub(crate) n_gaps: usize,
    pub(crate) known_at_introduction: (f64, f64),
    pub(crate) target_fault: Option<TargetFault>,
    /// The value of the best tenth of teams (of few teams, the best), and how many were compared.
    pub(crate) best_teams: Option<(f64, usize)>,
    /// Of the open critical and high ones, the share of open days that the population holds.
    pub(crate) open_exposure: Option<f64>,
}

impl Baseline {
    /// Nothing is missing.
    pub fn is_accepted(&self) -> bool {
        self.n_of(Answer::Block) == 0
    }

    pub fn n_of(&self, answer: Answer) -> usize {
        self.checks.iter().filter(|it| it.answer == answer).count()
    }

    pub fn n_fixed(&self) -> usize {
        self.group.n_upgraded + self.group.n_removed
    }
}

/// Takes the baseline and asks every check. Costs a pass over the rows for each team (up to 50), metric and population.
pub fn baseline(plan: Plan, source: &Source<'_>) -> Baseline {
    let rows = &source.readout.rows;
    let until = until(&plan, source);
    let (window, everyone) = window(&plan, rows, until);
    let part = everyone.kept(|it| plan.population.holds(it));
    let group = part.group(plan.population.option());
    let value = plan.metric.of(&group);
    let all: Vec<Row> = rows.iter().filter(|it| plan.population.holds(it)).cloned().collect();
    let of_all = in_window(&all, first_start(&all), Timestamp(i64::MAX / 2));
    let of_all = of_all.and_then(|it| plan.metric.of(&it.group("all")));
    let (wanted, target_fault) = wanted(&plan, value);
    let mut found = Baseline {
        today: source.today,
        subject: source.readout.subject.clone(),
        definition: source.readout.definition.clone(),
        exposure_days_per_100_targets_a_month: exposure(source.readout, &window),
        fixes_a_day: 0.0,
        detection: None,
        alternatives: Vec::new(),
        guards: guards(&group, source.regressions),
        checks: Vec::new(),
        last_commit: source.last_commit.map(date),
        n_gaps: source.n_gaps,
        known_at_introduction: source.known_at_introduction,
        best_teams: best_teams(plan.metric, &part),
        open_exposure: open_exposure(plan.population, &everyone),
        plan,
        window,
        group,
        value,
        of_all,
        wanted,
        target_fault,
    };
    let year = recent(rows, &found.window, until);
    found.fixes_a_day = fixes_a_day(&year, found.plan.population);
    look_ahead(&mut found, &everyone, &year);
    found.checks = checks(&found);
    found
}

/// The end of the baseline: nothing was seen later, and what comes after the start is no baseline.
fn until(plan: &Plan, source: &Source<'_>) -> Timestamp {
    let cut = source.readout.cut.unwrap_or(midnight(source.today));
    let seen = source.last_commit.map_or(cut, |it| it.min(cut));
    seen.min(midnight(plan.start))
}

fn window(plan: &Plan, rows: &[Row], until: Timestamp) -> (WindowOf, InWindow) {
    let year = back(until);
    let of = |after: Timestamp, why: String| {
        let part = in_window(rows, after, until);
        // A window without a day holds nothing, and says so by its numbers.
        let part = part.or_else(|| in_window(&[], Timestamp(0), Timestamp(1)));
        Some((WindowOf { from: date(after), until: date(until), why }, part?))
    };
    let named = plan.since.and_then(|it| of(midnight(it), "as asked for by --since".to_owned()));
    let usual = || {
        let found = of(year, format!("the last {WINDOW_DAYS} days that were seen"))?;
        let n_fixed = n_fixed(&found.1.kept(|it| plan.population.holds(it)));
        if n_fixed >= FEW_FIXES {
            return Some(found);
        }
        let why =
            format!("everything mined: in the last {WINDOW_DAYS} days only {n_fixed} were fixed");
        of(first_start(rows).min(year), why)
    };
    named.or_else(usual).expect("a window of one microsecond is one")
}

/// The events that tell how many come in the future.
fn recent(rows: &[Row], window: &WindowOf, until: Timestamp) -> (InWindow, f64) {
    let after = back(until).max(midnight(window.from));
    let n_days = ((until.0 - after.0) as f64 / 86_400e6).max(1.0);
    let part = in_window(rows, after, until)
        .or_else(|| in_window(&[], Timestamp(0), Timestamp(1)))
        .expect("a window of one microsecond is one");
    (part, n_days)
}

fn fixes_a_day((year, n_days): &(InWindow, f64), population: Population) -> f64 {
    n_fixed(&year.kept(|it| population.holds(it))) as f64 / n_days
}

fn n_fixed(part: &InWindow) -> usize {
    let is_fixed = |it: &&Row| matches!(it.outcome, Ending::Upgraded | Ending::Removed);
    part.rows().filter(is_fixed).count()
}

fn back(until: Timestamp) -> Timestamp {
    Timestamp(until.0 - i64::from(WINDOW_DAYS) * 86_400_000_000)
}

/// A moment before anything started.
fn first_start(rows: &[Row]) -> Timestamp {
    let first = rows.iter().filter_map(|it| it.start).min();
    first.map_or(Timestamp(0), |it| Timestamp(it.0 - 1))
}

fn wanted(plan: &Plan, value: Option<Estimate>) -> (Option<Wanted>, Option<TargetFault>) {
    let Some((target, baseline)) = plan.target.zip(value.map(|it| it.value)) else {
        return (None, None);
    };
    match target.value(baseline, plan.metric) {
        Ok(value) => (Some(Wanted { value, reduction: 1.0 - value / baseline }), None),
        Err(fault) => (None, Some(fault)),
    }
}

/// Open days of the window's months by the targets of each; they are those of every population.
fn exposure(readout: &Readout, window: &WindowOf) -> Option<f64> {
    let name = |day: Date| format!("{:04}-{:02}", day.year(), day.month());
    let (from, until) = (name(window.from), name(window.until));
    let inside = readout.months.iter().filter(|it| from <= it.month && it.month <= until);
    let (days, n) =
        inside.fold((0.0, 0), |sum, it| (sum.0 + it.exposure_days, sum.1 + it.n_targets));
    (n > 0).then(|| days / n as f64 * 100.0)
}

fn guards(group: &Group, (n_undone, n_upgrades): (f64, f64)) -> Vec<Guard> {
    let share = |n: f64, of: f64| (of > 0.0).then(|| n / of);
    vec![
        Guard {
            metric: "upgrade_regression_rate",
            value: share(n_undone, n_upgrades),
            words: "upgrades of a vulnerable package undone within 14 days",
        },
        Guard {
            metric: "share_suppressed",
            value: share(group.n_suppressed as f64, group.n_rows as f64),
            words: "opportunities closed by an exception and not by a fix",
        },
    ]
}

fn best_teams(metric: Metric, part: &InWindow) -> Option<(f64, usize)> {
    let mut n_rows: BTreeMap<&str, usize> = BTreeMap::new();
    for it in part.rows() {
        if let Some(team) = &it.team {
            *n_rows.entry(team).or_default() += 1;
        }
    }
    let teams = n_rows.iter().filter(|it| *it.1 >= MIN_ROWS_OF_A_TEAM);
    let mut values: Vec<f64> = teams
        .filter_map(|(team, _)| {
            let of_team = part.kept(|it| it.team.as_deref() == Some(*team));
            Some(metric.of(&of_team.group(team))?.value)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let place = values.len().div_ceil(10).saturating_sub(1);
    values.get(place).map(|it| (*it, values.len()))
}

fn open_exposure(population: Population, everyone: &InWindow) -> Option<f64> {
    let urgent =
        |it: &&Row| it.outcome == Ending::Open && it.severity.is_some_and(|it| it >= Rating::High);
    let of = |holds: &dyn Fn(&Row) -> bool| -> f64 {
        everyone.rows().filter(urgent).filter(|it| holds(it)).map(|it| it.time_days).sum()
    };
    let all = of(&|_| true);
    (all > 0.0).then(|| of(&|it| population.holds(it)) / all)
}

/// From when on the change is detectable, here and by other populations and metrics.
fn look_ahead(found: &mut Baseline, everyone: &InWindow, year: &(InWindow, f64)) {
    let Some((wanted, end)) = found.wanted.zip(found.plan.end) else { return };
    let start = found.plan.start;
    if days_between(start, end) <= 0 {
        return;
    }
    let wanted = -(1.0 - wanted.reduction).ln();
    for population in Population::ALL {
        let part = everyone.kept(|it| population.holds(it));
        let ahead = Ahead { fixes_a_day: fixes_a_day(year, population), start, end, wanted };
        for metric in Metric::ALL {
            let spread = part.log_spread(metric.statistic());
            let Some(it) = spread.and_then(|it| detection(&it, ahead)) else { continue };
            if (metric, population) == (found.plan.metric, found.plan.population) {
                found.detection = Some(it);
            } else if let Some(from) = it.from {
                found.alternatives.push(Alternative { metric, population, from });
            }
        }
    }
    found.alternatives.sort_by_key(|it| it.from);
}

/// The last day that a key result may end on: 100 days after its start.
pub(crate) fn latest_end(start: Date) -> Date {
    start.saturating_add(100.days())
}
