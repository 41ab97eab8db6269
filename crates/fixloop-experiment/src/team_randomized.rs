//! The default engine: one score per team, adjusted for the team's own history, against every assignment that could have been drawn.

use fixloop_stats::randomization::{
    Assignments, AssignmentsError, ConfidenceSet, Limits, LookError, PValues, grid, invert,
    p_values,
};
use fixloop_stats::team_counts::{TeamCounts, TeamCountsError, TeamSample, team_counts};
use fixloop_stats::team_score::{DEFAULT_THETA, TeamScores, scores_of, team_scores, theta_of};
use fixloop_stats::{InvalidObservation, Observation};
use rayon::prelude::*;
use thiserror::Error;

use crate::inversion::{Excess, Sorted, Tried, search};
use crate::table::{Arm, FIXED, Finding, Table, TableError};

/// How a test is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Two-sided.
    pub alpha: f64,
    pub limits: Limits,
    /// Of the draws, where assignments are too many to list.
    pub seed: u64,
    /// Smallest and largest ratio that is tried, and the step between.
    pub ratios: (f64, f64, f64),
    pub statistic: Statistic,
    /// Variance between teams, for the weights of their scores; it affects power, never validity.
    pub theta: Theta,
}

/// What is compared between assignments.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Statistic {
    /// Weighted means of the teams' scores, adjusted for their history.
    TeamScore,
    /// The log-rank numerator: no history, and large teams weigh more.
    LogRank,
}

/// Where the variance between teams comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Theta {
    /// A number; 0.2 is what the error rates were validated with.
    Fixed(f64),
    /// By moments from the time before; 0.2 with fewer than eight teams.
    FromHistory,
}

/// Teams whose history tells the variance between them.
const MIN_TEAMS_FOR_THETA: usize = 8;

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            limits: Limits::default(),
            seed: 1,
            ratios: (0.05, 4.0, 0.01),
            statistic: Statistic::TeamScore,
            theta: Theta::Fixed(DEFAULT_THETA),
        }
    }
}

/// Why there is no test.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CannotTest {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Assignments(#[from] AssignmentsError),
    #[error(transparent)]
    Counts(#[from] TeamCountsError),
    #[error(transparent)]
    Observation(#[from] InvalidObservation),
    #[error("nothing was fixed in either arm")]
    NoEvent,
    #[error("in no team and stratum do both arms have findings at risk when something is fixed")]
    Undefined,
    #[error("for {n} findings nobody can tell how long they could have been watched")]
    NoLimit { n: usize },
    #[error("for {n} findings nobody can tell on which day they started, and a look needs that")]
    NoDay { n: usize },
    #[error(transparent)]
    Look(LookError),
    #[error("day {now} is no planned look{}; health and guardrails may be looked at any day, results at planned looks only", next.map_or_else(String::new, |it| format!(" (the next is day {it})")))]
    NotALook { now: f64, next: Option<f64> },
    #[error("teams were not drawn, and a ratio of times would pretend that they were")]
    NotRandomized,
    #[error("{0}")]
    Observed(String),
}

/// The exact test and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamTest {
    pub p: PValues,
    /// The smallest two-sided p that this design could have shown.
    pub min_p: f64,
    /// Weighted mean score of treated minus control teams: a log ratio of rates.
    pub difference: f64,
    /// Assignments compared, and whether these are all.
    pub n_assignments: usize,
    pub is_exhaustive: bool,
    /// What a team's history takes off its score; `None` without history.
    pub slope: Option<f64>,
    pub theta: f64,
    /// Units that were assigned, per arm; a platform's teams are one.
    pub n_units: [usize; 2],
    /// Of each team: O, E and scores as counted, before, and adjusted.
    pub counts: TeamCounts,
    pub history: Option<Vec<f64>>,
    pub scores: Vec<f64>,
    pub adjusted: Vec<f64>,
    pub n_events: [usize; 2],
}

/// Times of treated findings over times of others that the test does not rule out.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeRatio {
    /// `None`: not bounded by the smallest (largest) ratio tried.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub point: Option<f64>,
    pub set: ConfidenceSet,
}

/// Findings up to which every ratio of the grid is tried; among more, the ends are searched for.
const MAX_FOR_EVERY_RATIO: usize = 20_000;

