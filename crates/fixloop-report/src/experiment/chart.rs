//! Geometry of an experiment's charts: two curves on one axis, and a dot for each team.

use std::iter;

use fixloop_readout::{CurvePoint, Group};

use super::ExperimentReport;
use super::view::{ARMS, TeamView};
use super::words;
use crate::readout::chart::{self, RIGHT, Tick};
use crate::readout::words::{count, number};

/// Ages with a label: more would run into each other.
const N_AGES: f64 = 7.0;
/// More than a round step ever gives.
const MAX_AGES: usize = 30;

/// Teams in the picture: of more, every second, third and so on, which in their order are as good as all.
pub(super) const MAX_DOTS: usize = 400;
/// Teams with a name in the picture: rows of more are narrow.
const MAX_NAMED: usize = 80;
/// Where days start: names of teams stand before.
pub(super) const DOTS_LEFT: f64 = 208.0;
const DOTS_TOP: f64 = 12.0;
const ROW: f64 = 22.0;
const NARROW_ROW: f64 = 7.0;
/// Characters of a name that fit before the days.
const NAME_WIDTH: usize = 24;

pub(super) struct Curves {
    /// Control first, so that what was tried lies above.
    pub(super) arms: Vec<ArmCurve>,
    pub(super) xs: Vec<AgeTick>,
    pub(super) ys: Vec<Tick>,
}

pub(super) struct ArmCurve {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) line: String,
    pub(super) band: String,
}

pub(super) struct AgeTick {
    pub(super) at: String,
    pub(super) label: String,
    /// Treated and control.
    pub(super) at_risk: [String; 2],
}

pub(super) struct Dots {
    pub(super) rows: Vec<DotRow>,
    pub(super) xs: Vec<(String, String)>,
    /// Where rows end.
    pub(super) bottom: String,
    pub(super) label_y: String,
    pub(super) text_y: String,
    pub(super) height: String,
    /// Of a dot.
    pub(super) radius: &'static str,
    /// What is not shown.
    pub(super) note: String,
}

pub(super) struct DotRow {
    pub(super) y: String,
    pub(super) label: String,
    pub(super) title: String,
    pub(super) class: &'static str,
    pub(super) before: Option<String>,
    pub(super) during: Option<String>,
}

/// The readout's group of an arm, if its curve is made of numbers.
pub(super) fn group(report: &ExperimentReport, arm: usize) -> Option<&Group> {
    let split = report.curves.splits.iter().find(|it| it.by == "arm")?;
    let group = split.groups.iter().find(|it| it.name == report.analysis.arm_names[arm])?;
    let is_number = |it: &CurvePoint| {
        let ends = [Some(it.time_days), Some(it.open), it.lower, it.upper];
        ends.iter().flatten().all(|it| it.is_finite())
    };
    group.curve.iter().all(is_number).then_some(group)
}

/// Round ages up to the end of the longer curve.
pub(super) fn ages(groups: &[Option<&Group>; 2]) -> Vec<f64> {
    let points = groups.iter().flatten().flat_map(|it| &it.curve);
    let end = points.map(|it| it.time_days).fold(0.0_f64, f64::max);
    if !end.is_finite() || end <= 0.0 {
        return Vec::new();
    }
    let step = chart::step(end, N_AGES);
    let ages = (0..MAX_AGES).map(|it| it as f64 * step);
    let mut ages: Vec<f64> = ages.take_while(|it| *it < end).collect();
    ages.push(ages.len() as f64 * step);
    ages
}

/// Findings of an arm at risk at an age.
pub(super) fn at_risk(report: &ExperimentReport, arm: usize, age: f64) -> usize {
    let name = report.analysis.arm_names[arm].as_str();
    chart::at_risk(report.curves.rows.iter().filter(|it| it.arm.as_deref() == Some(name)), age)
}

/// Both curves; `None` where there is nothing to draw.
pub(super) fn curves(report: &ExperimentReport) -> Option<Curves> {
    let groups = ARMS.map(|it| group(report, it));
    let ages = ages(&groups);
    let end = *ages.last()?;
    let x = |days: f64| chart::LEFT + (RIGHT - chart::LEFT) * days / end;
    let names = ARMS.map(|it| words::short(&report.analysis.arm_names[it]));
    let arms = groups.iter().zip(names).zip(["treated", "control"]);
    let arms = arms.filter_map(|((group, name), class)| {
        let group = (*group).filter(|it| !it.curve.is_empty())?;
        let origin = group.conditional_from_days.unwrap_or(0.0).clamp(0.0, end);
        let (line, band) =
            (chart::line(&group.curve, origin, x), chart::band(&group.curve, origin, x));
        Some(ArmCurve { name, class, line, band })
    });
    let mut arms: Vec<ArmCurve> = arms.collect();
    arms.reverse();
    let xs = ages.iter().map(|age| AgeTick {
        at: format!("{:.1}", x(*age)),
        label: number(*age),
        at_risk: ARMS.map(|arm| count(at_risk(report, arm, *age))),
    });
    Some(Curves { arms, xs: xs.collect(), ys: chart::shares() })
}

/// A dot for each team on one axis of days; `None` where no team has a number.
pub(super) fn dots(teams: &[TeamView], times: [&str; 2], horizon: f64) -> Option<Dots> {
    let known = teams.iter().any(|it| it.before.is_some() || it.during.is_some());
    if !known || !horizon.is_finite() || horizon <= 0.0 {
        return None;
    }
    let step = chart::step(horizon, N_AGES);
    let x = |days: f64| DOTS_LEFT + (RIGHT - DOTS_LEFT) * (days / horizon).clamp(0.0, 1.0);
    let place = |days: f64| format!("{:.1}", x(days));
    let every = teams.len().div_ceil(MAX_DOTS);
    let shown = teams.iter().step_by(every);
    let is_named = teams.len() <= MAX_NAMED;
    let row = if is_named { ROW } else { NARROW_ROW };
    let bottom = DOTS_TOP + row * shown.len() as f64;
    let rows = shown.enumerate().map(|(at, it)| {
        let [before, during] = it.days();
        DotRow {
            y: format!("{:.1}", DOTS_TOP + row * (at as f64 + 0.5)),
            label: if is_named { words::shortened(&it.name, NAME_WIDTH) } else { String::new() },
            title: format!(
                "{} ({}): {before} days {}, {during} {}",
                it.name, it.arm, times[0], times[1]
            ),
            class: if it.is_treated { "treated" } else { "control" },
            before: it.before.map(place),
            during: it.during.map(place),
        }
    });
    let ages = iter::successors(Some(0.0), |it| Some(it + step)).take(MAX_AGES);
    let ages = ages.take_while(|it| *it <= horizon + step / 1e3);
    Some(Dots {
        rows: rows.collect(),
        xs: ages.map(|it| (place(it), number(it))).collect(),
        bottom: format!("{bottom:.1}"),
        label_y: format!("{:.1}", bottom + 18.0),
        text_y: format!("{:.1}", bottom + 36.0),
        height: format!("{:.1}", bottom + 44.0),
        radius: if is_named { "5" } else { "2.5" },
        note: match every {
            1 => String::new(),
            _ => format!(" One in {every} of {} teams, in their order.", count(teams.len())),
        },
    })
}
