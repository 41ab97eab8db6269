//! The worlds that are simulated, as `sim_operating_characteristics.py` and `sim_within_team.py` of the reference data describe them.
//!
//! Teams differ by a gamma frailty, findings come over six weeks, fixes take 20 days (median) and compete with other closures (180 days);
//! everything is cut on day 56.

use fixloop_experiment::{Arm, Finding, Table, Team};
use fixloop_stats::{Observation, Outcome};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use fixloop_sim::random::{exponential, frailty, normal, poisson};

/// The last day of data, and the days on which findings come.
pub(super) const LAST_DAY: u32 = 56;
const DAYS_OF_COMING: u32 = 42;
/// The time before from which the teams' history is.
const DAYS_BEFORE: u32 = 60;
const MEDIAN_FIX: f64 = 20.0;
const MEDIAN_OTHER: f64 = 180.0;
const FINDINGS_PER_TEAM: f64 = 15.0;
/// Findings of the history, per finding of the experiment.
const HISTORY: f64 = 1.5;
/// Coefficient of variation of the teams' sizes: 0.5, so this is the variance of their logarithm's normal.
const LOG_VARIANCE_OF_SIZES: f64 = 0.223_143_551_314_209_76;

/// What the treatment does to a treated team's or finding's fixes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    /// Multiplies the hazard of a fix.
    Hazard(f64),
    /// Multiplies the time to every closure.
    Time(f64),
}

/// How times are measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Clock {
    WholeDays,
    Exact,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct World {
    pub(super) n_teams: usize,
    pub(super) frailty: f64,
    pub(super) effect: Effect,
    pub(super) clock: Clock,
}

/// Teams as they are before anybody is treated.
struct Drawn {
    frailty: f64,
    mean_size: f64,
}

impl World {
    fn team(&self, rng: &mut ChaCha8Rng) -> Drawn {
        let log = LOG_VARIANCE_OF_SIZES.sqrt() * normal(rng) - LOG_VARIANCE_OF_SIZES / 2.0;
        let frailty = frailty(rng, self.frailty);
        Drawn { frailty, mean_size: FINDINGS_PER_TEAM * log.exp() }
    }

    /// Half of the teams are drawn to be treated.
    pub(super) fn team_randomized(&self, rng: &mut ChaCha8Rng) -> Table {
        let mut arms: Vec<Arm> = (0..self.n_teams).map(arm_by_turns).collect();
        arms.shuffle(rng);
        let mut findings = Vec::new();
        for (team, arm) in (0..).zip(&arms) {
            let drawn = self.team(rng);
            for _ in 0..poisson(rng, drawn.mean_size).max(1) {
                findings.push(self.finding(rng, (team, *arm), drawn.frailty));
            }
            for _ in 0..poisson(rng, HISTORY * drawn.mean_size).max(1) {
                findings.push(self.earlier(rng, (team, *arm), drawn.frailty));
            }
        }
        self.table(findings)
    }

    /// Half of the findings of each team are drawn to be treated.
    pub(super) fn inside_team(&self, rng: &mut ChaCha8Rng) -> Table {
        let mut findings = Vec::new();
        for team in 0..u32::try_from(self.n_teams).unwrap_or(0) {
            let drawn = self.team(rng);
            let n = poisson(rng, drawn.mean_size).max(2);
            let mut arms: Vec<Arm> = (0..n).map(arm_by_turns).collect();
            arms.shuffle(rng);
            for arm in arms {
                findings.push(self.finding(rng, (team, arm), drawn.frailty));
            }
        }
        self.table(findings)
    }

    fn table(&self, findings: Vec<Finding>) -> Table {
        let team = |it| Team { name: format!("T{it}"), block: 0, platform: None };
        Table {
            arm_names: ["0".to_owned(), "1".to_owned()],
            teams: (0..self.n_teams).map(team).collect(),
            findings,
            accepted: None,
        }
    }

    fn finding(&self, rng: &mut ChaCha8Rng, (team, arm): (u32, Arm), frailty: f64) -> Finding {
        let day = f64::from(rng.random_range(0..DAYS_OF_COMING));
        let (hazard, time) = match self.effect {
            Effect::Hazard(ratio) if arm == Arm::Treated => (ratio, 1.0),
            Effect::Time(ratio) if arm == Arm::Treated => (1.0, ratio),
            _ => (1.0, 1.0),
        };
        let fix = self.measured(time * exponential(rng) * mean_of(MEDIAN_FIX) / (frailty * hazard));
        let other = self.measured(time * exponential(rng) * mean_of(MEDIAN_OTHER));
        let limit = f64::from(LAST_DAY) - day;
        let (time, outcome) = if fix <= other { (fix, 1) } else { (other, 2) };
        Finding {
            team,
            arm,
            stratum: 0,
            is_before: false,
            observation: cut(time, Outcome::Event(outcome), limit),
            limit: Some(limit),
            day: Some(day),
        }
    }

    /// Of the time before, when nobody was treated and nothing else closed findings.
    fn earlier(&self, rng: &mut ChaCha8Rng, (team, arm): (u32, Arm), frailty: f64) -> Finding {
        let limit = f64::from(rng.random_range(1..=DAYS_BEFORE));
        let fix = self.measured(exponential(rng) * mean_of(MEDIAN_FIX) / frailty);
        Finding {
            team,
            arm,
            stratum: 0,
            is_before: true,
            observation: cut(fix, Outcome::Event(1), limit),
            limit: Some(limit),
            day: Some(-limit),
        }
    }

    fn measured(&self, days: f64) -> f64 {
        match self.clock {
            Clock::WholeDays => 1.0 + days.floor(),
            Clock::Exact => days,
        }
    }
}

fn arm_by_turns(index: usize) -> Arm {
    if index % 2 == 1 { Arm::Treated } else { Arm::Control }
}

fn mean_of(median: f64) -> f64 {
    median / std::f64::consts::LN_2
}

/// Times of these worlds are finite and not negative.
fn cut(time: f64, outcome: Outcome, limit: f64) -> Observation {
    let (time, outcome) = if time > limit { (limit, Outcome::Censored) } else { (time, outcome) };
    Observation::new(time, outcome).expect("a simulated time is a finite number of at least 0")
}

/// What had been seen by the end of a day; the time before is as it was.
pub(super) fn seen_by(table: &Table, day: f64) -> Table {
    let mut seen = table.clone();
    seen.findings.retain_mut(|it| {
        let (false, Some(start)) = (it.is_before, it.day) else { return true };
        let limit = day - start;
        it.observation = cut(it.observation.time(), it.observation.outcome(), limit.max(0.0));
        it.limit = Some(limit);
        limit > 0.0
    });
    seen
}
