//! One imagined pilot: weeks of the past put together anew, with the effect planted.

use fixloop_stats::team_counts::{TeamCounts, TeamCountsError, TeamSample, team_counts};
use fixloop_stats::team_score::{DEFAULT_THETA, team_scores};
use fixloop_stats::{Observation, Outcome};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::past::{WEEK, Weeks, whole};
use crate::table::FIXED;

/// Weeks before the pilot that tell a team's pace.
const WEEKS_BEFORE: usize = 13;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) n_teams: usize,
    /// Only what starts before this day counts.
    pub(super) accrual: f64,
    /// What is open on the first day and at most so old counts, too.
    pub(super) stock_days: f64,
}

/// An opportunity in the time of the pilot, which starts on day 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub(super) team: usize,
    stratum: u32,
    start: f64,
    entry: f64,
    time: f64,
    outcome: Outcome,
}

pub(super) struct World {
    n_teams: usize,
    /// Of the pilot.
    pub(super) drawn: Vec<Drawn>,
    /// Scores of the teams before the pilot; `None` if nothing was fixed then.
    pub(super) history: Option<Vec<f64>>,
    /// Fixes before the pilot, of all teams.
    pub(super) n_fixed_before: usize,
}

impl World {
    pub(super) fn draw(weeks: &Weeks, shape: Shape, rng: &mut ChaCha8Rng) -> Self {
        let n_past = weeks.of_teams.len();
        let mut order: Vec<usize> = (0..n_past).collect();
        order.shuffle(rng);
        let n_before = WEEKS_BEFORE.max(whole((shape.stock_days / WEEK).ceil()));
        let n_during = whole((shape.accrual / WEEK).ceil());
        let mut drawn = Vec::new();
        for team in 0..shape.n_teams {
            // More teams than the past has are copies, as alike as the past's are.
            let of_team = &weeks.of_teams[order[team % n_past]];
            let pace = if weeks.facts.is_theta_usual { pace(DEFAULT_THETA, rng) } else { 1.0 };
            for week in 0..n_before + n_during {
                let first_day = (week as f64 - n_before as f64) * WEEK;
                for (day, it) in &of_team[rng.random_range(0..of_team.len())] {
                    drawn.push(Drawn {
                        team,
                        stratum: it.stratum,
                        start: first_day + day,
                        entry: it.observation.entry().unwrap_or(0.0) / pace,
                        time: inside_its_day(it.observation.time(), rng) / pace,
                        outcome: it.observation.outcome(),
                    });
                }
            }
        }
        let before: Vec<Drawn> = drawn.iter().filter(|it| it.start < 0.0).copied().collect();
        let counts = counts(&before, 0.0, shape.n_teams).ok();
        let n_fixed_before = counts.as_ref().map_or(0, |it| it.n_events);
        let history =
            counts.filter(|it| it.n_events > 0).map(|it| team_scores(&it, DEFAULT_THETA).scores);
        drawn.retain(|it| it.counts_in(shape));
        for it in &mut drawn {
            it.entry = it.entry.max(-it.start);
        }
        Self { n_teams: shape.n_teams, drawn, history, n_fixed_before }
    }

    /// Times of the treated after the pilot's first day become `ratio` times as long.
    pub(super) fn plant(&mut self, ratio: f64, is_treated: impl Fn(usize, &Drawn) -> bool) {
        for (place, it) in self.drawn.iter_mut().enumerate() {
            if is_treated(place, it) {
                let age = f64::max(0.0, -it.start);
                it.time = age + (it.time - age) * ratio;
            }
        }
    }

    /// By team within severity, as the exact engine counts.
    pub(super) fn by_team(&self, cut: f64) -> Result<TeamCounts, TeamCountsError> {
        counts(&self.drawn, cut, self.n_teams)
    }

    /// By arm within teams; `is_treated` is of each place in `drawn`.
    pub(super) fn by_arm(
        &self,
        cut: f64,
        is_treated: &[bool],
    ) -> Result<TeamCounts, TeamCountsError> {
        let (mut arms, mut teams, mut observations) = (Vec::new(), Vec::new(), Vec::new());
        for (it, is_treated) in self.drawn.iter().zip(is_treated) {
            if let Some(observation) = it.seen_until(cut) {
                observations.push(observation);
                arms.push(u32::from(*is_treated));
                teams.push(number(it.team));
            }
        }
        let sample = TeamSample {
            observations: &observations,
            teams: &arms,
            n_teams: 2,
            strata: Some(&teams),
        };
        team_counts(&sample, FIXED)
    }
}

fn counts(drawn: &[Drawn], cut: f64, n_teams: usize) -> Result<TeamCounts, TeamCountsError> {
    let (mut teams, mut strata, mut observations) = (Vec::new(), Vec::new(), Vec::new());
    for it in drawn {
        if let Some(observation) = it.seen_until(cut) {
            observations.push(observation);
            teams.push(number(it.team));
            strata.push(it.stratum);
        }
    }
    let sample =
        TeamSample { observations: &observations, teams: &teams, n_teams, strata: Some(&strata) };
    team_counts(&sample, FIXED)
}

fn number(team: usize) -> u32 {
    u32::try_from(team).unwrap_or(u32::MAX)
}

impl Drawn {
    fn counts_in(&self, shape: Shape) -> bool {
        let is_stock = -self.start <= shape.stock_days && self.time > -self.start;
        self.start < shape.accrual && (self.start >= 0.0 || is_stock)
    }

    /// As seen on a day of the pilot, in whole days; `None` if it has not come under observation.
    fn seen_until(&self, cut: f64) -> Option<Observation> {
        let limit = cut - self.start;
        if limit <= 0.0 {
            return None;
        }
        let (time, outcome) =
            if self.time > limit { (limit, Outcome::Censored) } else { (self.time, self.outcome) };
        let (entry, time) = (self.entry.floor(), time.ceil());
        if entry > 0.0 {
            Observation::entered(entry, time, outcome).ok()
        } else {
            Observation::new(time, outcome).ok()
        }
    }
}

/// An age of whole days is the end of its day: what is cut to a share of it must not be rounded up twice.
fn inside_its_day(time: f64, rng: &mut ChaCha8Rng) -> f64 {
    if time >= 1.0 && time.fract() == 0.0 { time - rng.random::<f64>() } else { time }
}

/// A lognormal factor of mean 1 and this variance: how much faster than others a team is.
fn pace(variance: f64, rng: &mut ChaCha8Rng) -> f64 {
    let log_variance = variance.ln_1p();
    let (a, b): (f64, f64) = (rng.random(), rng.random());
    // Box & Muller 1958; 1 - a is never 0.
    let z = (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos();
    (log_variance.sqrt() * z - log_variance / 2.0).exp()
}
