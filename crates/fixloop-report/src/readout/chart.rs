//! Geometry of the charts: steps, ticks and bars as numbers, which the template places in SVG.
//!
//! Paths and places are made of numbers; the months' names are text, which the template escapes like all text.

use std::fmt::Write as _;

use fixloop_model::Ending;
use fixloop_readout::{CurvePoint, Group, Month, Row};

use super::words;
use crate::visible::visible;

pub(crate) const LEFT: f64 = 56.0;
pub(crate) const RIGHT: f64 = 700.0;
pub(crate) const TOP: f64 = 14.0;
pub(crate) const BOTTOM: f64 = 254.0;

/// More than a round step ever gives.
const MAX_TICKS: u32 = 30;
/// Months with a label: more would run into each other.
const MAX_LABELS: usize = 10;

/// A label and where it stands.
pub(crate) struct Tick {
    pub(crate) at: String,
    pub(crate) label: String,
    pub(crate) n_at_risk: String,
}

pub(super) struct Curve {
    pub(super) line: String,
    pub(super) band: String,
    pub(super) xs: Vec<Tick>,
    pub(super) ys: Vec<Tick>,
    pub(super) median_x: Option<String>,
}

pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    /// The month and its number: the bar's title.
    pub(super) title: String,
    /// Empty where labels would run into each other.
    pub(super) label: String,
    pub(super) center: String,
}

pub(super) struct Bars {
    pub(super) bars: Vec<Bar>,
    pub(super) ys: Vec<Tick>,
}

/// The curve, its band and the ticks; `None` where there is nothing to draw.
pub(super) fn curve(group: &Group, rows: &[Row]) -> Option<Curve> {
    let end = group.curve.iter().map(|it| it.time_days).fold(0.0_f64, f64::max);
    if group.curve.is_empty() || !end.is_finite() || end <= 0.0 {
        return None;
    }
    let origin = group.conditional_from_days.unwrap_or(0.0).clamp(0.0, end);
    let step = step(end, 6.0);
    let x_end = (end / step).ceil() * step;
    let x = |days: f64| LEFT + (RIGHT - LEFT) * days / x_end;
    let xs = (0..MAX_TICKS)
        .map(|it| f64::from(it) * step)
        .take_while(|it| *it <= x_end + step / 1e3)
        .map(|days| Tick {
            at: format!("{:.1}", x(days)),
            label: words::number(days),
            n_at_risk: words::count(at_risk(rows.iter(), days)),
        })
        .collect();
    Some(Curve {
        line: line(&group.curve, origin, x),
        band: band(&group.curve, origin, x),
        xs,
        ys: shares(),
        median_x: group.median.value.filter(|it| *it <= x_end).map(|it| format!("{:.1}", x(it))),
    })
}

/// Ticks of 0 to 100 %.
pub(crate) fn shares() -> Vec<Tick> {
    let tick = |share: f64| Tick {
        at: format!("{:.1}", y(share)),
        label: format!("{:.0} %", share * 100.0),
        n_at_risk: String::new(),
    };
    (0..=4).map(|it| tick(f64::from(it) / 4.0)).collect()
}

/// The stepped line of a curve.
pub(crate) fn line(points: &[CurvePoint], origin: f64, x: impl Fn(f64) -> f64) -> String {
    let mut line = format!("M{:.1} {:.1}", x(origin), y(1.0));
    for it in points {
        let _ = write!(line, "H{:.1}V{:.1}", x(it.time_days), y(it.open));
    }
    line
}

fn y(share: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * share.clamp(0.0, 1.0)
}

