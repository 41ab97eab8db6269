//! How long one turn of the loop takes: the measure of the programme itself.
//!
//! A stage that is open is censored at the time of looking, so that what is stuck counts.

use fixloop_stats::{Band, Causes, Level, Observation, Outcome, Quantile, kaplan_meier, quantile};
use jiff::Timestamp;
use serde::Serialize;

use super::id::ObjectId;
use super::problem::{Problem, ProblemState};
use super::states::History;
use super::{Record, Solution};

/// From an insight to everybody having it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Insight,
    Framed,
    FirstEvidence,
    ProblemVerdict,
    MvpLive,
    /// The first counted exposure in each arm.
    FirstTelemetry,
    FirstLook,
    Decided,
    RolledOut,
}

impl Stage {
    pub const ALL: [Self; 9] = [
        Self::Insight,
        Self::Framed,
        Self::FirstEvidence,
        Self::ProblemVerdict,
        Self::MvpLive,
        Self::FirstTelemetry,
        Self::FirstLook,
        Self::Decided,
        Self::RolledOut,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::Insight => "insight",
            Self::Framed => "framed",
            Self::FirstEvidence => "first evidence",
            Self::ProblemVerdict => "problem verdict",
            Self::MvpLive => "MVP live",
            Self::FirstTelemetry => "first telemetry",
            Self::FirstLook => "first look",
            Self::Decided => "decision",
            Self::RolledOut => "rolled out",
        }
    }
}

/// One loop: when each stage was reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IterationClock {
    pub problem: ObjectId,
    /// Nothing for a stage that was not reached.
    pub reached: Vec<(Stage, Option<Timestamp>)>,
    /// Nothing more will be reached: rejected, parked, stopped or pivoted away from.
    pub is_over: bool,
}

impl IterationClock {
    pub fn at(&self, stage: Stage) -> Option<Timestamp> {
        self.reached.iter().find(|it| it.0 == stage).and_then(|it| it.1)
    }

    /// From an insight to the first telemetry, in hours: the length of a turn that counts.
    pub fn hours_to_telemetry(&self) -> Option<f64> {
        Some(hours(self.at(Stage::Insight)?, self.at(Stage::FirstTelemetry)?))
    }

    /// The stage that is open, and since when.
    pub fn open(&self) -> Option<(Stage, Timestamp)> {
        if self.is_over {
            return None;
        }
        let last = self.reached.iter().rposition(|it| it.1.is_some())?;
        let (next, _) = self.reached.get(last + 1)?;
        // Something may have been reached out of turn, as a pilot by an override before the verdict.
        Some((*next, self.reached.iter().filter_map(|it| it.1).max()?))
    }
}

/// When the loop of a hypothesis reached each stage.
pub fn iteration_clock(record: &Record, problem: &Problem) -> IterationClock {
    let solutions: Vec<&Solution> =
        record.solutions.values().filter(|it| it.plan.problem == problem.id).collect();
    let of_solutions = |id: ObjectId| solutions.iter().any(|it| it.id == id);
    let rollouts: Vec<_> =
        record.rollouts.values().filter(|it| of_solutions(it.plan.solution)).collect();
    let experiments: Vec<_> =
        record.experiments.values().filter(|it| of_solutions(it.solution)).collect();
    let judged = ["supported", "confirmed", "rejected"];
    let evidence = record.evidence_about(problem.id).filter_map(super::FiledEvidence::filed_at);
    let live = rollouts.iter().filter_map(|it| reached(&it.history, &["live"]));
    let looks = experiments.iter().flat_map(|it| &it.readouts);
    let looks = looks.filter_map(|id| record.readouts.get(&id.number())?.history.first());
    let decided = record.decisions.values().filter(|it| {
        experiments.iter().any(|experiment| experiment.id == it.decided.experiment)
            && it.decided.verdict != super::DecisionVerdict::Persevere
    });
    let ends = solutions.iter().filter_map(|it| reached(&it.history, &["stopped", "pivoted"]));
    let reached_at = vec![
        (Stage::Insight, Some(problem.insight_at)),
        (Stage::Framed, reached(&problem.history, &["framed"])),
        (Stage::FirstEvidence, evidence.min()),
        (Stage::ProblemVerdict, reached(&problem.history, &judged)),
        (Stage::MvpLive, live.min()),
        (Stage::FirstTelemetry, experiments.iter().filter_map(|it| it.first_telemetry).min()),
        (Stage::FirstLook, looks.map(|it| it.when).min()),
        (Stage::Decided, decided.filter_map(|it| it.history.first()).map(|it| it.when).min()),
        (Stage::RolledOut, rollouts.iter().filter_map(|it| reached(&it.history, &["done"])).min()),
    ];
    let is_over = matches!(problem.state, ProblemState::Rejected | ProblemState::Parked)
        || (!solutions.is_empty() && ends.count() == solutions.len());
    IterationClock { problem: problem.id, reached: reached_at, is_over }
}

