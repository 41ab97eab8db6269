//! Geometry of the programme's charts: a bar for each loop on one axis of time, and a key result's measurements with their intervals.

use fixloop_program::record::{IterationClock, KeyResult, Stage};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::clock::{AIM_HOURS, Clocks, hours, took};
use super::words::{day, duration, state, value, when, with_interval};
use crate::readout::chart::{RIGHT, step};
use crate::readout::words::number;

/// Bars of loops: more are in the table only.
pub(super) const MAX_LOOPS: usize = 60;
/// Points of a key result: of more, the latest.
const MAX_POINTS: usize = 60;

/// Where time begins: names of loops stand before.
const LOOPS_LEFT: f64 = 150.0;
const ROW: f64 = 34.0;
const TOP: f64 = 24.0;
/// Hours at the left end: an insight is as long ago as it takes to write it down.
const SHORTEST: f64 = 1.0 / 12.0;
/// Pixels that a number needs in its bar.
const ROOM: f64 = 13.0;
/// Labels on the axis of time, in hours.
const TICKS: [(f64, &str); 9] = [
    (SHORTEST, "5 minutes"),
    (1.0, "1 hour"),
    (5.0, "5 hours"),
    (24.0, "1 day"),
    (168.0, "1 week"),
    (730.5, "1 month"),
    (2_191.5, "3 months"),
    (8_766.0, "1 year"),
    (87_660.0, "10 years"),
];

