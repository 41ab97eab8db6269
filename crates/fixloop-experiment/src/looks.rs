//! Looks at a running experiment that spend one error together.
//!
//! At a look the data is cut at that day, as it could be seen then. The test is the exact group-sequential randomisation test: over all
//! looks at most alpha of the assignments is ever rejected. The interval is the same test inverted, all looks included, so that the two
//! never contradict each other.

use fixloop_stats::randomization::{LookError, Sequential, grid, invert, spent_budget};
use fixloop_stats::{InvalidObservation, Observation, Outcome};
use rayon::prelude::*;

use crate::table::{Arm, FIXED, Finding, Table};
use crate::team_randomized::{CannotTest, Engine, Settings, TimeRatio, is_1};
use crate::within_day::{earlier, within_day};

/// Fixes that a first look needs.
const MIN_FIXES: usize = 20;

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookReading {
    /// Days since the experiment started.
    pub day: f64,
    pub n_findings: usize,
    pub n_fixed: usize,
    /// What is compared with the threshold, as an absolute value; `None` if nothing could be compared yet.
    pub statistic: Option<f64>,
    /// The smallest absolute statistic rejected at this look; `None` if its budget buys nothing.
    pub threshold: Option<f64>,
    /// Share of the error spent by now.
    pub spent: f64,
    pub is_rejected: bool,
    /// The worthwhile effect is ruled out by now; advice, not a rule.
    pub is_futile: bool,
}

/// When looks are planned, and how fast they may spend the error.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Ascending, in days since the experiment started; the last one is its end.
    pub days: Vec<f64>,
    /// The budget of the look at day c is alpha (c / end)^power.
    pub power: f64,
}

/// What a schedule has to be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    #[error("a schedule needs a look")]
    Empty,
    #[error("look `{0}` is not a day above 0")]
    Day(f64),
    #[error("look `{after}` does not come after look `{before}`")]
    Order { before: f64, after: f64 },
}

impl Schedule {
    /// # Errors
    /// If days are not above 0 and ascending.
    pub fn new(days: Vec<f64>) -> Result<Self, ScheduleError> {
        let last_before_end = days.last().ok_or(ScheduleError::Empty)?;
        if let Some(day) = days.iter().find(|it| !it.is_finite() || **it <= 0.0) {
            return Err(ScheduleError::Day(*day));
        }
        debug_assert!(last_before_end.is_finite());
        match days.windows(2).find(|it| it[1] <= it[0]) {
            Some(pair) => Err(ScheduleError::Order { before: pair[0], after: pair[1] }),
            None => Ok(Self { days, power: 2.0 }),
        }
    }

    /// Every working day of the first two weeks for an experiment of at most 14 days, else every week; both with the end.
    ///
    /// # Errors
    /// If `end` is not above 0.
    pub fn usual(end: f64) -> Result<Self, ScheduleError> {
        let step = |it: u32| f64::from(it);
        let mut days: Vec<f64> = if end <= 14.0 {
            // The experiment starts on a Monday or is seen on as many days as if it did.
            (1..=14).filter(|it| (it - 1) % 7 < 5).map(step).collect()
        } else {
            (1..=8).map(|it| step(7 * it)).collect()
        };
        days.retain(|it| *it < end);
        days.push(end);
        Self::new(days)
    }

    /// Whether a look is planned on this day, or all are over.
    ///
    /// # Errors
    /// With the next planned look, if not.
    pub fn check(&self, now: f64) -> Result<(), CannotTest> {
        let is_planned = self.days.iter().any(|it| (it - now).abs() < 1e-9);
        if is_planned || now > self.end() {
            return Ok(());
        }
        let next = self.days.iter().copied().find(|it| *it > now);
        Err(CannotTest::NotALook { now, next })
    }

    pub(crate) fn end(&self) -> f64 {
        self.days.last().copied().unwrap_or(f64::NAN)
    }
}

/// Looks up to now, and the time ratios that none of them rules out.
#[derive(Clone, Debug, PartialEq)]
pub struct Looks {
    pub readings: Vec<LookReading>,
    /// The smallest error with which these looks would have rejected by now (to 1 in 10,000): a p-value that counts every look. `None`
    /// before the first that spends.
    pub p_value: Option<f64>,
    /// `None` if the findings' limits are not known.
    pub ratio: Option<TimeRatio>,
}

