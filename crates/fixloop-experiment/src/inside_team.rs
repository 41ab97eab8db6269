//! Findings that were randomised inside their teams: every team is its own control.

use fixloop_stats::e_log_rank::{
    AGE_BANDS, CalendarObservation, CalendarSample, HazardRatio, e_log_rank_by_calendar,
};
use fixloop_stats::group_sequential::{Spending, critical_values};
use fixloop_stats::log_rank::{GroupedSample, log_rank};
use fixloop_stats::martingale::martingale_residuals;
use fixloop_stats::randomization::{
    Assignments, AssignmentsError, Limits, PValues, grid, invert, p_values, rescaled,
};
use fixloop_stats::{Observation, p_normal};
use rayon::prelude::*;

use crate::looks::{LookReading, Schedule, seen_on};
use crate::table::{Arm, FIXED, Finding, Table};
use crate::team_randomized::{CannotTest, Settings, TimeRatio, is_1};
use crate::within_day::{earlier, within_day};

/// Draws times findings that are kept in memory.
const MAX_CELLS: usize = 1 << 24;

/// Draws of the exact test: each is looked at for every ratio.
const N_DRAWN: usize = 1_999;

/// A hazard ratio that monitoring is tuned to; the mixture takes either direction.
const MONITORED_RATIO: f64 = 1.4;

/// The test inside teams.
#[derive(Clone, Debug, PartialEq)]
pub struct InsideTest {
    pub p: PValues,
    /// Log-rank numerator: above 0, sooner with the treatment.
    pub score: f64,
    /// The same over its hypergeometric standard error.
    pub z: f64,
    /// Assignments compared, the observed one among them; `None` if findings are too many, and p is of the normal distribution.
    pub n_assignments: Option<usize>,
    pub is_exhaustive: bool,
    /// An e-value that may be looked at every day, in the order of the calendar; `None` without days.
    pub e_value: Option<f64>,
    pub n_events: [usize; 2],
}

/// Labels and strata of the findings, the same for every ratio.
struct Inside<'t> {
    during: Vec<&'t Finding>,
    strata: Vec<u32>,
    treated: Vec<f64>,
    assignments: Option<Assignments>,
}

/// The test of "no effect on anyone", against other labels inside each team.
///
/// # Errors
/// If an arm has no finding, nothing was fixed, or no team has findings of both arms.
pub fn inside_test(table: &Table, settings: &Settings) -> Result<InsideTest, CannotTest> {
    let inside = Inside::of(table, settings)?;
    let observations: Vec<Observation> = inside.during.iter().map(|it| it.observation).collect();
    let (score, z) = inside.z(&observations)?;
    let p = inside.p_values(&observations).ok_or(CannotTest::Undefined)?;
    let mut n_events = [0; 2];
    for it in inside.during.iter().filter(|it| FIXED.holds(it.observation.outcome())) {
        n_events[it.arm.index()] += 1;
    }
    Ok(InsideTest {
        p,
        score,
        z,
        n_assignments: inside.assignments.as_ref().map(Assignments::len),
        is_exhaustive: inside.assignments.as_ref().is_some_and(Assignments::is_exhaustive),
        e_value: inside.e_value(),
        n_events,
    })
}

/// The interval of the time ratio, by [`inside_test`] inverted.
///
/// # Errors
/// As [`inside_test`], and if a finding's limit is not known.
pub fn inside_time_ratio(table: &Table, settings: &Settings) -> Result<TimeRatio, CannotTest> {
    let inside = Inside::of(table, settings)?;
    let n = inside.during.iter().filter(|it| it.limit.is_none()).count();
    if n > 0 {
        return Err(CannotTest::NoLimit { n });
    }
    let (from, to, step) = settings.ratios;
    let ratios = grid(from, to, step);
    let observations: Vec<Observation> = inside.during.iter().map(|it| it.observation).collect();
    // At 1 the test itself: so the two never contradict each other.
    let p = inside.p_values(&observations).map(|it| it.two_sided);
    let at = |ratio: &f64| if is_1(*ratio) { p } else { inside.p_value_at(*ratio) };
    let tried: Vec<Option<f64>> = ratios.par_iter().map(at).collect();
    let place = |ratio: f64| ratios.partition_point(|it| *it < ratio);
    let set = invert(&ratios, settings.alpha, |it| tried.get(place(it)).copied().flatten());
    let score = inside.z(&observations).ok().map(|it| it.0);
    Ok(TimeRatio::of(set, settings.alpha, p.zip(score)))
}