/// Everything that does not change with the ratio that is tried.
pub(crate) struct Engine {
    assignments: Assignments,
    /// By assignment: of each team, as the units were.
    unit_of_team: Vec<usize>,
    arms: Vec<Option<Arm>>,
    history: Option<Vec<f64>>,
    theta: f64,
    statistic: Statistic,
    n_units: [usize; 2],
}

/// The exact test of "no effect on anyone".
///
/// # Errors
/// If arms are no assignment of teams, nothing else could have been drawn or the observed assignment is not one of the accepted ones, or
/// nothing was fixed.
pub fn team_test(table: &Table, settings: &Settings) -> Result<TeamTest, CannotTest> {
    let engine = Engine::of(table, settings)?;
    let during: Vec<&Finding> = table.during().collect();
    let observations: Vec<Observation> = during.iter().map(|it| it.observation).collect();
    let counts = engine.counts(&during, &observations)?;
    if counts.n_events == 0 {
        return Err(CannotTest::NoEvent);
    }
    let (scores, slope) = engine.scores(&counts);
    let p = engine.p_values(&counts, &scores).ok_or(CannotTest::Undefined)?;
    let mut n_events = [0; 2];
    for it in during.iter().filter(|it| FIXED.holds(it.observation.outcome())) {
        n_events[it.arm.index()] += 1;
    }
    Ok(TeamTest {
        p,
        min_p: engine.assignments.min_p(),
        difference: engine.observed(&counts, &scores),
        n_assignments: engine.assignments.len(),
        is_exhaustive: engine.assignments.is_exhaustive(),
        slope,
        theta: engine.theta,
        n_units: engine.n_units,
        scores: team_scores(&counts, engine.theta).scores,
        adjusted: scores.scores,
        counts,
        history: engine.history,
        n_events,
    })
}

/// The exact interval of the time ratio, by the test of [`team_test`] inverted.
///
/// Ratios below 1: treated findings are fixed sooner. Follow-up is cut for each ratio so that it tells nothing of the arm.
///
/// # Errors
/// As [`team_test`], and if a finding's limit is not known.
pub fn time_ratio(table: &Table, settings: &Settings) -> Result<TimeRatio, CannotTest> {
    let engine = Engine::of(table, settings)?;
    let during: Vec<&Finding> = table.during().collect();
    let is_told = |it: &&&Finding| it.limit.is_some_and(|it| it >= 0.0);
    let n = during.len() - during.iter().filter(is_told).count();
    if n > 0 {
        return Err(CannotTest::NoLimit { n });
    }
    let (from, to, step) = settings.ratios;
    let ratios = grid(from, to, step);
    let sorted = Sorted::of(&during, engine.arms.len()).ok_or(CannotTest::NoLimit { n })?;
    let observations: Vec<Observation> = during.iter().map(|it| it.observation).collect();
    // At 1 the test itself: so the two never contradict each other.
    let at_1 = engine.test(&during, &observations);
    let tried = |ratio: f64| if is_1(ratio) { at_1 } else { engine.tried(&sorted.at(ratio)) };
    let searched = || search(&ratios, settings.alpha, tried);
    let is_large = during.len() > MAX_FOR_EVERY_RATIO;
    let set = is_large.then(searched).flatten().unwrap_or_else(|| {
        let p: Vec<Option<f64>> = ratios.par_iter().map(|ratio| Some(tried(*ratio)?.0)).collect();
        let of = |ratio: f64| p[ratios.partition_point(|it| *it < ratio)];
        invert(&ratios, settings.alpha, of)
    });
    Ok(TimeRatio::of(set, settings.alpha, at_1))
}

/// A ratio of 1 leaves times as they are; the grid's 1 is exactly that.
pub(crate) fn is_1(ratio: f64) -> bool {
    (ratio - 1.0).abs() < 1e-12
}

