//! Thirteen tests of a treatment of whole teams, and the sequential one under more looks.

use fixloop_experiment::{FIXED, Finding, Schedule, Settings, Statistic, Table, looks, team_test};
use fixloop_stats::Observation;
use fixloop_stats::e_log_rank::{
    AGE_BANDS, CalendarObservation, CalendarSample, HazardRatio, e_log_rank_by_calendar,
};
use fixloop_stats::e_normal::log_e_normal_mixture;
use fixloop_stats::log_rank::{GroupedSample, log_rank, log_rank_by_cluster};
use fixloop_stats::randomization::{Assignments, Limits, Sequential, p_values, spent_budget};
use fixloop_stats::team_counts::{TeamCounts, TeamSample, team_counts};
use fixloop_stats::team_means::{TeamRows, team_means};
use fixloop_stats::team_score::{DEFAULT_THETA, team_scores};

use super::world::{LAST_DAY, seen_by};

pub(super) const ALPHA: f64 = 0.05;
/// Of a normal distribution at [`ALPHA`], as the reference has it.
const Z: f64 = 1.959_964;
const WEEKLY: &[u32] = &[14, 21, 28, 35, 42, 49, 56];
/// Variance of the log hazard ratios that the normal mixture bets on, and the ratio of the exact bet.
const EFFECT_VARIANCE: f64 = 0.12;
pub(super) const BET: f64 = 1.4;

/// As in the reference: everything up to 1,000 assignments, else 999 draws.
pub(super) const LIMITS: Limits = Limits { n_listed: 1_000, n_drawn: 999 };

/// Names as in `sim_results.json`, in the order of [`reject`].
pub(super) const TESTS: [&str; 13] = [
    "naive log-rank, one look",
    "robust z, one look, normal",
    "robust z, G/(G-1), t(G-2), one look",
    "permutation U, one look",
    "permutation U/sqrtV, one look",
    "permutation team score, one look",
    "permutation team score, pre-period adjusted, one look",
    "t-test on team O/E ratios (log)",
    "naive log-rank, weekly looks",
    "normal-mixture e with max(V,Vrobust), weekly looks",
    "sequential permutation U/sqrtV, weekly looks",
    "sequential permutation team score, pre-period adjusted, weekly looks",
    "exact e-logrank (age bands), daily looks",
];

/// Schedules of the adjusted team score, each with its days; the last is the end of the pilot.
pub(super) const SCHEDULES: [(&str, &[u32]); 4] = [
    ("weekly, 7 looks", WEEKLY),
    ("working days to day 14, then weekly, 10 looks", &[9, 10, 11, 12, 21, 28, 35, 42, 49, 56]),
    ("every working day, 40 looks", &WORKING_DAYS),
    ("pilot of 14 days, 10 looks", &[2, 3, 4, 5, 8, 9, 10, 11, 12, 14]),
];

/// Five of each week, the last one moved to the end.
const WORKING_DAYS: [u32; 40] = {
    let mut days = [0; 40];
    let (mut place, mut day) = (0, 1);
    while place < 40 {
        if day % 7 != 6 && day % 7 != 0 {
            days[place] = day;
            place += 1;
        }
        day += 1;
    }
    days[39] = LAST_DAY;
    days
};

/// What many tests are made of.
struct Rows<'t> {
    findings: Vec<&'t Finding>,
    observations: Vec<Observation>,
    teams: Vec<u32>,
    groups: Vec<u32>,
    n_teams: usize,
}

impl<'t> Rows<'t> {
    fn of(table: &'t Table, is_before: bool) -> Self {
        let findings: Vec<&Finding> =
            table.findings.iter().filter(|it| it.is_before == is_before).collect();
        Self {
            observations: findings.iter().map(|it| it.observation).collect(),
            teams: findings.iter().map(|it| it.team).collect(),
            groups: findings.iter().map(|it| arm_of(it)).collect(),
            n_teams: table.teams.len(),
            findings,
        }
    }