/// All planned looks up to day `now`, by the spending function of O'Brien and Fleming on information.
///
/// Information is the variance of the log-rank numerator over that at the end, which is taken to grow evenly from now on.
///
/// # Errors
/// As [`inside_test`], and if a finding has no day or no look is planned on this one.
pub fn inside_looks(
    table: &Table,
    settings: &Settings,
    schedule: &Schedule,
    now: f64,
) -> Result<Vec<LookReading>, CannotTest> {
    schedule.check(now)?;
    let inside = Inside::of(table, settings)?;
    let n = inside.during.iter().filter(|it| it.day.is_none()).count();
    if n > 0 {
        return Err(CannotTest::NoDay { n });
    }
    let days: Vec<f64> = schedule.days.iter().copied().filter(|it| *it <= now).collect();
    let mut readings = Vec::new();
    let mut information: Vec<f64> = Vec::new();
    let last = days.last().copied().unwrap_or(now);
    let at_last = inside.on(last)?.map_or(0.0, |it| it.variance);
    let at_end = at_last * f64::max(schedule.end() / last, 1.0);
    for day in &days {
        let seen = inside.on(*day)?;
        let mut reading = LookReading {
            day: *day,
            n_findings: seen.as_ref().map_or(0, |it| it.n_findings),
            n_fixed: seen.as_ref().map_or(0, |it| it.n_fixed),
            statistic: None,
            threshold: None,
            spent: readings.last().map_or(0.0, |it: &LookReading| it.spent),
            is_rejected: false,
            is_futile: false,
        };
        if let Some(seen) = seen.filter(|it| it.variance > 0.0 && at_end > 0.0) {
            let share = f64::min(seen.variance / at_end, 1.0);
            let grows = information.last().is_none_or(|it| share >= it + 0.001);
            if grows {
                information.push(share);
                let bounds = critical_values(Spending::OBrienFleming, settings.alpha, &information);
                if let Some(bound) = bounds.ok().as_ref().and_then(|it| it.last()) {
                    let z = (seen.score / seen.variance.sqrt()).abs();
                    reading.statistic = Some(z);
                    reading.threshold = bound.critical_z;
                    reading.spent = bound.spent;
                    reading.is_rejected = bound.critical_z.is_some_and(|it| z >= it);
                }
            }
        }
        readings.push(reading);
    }
    Ok(readings)
}

/// What the log-rank test saw on a day.
struct SeenOn {
    n_findings: usize,
    n_fixed: usize,
    score: f64,
    variance: f64,
}