impl TimeRatio {
    /// Where the test rejects, ratios on the other side of 1 are ruled out with it, so that the interval says what the test says.
    pub(crate) fn of(set: ConfidenceSet, alpha: f64, at_1: Tried) -> Self {
        let found = Self { low: set.low, high: set.high, point: set.point, set };
        let Some((_, statistic)) = at_1.filter(|it| it.0 <= alpha) else { return found };
        let is_sooner = statistic > 0.0;
        let is_here = |ratio: f64| !is_1(ratio) && (ratio < 1.0) == is_sooner;
        let here = || found.set.p_values.iter().filter(|it| is_here(it.0));
        let inside = || here().filter(|it| it.1.is_none_or(|p| p > alpha)).map(|it| it.0);
        let nearest = |it: Option<f64>| {
            let mut ratios = here().map(|it| it.0);
            it.or_else(
                || if is_sooner { ratios.next_back() } else { ratios.min_by(f64::total_cmp) },
            )
        };
        let best = here()
            .filter(|it| it.1.is_some())
            .max_by(|a, b| a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0)));
        let point = found.point.filter(|it| is_here(*it)).or(best.map(|it| it.0));
        if is_sooner {
            let high =
                found.high.filter(|it| is_here(*it)).or_else(|| nearest(inside().next_back()));
            Self {
                low: found.low.filter(|it| is_here(*it)).or(found.low.and(high)),
                high,
                point,
                ..found
            }
        } else {
            let low = found.low.filter(|it| is_here(*it)).or_else(|| nearest(inside().next()));
            Self {
                high: found.high.filter(|it| is_here(*it)).or(found.high.and(low)),
                low,
                point,
                ..found
            }
        }
    }
}

/// Every assignment that is compared, as whether each team is treated: all of them, or the observed one and draws.
///
/// # Errors
/// As [`team_test`].
pub fn admissible(table: &Table, settings: &Settings) -> Result<Vec<Vec<bool>>, CannotTest> {
    let engine = Engine::of(table, settings)?;
    let of_teams = |it| engine.of_teams(it).iter().map(|it| *it > 0.5).collect();
    Ok(engine.assignments.iter().map(of_teams).collect())
}

impl Engine {
    pub(crate) fn of(table: &Table, settings: &Settings) -> Result<Self, CannotTest> {
        let arms = table.arms_of_teams()?;
        let untold = table.teams.iter().zip(&arms).filter(|it| it.1.is_none());
        let teams: Vec<String> = untold.map(|it| it.0.name.clone()).collect();
        if !teams.is_empty() {
            return Err(TableError::Untold { teams }.into());
        }
        let (mut unit_of_team, mut units) = (Vec::new(), Vec::<(Option<u32>, u32, bool)>::new());
        let mut names = Vec::new();
        for (team, arm) in table.teams.iter().zip(&arms) {
            let is_treated = *arm == Some(Arm::Treated);
            let known = team
                .platform
                .and_then(|platform| units.iter().position(|it| it.0 == Some(platform)));
            unit_of_team.push(known.unwrap_or(units.len()));
            if known.is_none() {
                units.push((team.platform, team.block, is_treated));
                names.push(&*team.name);
            }
        }
        let blocks: Vec<u32> = units.iter().map(|it| it.1).collect();
        let treated: Vec<bool> = units.iter().map(|it| it.2).collect();
        let n_treated = treated.iter().filter(|it| **it).count();
        let (limits, seed) = (settings.limits, settings.seed);
        let assignments = match &table.accepted {
            None => Assignments::of_strata(&blocks, &treated, limits, seed)?,
            Some(accepted) => {
                let accepts = accepted.of_teams(names.into_iter());
                Assignments::accepted(&blocks, &treated, limits, seed, accepts)?
            }
        };
        let mut engine = Self {
            assignments,
            unit_of_team,
            arms,
            history: None,
            theta: match settings.theta {
                Theta::Fixed(theta) => theta,
                Theta::FromHistory => DEFAULT_THETA,
            },
            statistic: settings.statistic,
            n_units: [treated.len() - n_treated, n_treated],
        };
        let before: Vec<&Finding> = table.before().collect();
        if !before.is_empty() {
            let observations: Vec<Observation> = before.iter().map(|it| it.observation).collect();
            let counts = engine.counts(&before, &observations)?;
            let is_asked = settings.theta == Theta::FromHistory;
            if is_asked && engine.arms.len() >= MIN_TEAMS_FOR_THETA {
                engine.theta = theta_of(&counts).unwrap_or(DEFAULT_THETA);
            }
            let is_told = counts.n_events > 0;
            engine.history = is_told.then(|| team_scores(&counts, engine.theta).scores);
        }
        Ok(engine)
    }