    fn counts(&self) -> Option<TeamCounts> {
        let (observations, teams) = (&*self.observations, &*self.teams);
        let sample = TeamSample { observations, teams, n_teams: self.n_teams, strata: None };
        team_counts(&sample, FIXED).ok()
    }

    fn grouped(&self) -> GroupedSample<'_> {
        GroupedSample { observations: &self.observations, groups: &self.groups, strata: None }
    }

    /// Robust and plain z of the score, the p of t, and the e-value of the worse variance.
    fn by_cluster(&self) -> Option<(f64, f64, f64)> {
        let found = log_rank_by_cluster(&self.grouped(), &self.teams, FIXED).ok()?;
        let variance = f64::max(found.variance_robust, found.variance_independent);
        let log_e = log_e_normal_mixture(found.score, variance, EFFECT_VARIANCE).ok()?;
        Some((found.z, found.p, log_e))
    }
}

pub(super) fn arm_of(it: &Finding) -> u32 {
    u32::try_from(it.arm.index()).unwrap_or(0)
}

pub(super) fn settings(run: u64) -> Settings {
    Settings { limits: LIMITS, seed: run, ..Settings::default() }
}

/// The assignments of the teams and their scores in the time before.
struct Design {
    assignments: Assignments,
    treated: Vec<f64>,
    history: Vec<f64>,
}

impl Design {
    fn of(table: &Table, run: u64) -> Option<Self> {
        let arms = table.arms_of_teams().ok()?;
        let treated: Vec<bool> =
            arms.iter().map(|it| it.is_some_and(|it| it.index() == 1)).collect();
        let blocks = vec![0; treated.len()];
        Some(Self {
            assignments: Assignments::of_strata(&blocks, &treated, LIMITS, run).ok()?,
            treated: treated.iter().map(|it| f64::from(u8::from(*it))).collect(),
            history: team_scores(&Rows::of(table, true).counts()?, DEFAULT_THETA).scores,
        })
    }

    /// U / sqrt(V) of each assignment.
    fn log_ranks(&self, counts: &TeamCounts) -> Vec<f64> {
        self.assignments.map(|it| {
            let (score, variance) = counts.log_rank(it);
            score / f64::max(variance, 1e-12).sqrt()
        })
    }

    /// The difference of adjusted scores of each assignment.
    fn scores(&self, counts: &TeamCounts) -> Vec<f64> {
        let scores = team_scores(counts, DEFAULT_THETA).adjusted(&self.history).scores;
        self.assignments.map(|it| scores.difference(it))
    }

    fn sequential(&self) -> Sequential {
        Sequential::new(self.assignments.len(), self.assignments.observed())
    }

    fn budget(&self, day: u32, last: u32) -> usize {
        spent_budget(self.assignments.len(), ALPHA, f64::from(day) / f64::from(last), 2.0)
    }
}

/// Which of [`TESTS`] reject; one that cannot be made does not.
pub(super) fn reject(table: &Table, run: u64) -> Vec<bool> {
    rejections(table, run).unwrap_or_else(|| vec![false; TESTS.len()])
}

fn rejections(table: &Table, run: u64) -> Option<Vec<bool>> {
    let design = Design::of(table, run)?;
    let rows = Rows::of(table, false);
    let counts = rows.counts()?;
    let is_naive = log_rank(&rows.grouped(), FIXED, 0.0).is_ok_and(|it| it.test.statistic > Z * Z);
    let robust = rows.by_cluster();
    let is_rare = |statistics: &[f64]| {
        p_values(statistics, design.assignments.observed()).is_some_and(|it| it.two_sided <= ALPHA)
    };
    // These three are the engine's own, from the table to the p-value.
    let engine = |table: &Table, statistic: Statistic| {
        let settings = Settings { statistic, ..settings(run) };
        team_test(table, &settings).is_ok_and(|it| it.p.two_sided <= ALPHA)
    };
    let without_history = Table { findings: table.during().copied().collect(), ..table.clone() };
    let scores = team_scores(&counts, DEFAULT_THETA);
    let numbers: Vec<u32> = (0..).take(rows.n_teams).collect();
    let arms: Vec<u32> = design.treated.iter().map(|it| u32::from(*it > 0.5)).collect();
    let teams = TeamRows { values: &scores.scores, teams: &numbers, arms: &arms };
    let [is_peeked, is_e, is_u, is_score] = weekly(table, &design);
    Some(vec![
        is_naive,
        robust.is_some_and(|it| it.0.abs() > Z),
        robust.is_some_and(|it| it.1 < ALPHA),
        engine(table, Statistic::LogRank),
        is_rare(&design.log_ranks(&counts)),
        engine(&without_history, Statistic::TeamScore),
        engine(table, Statistic::TeamScore),
        team_means(&teams).is_ok_and(|it| it.test.p <= ALPHA),
        is_peeked,
        is_e,
        is_u,
        is_score,
        is_bet_won(table, None),
    ])
}