impl Looks {
    pub fn is_rejected(&self) -> bool {
        self.readings.iter().any(|it| it.is_rejected)
    }
}

/// All planned looks up to day `now`, which is one of them.
///
/// A look before 20 fixes exist spends nothing. `worthwhile` is the smallest share of time worth the trouble, for futility.
///
/// # Errors
/// As [`crate::team_test`], and if a finding has no day or none is planned on this one.
pub fn looks(
    table: &Table,
    settings: &Settings,
    schedule: &Schedule,
    (now, worthwhile): (f64, f64),
) -> Result<Looks, CannotTest> {
    schedule.check(now)?;
    let engine = Engine::of(table, settings)?;
    let during: Vec<&Finding> = table.during().collect();
    let n = during.iter().filter(|it| it.day.is_none()).count();
    if n > 0 {
        return Err(CannotTest::NoDay { n });
    }
    let days: Vec<f64> = schedule.days.iter().copied().filter(|it| *it <= now).collect();
    let taken = within_day(&during);
    let looking = Looking {
        engine: &engine,
        during: &during,
        taken: &taken,
        schedule,
        alpha: settings.alpha,
    };
    let mut readings = looking.run(&days, 1.0)?;
    let has_limits = during.iter().all(|it| it.limit.is_some());
    let ratio = has_limits && !readings.is_empty();
    if ratio {
        for (reading, day) in readings.iter_mut().zip(&days) {
            reading.is_futile = looking.is_futile(*day, 1.0 - worthwhile);
        }
    }
    let statistic = days.last().and_then(|it| looking.observed(*it));
    let ratio = ratio.then(|| {
        let (from, to, step) = settings.ratios;
        // Rejected at any look is ruled out; else the p-value at the last one orders the ratios.
        let p_value = |ratio: f64| {
            let all = looking.run(&days, ratio).ok()?;
            if all.iter().any(|it| it.is_rejected) {
                return Some(0.0);
            }
            let (findings, observations) = looking.cut(*days.last()?, ratio).ok()?;
            let p = engine.p_value(&findings, &observations)?;
            Some(p.max(f64::next_up(settings.alpha)))
        };
        let ratios = grid(from, to, step);
        let tried: Vec<Option<f64>> = ratios.par_iter().map(|it| p_value(*it)).collect();
        let place = |ratio: f64| ratios.partition_point(|it| *it < ratio);
        let set = invert(&ratios, settings.alpha, |it| tried.get(place(it)).copied().flatten());
        let is_rejected = readings.iter().any(|it| it.is_rejected);
        let statistic = statistic.unwrap_or(0.0);
        TimeRatio::of(set, settings.alpha, is_rejected.then_some((0.0, statistic)))
    });
    let p_value = looking.p_value(&days)?;
    Ok(Looks { readings, p_value, ratio })
}

/// The data of a look, as far as the test is concerned.
struct Seen {
    day: f64,
    n_findings: usize,
    n_fixed: usize,
    /// By assignment; `None` where the look spends nothing.
    statistics: Option<Vec<f64>>,
}

struct Looking<'a> {
    engine: &'a Engine,
    during: &'a [&'a Finding],
    /// Of each time, where it is spread inside its day.
    taken: &'a [f64],
    schedule: &'a Schedule,
    alpha: f64,
}

impl<'a> Looking<'a> {
    fn run(&self, days: &[f64], ratio: f64) -> Result<Vec<LookReading>, CannotTest> {
        self.test(&self.seen(days, ratio)?, self.alpha)
    }

    fn seen(&self, days: &[f64], ratio: f64) -> Result<Vec<Seen>, CannotTest> {
        let mut seen = Vec::new();
        for day in days {
            let (findings, observations) = self.cut(*day, ratio)?;
            let n_fixed = observations.iter().filter(|it| FIXED.holds(it.outcome())).count();
            let is_enough = n_fixed >= MIN_FIXES || *day >= self.schedule.end();
            let statistics = self.engine.statistics(&findings, &observations);
            seen.push(Seen {
                day: *day,
                n_findings: findings.len(),
                n_fixed,
                statistics: statistics.filter(|_| is_enough),
            });
        }
        Ok(seen)
    }