impl<'t> Inside<'t> {
    fn of(table: &'t Table, settings: &Settings) -> Result<Self, CannotTest> {
        table.check_arms()?;
        let during: Vec<&Finding> = table.during().collect();
        let labels: Vec<bool> = during.iter().map(|it| it.arm == Arm::Treated).collect();
        let teams: Vec<u32> = during.iter().map(|it| it.team).collect();
        let mut pairs: Vec<(u32, u32)> = during.iter().map(|it| (it.team, it.stratum)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let stratum = |it: &&Finding| {
            let place = pairs.partition_point(|pair| *pair < (it.team, it.stratum));
            u32::try_from(place).unwrap_or(u32::MAX)
        };
        let limits = Limits { n_listed: N_DRAWN, n_drawn: N_DRAWN };
        let is_small = during.len().saturating_mul(N_DRAWN + 1) <= MAX_CELLS;
        let assignments = if is_small {
            Some(Assignments::of_strata(&teams, &labels, limits, settings.seed)?)
        } else {
            let mut arms: Vec<(u32, bool)> = teams.iter().copied().zip(labels.clone()).collect();
            arms.sort_unstable();
            arms.dedup();
            if arms.windows(2).all(|it| it[0].0 != it[1].0) {
                return Err(AssignmentsError::Fixed.into());
            }
            None
        };
        Ok(Self {
            strata: during.iter().map(stratum).collect(),
            treated: labels.iter().map(|it| f64::from(u8::from(*it))).collect(),
            during,
            assignments,
        })
    }

    /// Log-rank numerator and its standardised value, over teams and strata.
    fn z(&self, observations: &[Observation]) -> Result<(f64, f64), CannotTest> {
        if observations.iter().all(|it| !FIXED.holds(it.outcome())) {
            return Err(CannotTest::NoEvent);
        }
        let seen = two_arms(observations, &self.strata, &self.treated);
        let seen = seen.filter(|it| it.1 > 0.0).ok_or(CannotTest::Undefined)?;
        Ok((seen.0, seen.0 / seen.1.sqrt()))
    }

    fn p_values(&self, observations: &[Observation]) -> Option<PValues> {
        if let Some(assignments) = &self.assignments {
            if observations.iter().all(|it| !FIXED.holds(it.outcome())) {
                return None;
            }
            let scores = martingale_residuals(observations, Some(&self.strata), FIXED);
            let sum = |labels: &[f64]| labels.iter().zip(&scores).map(|(z, it)| z * it).sum();
            return p_values(&assignments.map(sum), assignments.observed());
        }
        let (_, z) = self.z(observations).ok()?;
        let two_sided = p_normal(z);
        let greater = if z > 0.0 { two_sided / 2.0 } else { 1.0 - two_sided / 2.0 };
        Some(PValues { two_sided, greater })
    }

    fn p_value_at(&self, ratio: f64) -> Option<f64> {
        let scaled = |(it, taken): (&&Finding, f64)| {
            let is_treated = it.arm == Arm::Treated;
            let spread = earlier(&it.observation, taken).ok()?;
            // What has nothing left stays in its place, at risk of nothing.
            let none = || Observation::new(0.0, fixloop_stats::Outcome::Censored).ok();
            rescaled(&spread, is_treated, it.limit?, ratio).ok()?.or_else(none)
        };
        let observations: Vec<Observation> =
            self.during.iter().zip(within_day(&self.during)).map(scaled).collect::<Option<_>>()?;
        Some(self.p_values(&observations)?.two_sided)
    }

    fn on(&self, day: f64) -> Result<Option<SeenOn>, CannotTest> {
        let (mut observations, mut strata, mut treated) = (Vec::new(), Vec::new(), Vec::new());
        for (index, it) in self.during.iter().enumerate() {
            if let Some(seen) = seen_on(it, day)? {
                observations.push(seen);
                strata.push(self.strata[index]);
                treated.push(self.treated[index]);
            }
        }
        let n_fixed = observations.iter().filter(|it| FIXED.holds(it.outcome())).count();
        let found = two_arms(&observations, &strata, &treated);
        let n_findings = observations.len();
        Ok(found.map(|(score, variance)| SeenOn { n_findings, n_fixed, score, variance }))
    }

    fn e_value(&self) -> Option<f64> {
        let observation = |it: &&Finding| {
            let day = whole_days(it.day?.floor());
            // What is fixed on the day it starts on was at risk that day.
            let length = whole_days(it.observation.time().ceil().max(1.0));
            let entry = whole_days(it.observation.entry().unwrap_or(0.0).floor());
            let (entered, left) = (day.saturating_add(entry), day.saturating_add(length));
            CalendarObservation::new(day, entered, left, it.observation.outcome()).ok()
        };
        let observations: Vec<CalendarObservation> =
            self.during.iter().map(observation).collect::<Option<_>>()?;
        let groups: Vec<u32> = self.treated.iter().map(|it| u32::from(*it > 0.5)).collect();
        let teams: Vec<u32> = self.during.iter().map(|it| it.team).collect();
        let sample = CalendarSample {
            observations: &observations,
            groups: &groups,
            strata: Some(&teams),
            age_bands: &AGE_BANDS,
        };
        let ratio = HazardRatio::new(MONITORED_RATIO).ok()?;
        let process = e_log_rank_by_calendar(&sample, FIXED, ratio).ok()?;
        Some(process.steps().last()?.log_e_mixture().exp())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of what is no number of days saturates"
)]
fn whole_days(days: f64) -> i32 {
    days as i32
}

/// Log-rank numerator of the treated findings and its variance; `None` where there is nothing to compare.
fn two_arms(observations: &[Observation], strata: &[u32], treated: &[f64]) -> Option<(f64, f64)> {
    let groups: Vec<u32> = treated.iter().map(|it| u32::from(*it > 0.5)).collect();
    let sample = GroupedSample { observations, groups: &groups, strata: Some(strata) };
    let test = log_rank(&sample, FIXED, 0.0).ok()?;
    let second = test.groups.get(1)?;
    Some((second.observed - second.expected, test.covariance[1][1]))
}
