//! Iteration clocks: for people, and `fixloop.clock/1` for scripts.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_program::record::{
    IterationClock, Problem, Record, Stage, StageTime, Stuck, iteration_clock, stage_times, stuck,
};
use fixloop_stats::{
    Band, Causes, Level, Observation, Outcome, Quantile, kaplan_meier, quantile,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::words::{duration, seen, state, when};

const BOLD: Style = Style::new().bold();

/// What a turn from an insight to the first telemetry shall take.
pub(super) const AIM_HOURS: f64 = 24.0;

/// The clocks of all hypotheses at one time.
pub(super) struct Clocks<'a> {
    pub(super) loops: Vec<(&'a Problem, IterationClock)>,
    pub(super) stages: Vec<StageTime>,
    pub(super) stuck: Vec<Stuck>,
    pub(super) turn: Turn,
    pub(super) now: Timestamp,
}

/// From an insight to the first telemetry, over all hypotheses.
pub(super) struct Turn {
    /// Hours, Kaplan-Meier.
    pub(super) median: Quantile,
    pub(super) n_reached: usize,
    /// Open, or over before there was any.
    pub(super) n_censored: usize,
}

pub(super) fn clocks(record: &Record, now: Timestamp) -> Clocks<'_> {
    let loops: Vec<(&Problem, IterationClock)> =
        record.problems.values().map(|it| (it, iteration_clock(record, it))).collect();
    let all: Vec<IterationClock> = loops.iter().map(|it| it.1.clone()).collect();
    let (stages, stuck) = (stage_times(&all, now), stuck(&all, now));
    Clocks { turn: turn(&all, now), loops, stages, stuck, now }
}

/// A loop that is over without telemetry is censored where it came last.
fn turn(clocks: &[IterationClock], now: Timestamp) -> Turn {
    let mut observations = Vec::new();
    let mut n_reached = 0;
    for clock in clocks {
        let Some(start) = clock.at(Stage::Insight) else { continue };
        let last = clock.reached.iter().filter_map(|it| it.1).max();
        let (end, outcome) = match clock.at(Stage::FirstTelemetry) {
            Some(at) => (at, Outcome::Event(1)),
            None if clock.is_over => (last.unwrap_or(start), Outcome::Censored),
            None => (now, Outcome::Censored),
        };
        n_reached += usize::from(outcome == Outcome::Event(1));
        observations.extend(Observation::new(hours(start, end).max(0.0), outcome).ok());
    }
    let curve = kaplan_meier(&observations, Causes::Any).ok();
    let nothing = Quantile { time: None, lower: None, upper: None };
    let median = curve.map_or(nothing, |it| quantile(&it, 0.5, Band::LogLog, Level::P95));
    Turn { median, n_reached, n_censored: observations.len() - n_reached }
}

pub(super) fn hours(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_microsecond() - from.as_microsecond()) as f64 / 3_600e6
}

impl Clocks<'_> {
    pub(super) fn stuck_at(&self, clock: &IterationClock) -> Option<&Stuck> {
        self.stuck.iter().find(|it| it.problem == clock.problem)
    }

    /// `open: first look, for 3 days; STUCK …`, or that it is over.
    pub(super) fn standing(&self, clock: &IterationClock) -> String {
        let Some((stage, since)) = clock.open() else {
            return if clock.is_over { "over" } else { "rolled out" }.to_owned();
        };
        let so_far = duration(hours(since, self.now).max(0.0));
        let stuck = self.stuck_at(clock).map_or_else(String::new, |it| {
            format!(", stuck: over twice the median of {}", duration(it.median_hours))
        });
        format!("waits for {} for {so_far}{stuck}", stage.words())
    }

    /// The measure of the programme in a sentence.
    pub(super) fn says(&self) -> String {
        if self.loops.is_empty() {
            return "No hypothesis yet, so no turn of the loop.".to_owned();
        }
        let Turn { median, n_reached, n_censored } = &self.turn;
        let counts = format!("{n_reached} came there, {n_censored} did not (yet)");
        match median.time {
            Some(it) => format!(
                "From an insight to the first telemetry: median {} ({counts}); the aim is under {}.",
                duration(it),
                duration(AIM_HOURS)
            ),
            None => format!(
                "From an insight to the first telemetry: no median yet ({counts}); the aim is under {}.",
                duration(AIM_HOURS)
            ),
        }
    }
}