    fn test(&self, seen: &[Seen], alpha: f64) -> Result<Vec<LookReading>, CannotTest> {
        let n = self.engine.assignments().len();
        let mut test = Sequential::new(n, self.engine.assignments().observed());
        let mut readings = Vec::new();
        for it in seen {
            let mut reading = LookReading {
                day: it.day,
                n_findings: it.n_findings,
                n_fixed: it.n_fixed,
                statistic: None,
                threshold: None,
                spent: 0.0,
                is_rejected: false,
                is_futile: false,
            };
            if let Some(statistics) = &it.statistics {
                let share = it.day / self.schedule.end();
                let look =
                    test.look(statistics, spent_budget(n, alpha, share, self.schedule.power))?;
                reading.statistic = Some(look.observed);
                reading.threshold = look.threshold;
                reading.spent = look.n_spent as f64 / n as f64;
                reading.is_rejected = look.is_rejected;
            }
            readings.push(reading);
        }
        Ok(readings)
    }

    fn p_value(&self, days: &[f64]) -> Result<Option<f64>, CannotTest> {
        const N_STEPS: u32 = 14;
        let seen = self.seen(days, 1.0)?;
        if seen.iter().all(|it| it.statistics.is_none()) {
            return Ok(None);
        }
        let is_rejected = |alpha: f64| -> Result<bool, CannotTest> {
            Ok(self.test(&seen, alpha)?.iter().any(|it| it.is_rejected))
        };
        // What these looks decide at alpha is what the p-value has to say, too.
        let (mut low, mut high) =
            if is_rejected(self.alpha)? { (0.0, self.alpha) } else { (self.alpha, 1.0) };
        for _ in 0..N_STEPS {
            let middle = f64::midpoint(low, high);
            if is_rejected(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(Some(high))
    }

    /// What could be seen on a day, as if treated times were `ratio` times as long.
    fn cut(
        &self,
        day: f64,
        ratio: f64,
    ) -> Result<(Vec<&'a Finding>, Vec<Observation>), InvalidObservation> {
        let (mut findings, mut observations) = (Vec::new(), Vec::new());
        let is_as_is = is_1(ratio);
        for (it, taken) in self.during.iter().zip(self.taken) {
            let followed = day - it.day.unwrap_or(f64::INFINITY);
            let is_whole = it.observation.time() <= followed;
            let seen = match seen_on(it, day)? {
                Some(seen) if is_whole && !is_as_is => Some(earlier(&seen, *taken)?),
                seen => seen,
            };
            let is_treated = it.arm == Arm::Treated;
            let limit = it.limit.map_or(followed, |it| it.min(followed));
            let scaled = match seen {
                Some(seen) if !is_as_is => {
                    fixloop_stats::randomization::rescaled(&seen, is_treated, limit, ratio)?
                }
                seen => seen,
            };
            if let Some(scaled) = scaled {
                findings.push(*it);
                observations.push(scaled);
            }
        }
        Ok((findings, observations))
    }

    /// The statistic of the assignment as it was, on a day.
    fn observed(&self, day: f64) -> Option<f64> {
        let (findings, observations) = self.cut(day, 1.0).ok()?;
        let statistics = self.engine.statistics(&findings, &observations)?;
        statistics.get(self.engine.assignments().observed()).copied()
    }

    /// Whether "the smallest worthwhile effect or more" is ruled out by this day's data, tested alone.
    fn is_futile(&self, day: f64, ratio: f64) -> bool {
        let Ok((findings, observations)) = self.cut(day, ratio) else { return false };
        let Some(statistics) = self.engine.statistics(&findings, &observations) else {
            return false;
        };
        let is_slower =
            statistics.get(self.engine.assignments().observed()).is_some_and(|it| *it < 0.0);
        let p = self.engine.p_value(&findings, &observations);
        is_slower && p.is_some_and(|it| it <= self.alpha)
    }
}

/// What could be seen of a finding on a day; `None` of one that was not there yet.
pub(crate) fn seen_on(it: &Finding, day: f64) -> Result<Option<Observation>, InvalidObservation> {
    let followed = day - it.day.unwrap_or(f64::INFINITY);
    let whole = &it.observation;
    if followed <= 0.0 {
        return Ok(None);
    }
    if whole.time() <= followed {
        return Ok(Some(*whole));
    }
    match whole.entry() {
        Some(entry) if entry >= followed => Ok(None),
        Some(entry) => Observation::entered(entry, followed, Outcome::Censored).map(Some),
        None => Observation::new(followed, Outcome::Censored).map(Some),
    }
}

impl From<LookError> for CannotTest {
    fn from(error: LookError) -> Self {
        Self::Look(error)
    }
}