fn reached(history: &History, states: &[&str]) -> Option<Timestamp> {
    history.iter().find(|it| states.contains(&&*it.to)).map(|it| it.when)
}

fn hours(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_microsecond() - from.as_microsecond()) as f64 / 3_600e6
}

/// How long a stage takes over all loops.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTime {
    pub stage: Stage,
    /// Hours from the stage before, Kaplan-Meier, with what is open censored. Not reached is an answer.
    pub median: Quantile,
    pub n_reached: usize,
    pub n_open: usize,
}

/// A loop whose open stage takes more than twice its own median.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stuck {
    pub problem: ObjectId,
    pub stage: Stage,
    pub hours: f64,
    pub median_hours: f64,
}

/// The stages of all loops at `now`, each from the latest stage before it that was reached.
pub fn stage_times(clocks: &[IterationClock], now: Timestamp) -> Vec<StageTime> {
    let times = Stage::ALL.iter().skip(1).map(|stage| {
        let mut observations = Vec::new();
        let mut n_reached = 0;
        for clock in clocks {
            let Some((length, outcome)) = length(clock, *stage, now) else { continue };
            n_reached += usize::from(outcome == Outcome::Event(1));
            observations.extend(Observation::new(length, outcome).ok());
        }
        let n_open = observations.len() - n_reached;
        let curve = kaplan_meier(&observations, Causes::Any).ok();
        let median = curve.map_or(Quantile { time: None, lower: None, upper: None }, |it| {
            quantile(&it, 0.5, Band::LogLog, Level::P95)
        });
        StageTime { stage: *stage, median, n_reached, n_open }
    });
    times.collect()
}

/// Hours from the stage before to this one; nothing where the loop did not come that far.
fn length(clock: &IterationClock, stage: Stage, now: Timestamp) -> Option<(f64, Outcome)> {
    let place = clock.reached.iter().position(|it| it.0 == stage)?;
    let before = clock.reached[..place].iter().filter_map(|it| it.1).max()?;
    match clock.at(stage) {
        Some(at) => Some((hours(before, at).max(0.0), Outcome::Event(1))),
        None if clock.open().is_some_and(|it| it.0 == stage) => {
            Some((hours(before, now).max(0.0), Outcome::Censored))
        }
        None => None,
    }
}

/// Loops that are stuck at `now`.
pub fn stuck(clocks: &[IterationClock], now: Timestamp) -> Vec<Stuck> {
    let times = stage_times(clocks, now);
    let of = |clock: &IterationClock| {
        let (stage, since) = clock.open()?;
        let median_hours = times.iter().find(|it| it.stage == stage)?.median.time?;
        let hours = hours(since, now);
        let problem = clock.problem;
        (hours > 2.0 * median_hours).then_some(Stuck { problem, stage, hours, median_hours })
    };
    clocks.iter().filter_map(of).collect()
}