/// Time between this stage and the latest one before it, where both were reached.
pub(super) fn took(clock: &IterationClock, stage: Stage) -> Option<f64> {
    let place = clock.reached.iter().position(|it| it.0 == stage)?;
    let before = clock.reached[..place].iter().filter_map(|it| it.1).max()?;
    Some(hours(before, clock.at(stage)?).max(0.0))
}

pub(super) fn median(it: &Quantile) -> String {
    it.time.map_or_else(|| "not reached".to_owned(), duration)
}

/// With where it could lie.
pub(super) fn median_interval(it: &Quantile) -> String {
    let limit = |it: Option<f64>| it.map_or_else(|| "not reached".to_owned(), duration);
    match (it.lower, it.upper) {
        (None, None) => String::new(),
        (lower, upper) => format!("{} to {}", limit(lower), limit(upper)),
    }
}

/// `fixloop.clock/1`.
pub fn clock_json(record: &Record, now: Timestamp) -> Value {
    let it = clocks(record, now);
    let stage = |stage: &StageTime| {
        json!({
            "stage": stage.stage,
            "median_hours": stage.median.time,
            "lower_hours": stage.median.lower,
            "upper_hours": stage.median.upper,
            "n_reached": stage.n_reached,
            "n_open": stage.n_open,
        })
    };
    json!({
        "schema": "fixloop.clock/1",
        "now": now,
        "aim_hours": AIM_HOURS,
        "insight_to_first_telemetry": {
            "median_hours": it.turn.median.time,
            "lower_hours": it.turn.median.lower,
            "upper_hours": it.turn.median.upper,
            "n_reached": it.turn.n_reached,
            "n_censored": it.turn.n_censored,
        },
        "stages": it.stages.iter().map(stage).collect::<Vec<_>>(),
        "loops": it.loops.iter().map(|of| loop_json(&it, of)).collect::<Vec<_>>(),
    })
}

fn loop_json(clocks: &Clocks<'_>, (problem, clock): &(&Problem, IterationClock)) -> Value {
    let stage = |(stage, at): &(Stage, Option<Timestamp>)| {
        json!({ "stage": stage, "at": at, "hours": took(clock, *stage) })
    };
    let open = clock.open().map(|(stage, since)| {
        json!({ "stage": stage, "since": since, "hours": hours(since, clocks.now).max(0.0) })
    });
    json!({
        "problem": problem.id,
        "state": problem.state.as_str(),
        "believe": problem.believe,
        "is_over": clock.is_over,
        "hours_to_telemetry": clock.hours_to_telemetry(),
        "open": open,
        "stuck": clocks.stuck_at(clock),
        "stages": clock.reached.iter().map(stage).collect::<Vec<_>>(),
    })
}

pub fn write_clock_text(record: &Record, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let it = clocks(record, now);
    writeln!(out, "{BOLD}{}{BOLD:#}", it.says())?;
    if it.loops.is_empty() {
        return writeln!(out, "Next: fixloop hypothesis create");
    }
    writeln!(out, "\n{:<17}{:>12}  {:<26}{:>8}{:>6}", "stage", "median", "95 % interval", "reached", "open")?;
    for stage in &it.stages {
        let (median, limits) = (median(&stage.median), median_interval(&stage.median));
        writeln!(
            out,
            "{:<17}{median:>12}  {limits:<26}{:>8}{:>6}",
            stage.stage.words(),
            stage.n_reached,
            stage.n_open
        )?;
    }
    writeln!(out, "Each from the stage before; what is open is censored now, {}.", when(now))?;
    for (problem, clock) in &it.loops {
        writeln!(
            out,
            "\n{BOLD}{}{BOLD:#}  {}  {}\n  {}",
            problem.id,
            state(problem.state.as_str()),
            it.standing(clock),
            seen(&problem.believe)
        )?;
        for (stage, at) in clock.reached.iter().filter_map(|it| Some((it.0, it.1?))) {
            let took = took(clock, stage).map_or_else(String::new, |it| format!("  after {}", duration(it)));
            writeln!(out, "  {:<17}{}{took}", stage.words(), when(at))?;
        }
    }
    Ok(())
}