pub(super) struct Loops {
    pub(super) rows: Vec<LoopRow>,
    pub(super) xs: Vec<(String, &'static str)>,
    pub(super) aim_x: String,
    pub(super) bottom: String,
    pub(super) label_y: String,
    pub(super) text_y: String,
    pub(super) height: String,
    /// Numbers in the bars.
    pub(super) legend: Vec<(usize, &'static str)>,
    pub(super) note: String,
}

pub(super) struct LoopRow {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) is_stuck: bool,
    pub(super) name_y: String,
    pub(super) state_y: String,
    pub(super) y: String,
    pub(super) number_y: String,
    pub(super) parts: Vec<Part>,
    /// The stage that is open, until now.
    pub(super) open: Option<Part>,
}

pub(super) struct Part {
    pub(super) x: String,
    pub(super) width: String,
    pub(super) center: String,
    /// Empty where there is no room.
    pub(super) number: String,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// A bar for each loop; `None` if there is none.
pub(super) fn loops(clocks: &Clocks<'_>) -> Option<Loops> {
    let shown = &clocks.loops[clocks.loops.len().saturating_sub(MAX_LOOPS)..];
    if shown.is_empty() {
        return None;
    }
    let start = |clock: &IterationClock| clock.at(Stage::Insight);
    let longest = shown.iter().filter_map(|(_, it)| {
        let last = it.reached.iter().filter_map(|it| it.1).max();
        let end = if it.open().is_some() { Some(clocks.now) } else { last };
        Some(hours(start(it)?, end?))
    });
    // A week at least, so that the aim does not stand at the edge.
    let end = longest.fold(168.0_f64, f64::max) * 1.05;
    let x = |hours: f64| {
        let share = (hours.max(SHORTEST) / SHORTEST).ln() / (end / SHORTEST).ln();
        LOOPS_LEFT + (RIGHT - LOOPS_LEFT) * share.clamp(0.0, 1.0)
    };
    let rows = shown.iter().enumerate().map(|(at, (problem, clock))| {
        let top = TOP + ROW * at as f64;
        let (parts, last) = parts(clock, x);
        let open = clock.open().map(|(stage, since)| {
            let title =
                format!("{}: open for {}", stage.words(), duration(hours(since, clocks.now)));
            let now = start(clock).map_or(0.0, |it| hours(it, clocks.now));
            let is_stuck = clocks.stuck_at(clock).is_some();
            part((last, x(now).max(last)), stage, if is_stuck { "stuck" } else { "open" }, title)
        });
        LoopRow {
            id: problem.id.to_string(),
            state: state(problem.state.as_str()),
            is_stuck: clocks.stuck_at(clock).is_some(),
            name_y: place(top + 14.0),
            state_y: place(top + 27.0),
            y: place(top + 6.0),
            number_y: place(top + 19.0),
            parts,
            open,
        }
    });
    let bottom = TOP + ROW * shown.len() as f64;
    let hidden = clocks.loops.len() - shown.len();
    Some(Loops {
        rows: rows.collect(),
        xs: TICKS.iter().filter(|it| it.0 <= end).map(|it| (place(x(it.0)), it.1)).collect(),
        aim_x: place(x(AIM_HOURS)),
        bottom: place(bottom),
        label_y: place(bottom + 16.0),
        text_y: place(bottom + 34.0),
        height: place(bottom + 42.0),
        legend: Stage::ALL.iter().enumerate().skip(1).map(|(n, it)| (n, it.words())).collect(),
        note: if hidden == 0 {
            String::new()
        } else {
            format!(" The {hidden} oldest are left out.")
        },
    })
}

/// What was reached, and where the last part ends.
fn parts(clock: &IterationClock, x: impl Fn(f64) -> f64) -> (Vec<Part>, f64) {
    let mut last = x(0.0);
    let mut parts = Vec::new();
    let Some(start) = clock.at(Stage::Insight) else { return (parts, last) };
    for (stage, at) in clock.reached.iter().skip(1).filter_map(|it| Some((it.0, it.1?))) {
        let end = x(hours(start, at)).max(last);
        let took = took(clock, stage).map_or_else(String::new, duration);
        let title = format!("{}: after {took}, {}", stage.words(), when(at));
        let class = if index(stage).is_multiple_of(2) { "even" } else { "odd" };
        parts.push(part((last, end), stage, class, title));
        last = end;
    }
    (parts, last)
}

fn part((from, to): (f64, f64), stage: Stage, class: &'static str, title: String) -> Part {
    let has_room = to - from >= ROOM;
    Part {
        x: place(from),
        width: place(to - from),
        center: place(f64::midpoint(from, to)),
        number: if has_room { index(stage).to_string() } else { String::new() },
        class,
        title,
    }
}

fn index(stage: Stage) -> usize {
    Stage::ALL.iter().position(|it| *it == stage).unwrap_or_default()
}

fn place(at: f64) -> String {
    format!("{at:.1}")
}

const LEFT: f64 = 56.0;
const CHART_TOP: f64 = 14.0;
const CHART_BOTTOM: f64 = 164.0;

pub(super) struct Progress {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) points: Vec<Point>,
    pub(super) ys: Vec<(String, String)>,
    pub(super) xs: Vec<(String, String, &'static str)>,
    pub(super) baseline_y: Option<String>,
    pub(super) target: Option<(String, String)>,
    pub(super) unit: String,
}

pub(super) struct Point {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) low: Option<String>,
    pub(super) high: Option<String>,
    pub(super) title: String,
    pub(super) class: &'static str,
}

/// A value at a time, with its interval.
struct Known {
    at: Timestamp,
    value: f64,
    interval: Option<(f64, f64)>,
    title: String,
    class: &'static str,
}

/// The baseline and what was measured since; `None` where there is no number.
pub(super) fn progress(it: &KeyResult) -> Option<Progress> {
    let known = known(it);
    let unit = &it.plan.unit;
    let target = it.plan.target_value.filter(|it| it.is_finite() && *it >= 0.0);
    let start = known.iter().map(|it| it.at).min()?;
    let last = known.iter().map(|it| it.at).max()?;
    let end = it.plan.end.map_or(last, |it| midnight(it).max(last));
    let highs = known.iter().map(|it| it.interval.map_or(it.value, |of| of.1.max(it.value)));
    let top = highs.chain(target).fold(0.0_f64, f64::max);
    if top <= 0.0 {
        return None;
    }
    let scale = if unit == "share" { 100.0 } else { 1.0 };
    let step = step(top * scale, 4.0);
    let ceiling = (top * scale / step).ceil() * step;
    let y = |value: f64| {
        let share = (value * scale / ceiling).clamp(0.0, 1.0);
        CHART_BOTTOM - (CHART_BOTTOM - CHART_TOP) * share
    };
    let length = hours(start, end).max(1.0);
    // Whiskers do not stand on the axis.
    let x = |at: Timestamp| LEFT + 16.0 + (RIGHT - LEFT - 32.0) * hours(start, at) / length;
    let points = known.iter().map(|it| Point {
        x: place(x(it.at)),
        y: place(y(it.value)),
        low: it.interval.map(|it| place(y(it.0))),
        high: it.interval.map(|it| place(y(it.1))),
        title: it.title.clone(),
        class: it.class,
    });
    let labels = [(start, "start"), (end, "end")];
    let is_one = hours(start, end) < 24.0;
    let xs = labels.iter().take(if is_one { 1 } else { 2 });
    Some(Progress {
        id: it.id.to_string(),
        title: format!(
            "{} {}: baseline, measurements with 95 % intervals, target",
            it.id, it.plan.metric
        ),
        points: points.collect(),
        ys: (0..30)
            .map(|it| f64::from(it) * step)
            .take_while(|it| *it <= ceiling + step / 1e3)
            .map(|it| (place(y(it / scale)), number(it)))
            .collect(),
        xs: xs.map(|it| (place(x(it.0)), day(it.0), it.1)).collect(),
        baseline_y: it.baseline.value.filter(|it| it.is_finite()).map(|it| place(y(it))),
        target: target.map(|it| (place(y(it)), format!("target {}", value(Some(it), unit)))),
        unit: if unit == "share" {
            "percent".to_owned()
        } else {
            crate::visible::visible(unit).into_owned()
        },
    })
}

fn known(it: &KeyResult) -> Vec<Known> {
    let is_number = |it: f64| it.is_finite() && it >= 0.0;
    let sound = |limits: Option<(f64, f64)>| limits.filter(|it| is_number(it.0) && is_number(it.1));
    let unit = &it.plan.unit;
    let baseline = &it.baseline;
    let mut known = Vec::new();
    if let Some(at) = baseline.value.filter(|it| is_number(*it)) {
        known.push(Known {
            at: midnight(baseline.until),
            value: at,
            interval: sound(baseline.interval),
            title: format!(
                "baseline until {}: {}",
                baseline.until,
                with_interval(Some(at), baseline.interval, unit)
            ),
            class: "before",
        });
    }
    let skipped = it.measurements.len().saturating_sub(MAX_POINTS);
    for of in it.measurements.iter().skip(skipped) {
        let Some(at) = of.value.filter(|it| is_number(*it)) else { continue };
        known.push(Known {
            at: of.cut,
            value: at,
            interval: sound(of.interval),
            title: format!(
                "{}: {}, {}",
                day(of.cut),
                with_interval(Some(at), of.interval, unit),
                crate::visible::visible(&of.band)
            ),
            class: "now",
        });
    }
    known
}

fn midnight(date: Date) -> Timestamp {
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or_default()
}