/// Closed stepped areas, one for each run of points that has a band: no band is drawn where none is known.
pub(crate) fn band(points: &[CurvePoint], origin: f64, x: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let (mut ups, mut downs) = (vec![(origin, 1.0)], vec![(origin, 1.0)]);
    let mut close = |ups: &mut Vec<(f64, f64)>, downs: &mut Vec<(f64, f64)>, until: f64| {
        if let (Some(first), Some(last)) = (ups.first(), downs.last())
            && until > first.0
        {
            let _ = write!(path, "M{:.1} {:.1}", x(first.0), y(first.1));
            for (time, share) in &ups[1..] {
                let _ = write!(path, "H{:.1}V{:.1}", x(*time), y(*share));
            }
            let _ = write!(path, "H{:.1}V{:.1}", x(until), y(last.1));
            for pair in downs.windows(2).rev() {
                let _ = write!(path, "H{:.1}V{:.1}", x(pair[1].0), y(pair[0].1));
            }
            let _ = write!(path, "H{:.1}Z", x(first.0));
        }
        ups.clear();
        downs.clear();
    };
    for it in points {
        if let (Some(lower), Some(upper)) = (it.lower, it.upper) {
            ups.push((it.time_days, upper));
            downs.push((it.time_days, lower));
        } else {
            close(&mut ups, &mut downs, it.time_days);
        }
    }
    let end = points.last().map_or(origin, |it| it.time_days);
    close(&mut ups, &mut downs, end);
    path
}

/// How many were under observation and open just before an age (at 0: from the origin on).
pub(crate) fn at_risk<'r>(rows: impl Iterator<Item = &'r Row>, days: f64) -> usize {
    let entered = |it: &Row| it.entry_days.is_none_or(|entry| entry < days || entry <= 0.0);
    let is_at_risk =
        |it: &&Row| it.outcome != Ending::Withdrawn && entered(it) && it.time_days >= days;
    rows.filter(is_at_risk).count()
}

/// A round step that gives about so many ticks.
pub(crate) fn step(end: f64, n: f64) -> f64 {
    let raw = end / n;
    let power = 10.0_f64.powf(raw.log10().floor());
    let steps = [1.0, 2.0, 3.0, 5.0, 10.0];
    steps.iter().map(|it| it * power).find(|it| *it >= raw).unwrap_or(10.0 * power)
}

/// Exposure-days per 100 targets, month by month; `None` where no month has a number.
pub(super) fn bars(months: &[Month]) -> Option<Bars> {
    let known = months.iter().filter_map(|it| it.per_100_targets).filter(|it| it.is_finite());
    let top = known.fold(f64::NAN, f64::max);
    if top.is_nan() {
        return None;
    }
    let step = step(if top > 0.0 { top } else { 1.0 }, 4.0);
    let y_end = (top / step).ceil().max(1.0) * step;
    let height = |value: f64| (BOTTOM - TOP) * value / y_end;
    let slot = (RIGHT - LEFT) / months.len() as f64;
    let every = months.len().div_ceil(MAX_LABELS);
    let bars = months.iter().enumerate().map(|(at, it)| {
        let left = LEFT + slot * at as f64;
        let tall = it.per_100_targets.filter(|it| it.is_finite()).map_or(0.0, height);
        let value = it.per_100_targets.map_or_else(
            || words::CANNOT_TELL.to_owned(),
            |it| format!("{} days", words::number(it)),
        );
        Bar {
            x: format!("{:.1}", left + slot * 0.12),
            y: format!("{:.1}", BOTTOM - tall),
            width: format!("{:.1}", slot * 0.76),
            height: format!("{tall:.1}"),
            title: format!("{}: {value}", visible(&it.month)),
            label: if at % every == 0 { visible(&it.month).into_owned() } else { String::new() },
            center: format!("{:.1}", left + slot / 2.0),
        }
    });
    let ys = (0..MAX_TICKS)
        .map(|it| f64::from(it) * step)
        .take_while(|it| *it <= y_end + step / 1e3)
        .map(|value| Tick {
            at: format!("{:.1}", BOTTOM - height(value)),
            label: words::number(value),
            n_at_risk: String::new(),
        });
    Some(Bars { bars: bars.collect(), ys: ys.collect() })
}

/// A dot with its interval on a scale of its own, in units of a 160 wide box.
pub(super) struct Dot {
    pub(super) x: String,
    pub(super) interval: Option<(String, String)>,
}

/// A share in `[0, 1]` as a dot.
pub(super) fn dot(value: f64, interval: Option<(f64, f64)>) -> Dot {
    let x = |share: f64| format!("{:.1}", 5.0 + 150.0 * share.clamp(0.0, 1.0));
    Dot { x: x(value), interval: interval.map(|(lower, upper)| (x(lower), x(upper))) }
}