/// Naive log-rank, normal mixture, sequential U/sqrt(V) and sequential scores, each looked at weekly.
fn weekly(table: &Table, design: &Design) -> [bool; 4] {
    let mut is_rejected = [false; 4];
    let mut sequential = [design.sequential(), design.sequential()];
    for day in WEEKLY {
        let seen = seen_by(table, f64::from(*day));
        let rows = Rows::of(&seen, false);
        let Some(counts) = rows.counts().filter(|it| it.n_events >= 2) else { continue };
        let (score, variance) = counts.log_rank(&design.treated);
        if variance <= 0.0 {
            continue;
        }
        is_rejected[0] |= score.abs() / variance.sqrt() > Z;
        is_rejected[1] |= rows.by_cluster().is_some_and(|it| it.2 >= -ALPHA.ln());
        let budget = design.budget(*day, LAST_DAY);
        for (place, statistics) in
            [design.log_ranks(&counts), design.scores(&counts)].iter().enumerate()
        {
            let look = sequential[place].look(statistics, budget);
            is_rejected[2 + place] |= look.is_ok_and(|it| it.is_rejected);
        }
    }
    is_rejected
}

/// Whether the exact bet on the log-rank reaches 1/alpha on any day, inside `strata` (teams) or over all.
pub(super) fn is_bet_won(table: &Table, strata: Option<&[u32]>) -> bool {
    bet(table, strata).unwrap_or(false)
}

fn bet(table: &Table, strata: Option<&[u32]>) -> Option<bool> {
    let rows = Rows::of(table, false);
    let observation = |it: &&Finding| {
        #[expect(clippy::cast_possible_truncation, reason = "days of a world of 56 days")]
        let (day, time) = (it.day? as i32, it.observation.time() as i32);
        CalendarObservation::new(day, day, day + time, it.observation.outcome()).ok()
    };
    let observations: Vec<CalendarObservation> =
        rows.findings.iter().map(observation).collect::<Option<_>>()?;
    let (groups, age_bands) = (&*rows.groups, &AGE_BANDS[..]);
    let sample = CalendarSample { observations: &observations, groups, strata, age_bands };
    let process = e_log_rank_by_calendar(&sample, FIXED, HazardRatio::new(BET).ok()?).ok()?;
    Some(process.first_rejection(ALPHA).is_some())
}

/// Which of [`SCHEDULES`] ever reject by the adjusted team score, as the engine looks.
///
/// A schedule that ends before the data sees nothing of what comes later.
pub(super) fn reject_by_schedule(table: &Table, run: u64) -> Vec<bool> {
    // Without limits no interval is made at each look, which would be hundreds of tests.
    let mut table = table.clone();
    table.findings.iter_mut().for_each(|it| it.limit = None);
    let is_rejected = |(_, days): &(&str, &[u32])| {
        let days: Vec<f64> = days.iter().copied().map(f64::from).collect();
        let end = days.last().copied().unwrap_or(0.0);
        let Ok(schedule) = Schedule::new(days) else { return false };
        looks(&table, &settings(run), &schedule, (end, 0.1)).is_ok_and(|it| it.is_rejected())
    };
    SCHEDULES.iter().map(is_rejected).collect()
}