    fn counts(
        &self,
        findings: &[&Finding],
        observations: &[Observation],
    ) -> Result<TeamCounts, CannotTest> {
        let teams: Vec<u32> = findings.iter().map(|it| it.team).collect();
        let strata: Vec<u32> = findings.iter().map(|it| it.stratum).collect();
        let sample = TeamSample {
            observations,
            teams: &teams,
            n_teams: self.arms.len(),
            strata: Some(&strata),
        };
        Ok(team_counts(&sample, FIXED)?)
    }

    /// Scores adjusted for history, where there is one, and the slope.
    fn scores(&self, counts: &TeamCounts) -> (TeamScores, Option<f64>) {
        self.adjusted(team_scores(counts, self.theta))
    }

    fn adjusted(&self, scores: TeamScores) -> (TeamScores, Option<f64>) {
        match &self.history {
            Some(history) => {
                let adjusted = scores.adjusted(history);
                (adjusted.scores, adjusted.slope)
            }
            None => (scores, None),
        }
    }

    fn of_teams(&self, units: &[f64]) -> Vec<f64> {
        self.unit_of_team.iter().map(|it| units[*it]).collect()
    }

    /// The statistic of one assignment of teams.
    fn statistic(&self, counts: &TeamCounts, scores: &TeamScores, treated: &[f64]) -> f64 {
        match self.statistic {
            Statistic::TeamScore => scores.difference(treated),
            Statistic::LogRank => counts.log_rank(treated).0,
        }
    }

    fn observed(&self, counts: &TeamCounts, scores: &TeamScores) -> f64 {
        let observed = self.assignments.iter().nth(self.assignments.observed());
        observed.map_or(f64::NAN, |it| self.statistic(counts, scores, &self.of_teams(it)))
    }

    fn p_values(&self, counts: &TeamCounts, scores: &TeamScores) -> Option<PValues> {
        p_values(&self.statistics_of(counts, scores), self.assignments.observed())
    }

    fn statistics_of(&self, counts: &TeamCounts, scores: &TeamScores) -> Vec<f64> {
        self.of_assignments(|treated| self.statistic(counts, scores, treated))
    }

    /// A statistic of treated teams, for each assignment of units.
    fn of_assignments(&self, statistic: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let is_alone = self.unit_of_team.iter().enumerate().all(|(team, unit)| team == *unit);
        self.assignments.map(
            |it| {
                if is_alone { statistic(it) } else { statistic(&self.of_teams(it)) }
            },
        )
    }

    pub(crate) fn assignments(&self) -> &Assignments {
        &self.assignments
    }

    /// The statistic of each assignment; `None` if nothing was fixed.
    pub(crate) fn statistics(
        &self,
        findings: &[&Finding],
        observations: &[Observation],
    ) -> Option<Vec<f64>> {
        let counts = self.counts(findings, observations).ok()?;
        let scores = self.scores(&counts).0;
        (counts.n_events > 0).then(|| self.statistics_of(&counts, &scores))
    }

    /// The two-sided p-value of these findings as they are.
    pub(crate) fn p_value(
        &self,
        findings: &[&Finding],
        observations: &[Observation],
    ) -> Option<f64> {
        let statistics = self.statistics(findings, observations)?;
        Some(p_values(&statistics, self.assignments.observed())?.two_sided)
    }

    /// What counts of rescaled times say; `None` if nothing is left to compare.
    /// The two-sided p-value and the statistic of these findings as they are.
    pub(crate) fn test(&self, findings: &[&Finding], observations: &[Observation]) -> Tried {
        let statistics = self.statistics(findings, observations)?;
        let observed = self.assignments.observed();
        Some((p_values(&statistics, observed)?.two_sided, statistics[observed]))
    }

    fn tried(&self, excess: &Excess) -> Tried {
        if excess.n_events == 0 {
            return None;
        }
        let scores = self.adjusted(scores_of(&excess.observed, &excess.expected, self.theta)).0;
        let differences = || excess.observed.iter().zip(&excess.expected).map(|(o, e)| o - e);
        let statistic = |treated: &[f64]| match self.statistic {
            Statistic::TeamScore => scores.difference(treated),
            Statistic::LogRank => differences().zip(treated).map(|(it, z)| it * z).sum(),
        };
        let statistics = self.of_assignments(statistic);
        let observed = self.assignments.observed();
        let p = p_values(&statistics, observed)?;
        Some((p.two_sided, statistics[observed]))
    }
}
