//! The burn-down as areas on top of each other: affected, unknown, fixed. Clean targets are no part of it.

use std::fmt::Write as _;

use fixloop_campaign::Point;
use fixloop_model::Timestamp;

use crate::readout::chart::{BOTTOM, LEFT, RIGHT, TOP, Tick};
use crate::time::day;

const N_TICKS: u32 = 4;

/// Areas and ticks, which the template places in SVG.
pub(super) struct BurnDownChart {
    pub(super) affected: String,
    /// A band of its own: whoever is unknown is neither.
    pub(super) unknown: String,
    pub(super) fixed: String,
    pub(super) xs: Vec<Tick>,
    pub(super) ys: Vec<Tick>,
    pub(super) deadline_x: Option<String>,
    pub(super) pivots: Vec<String>,
}

/// Nothing where there are not two moments, or nothing was ever affected or unknown.
pub(super) fn chart(points: &[Point], deadline: i64, pivots: &[i64]) -> Option<BurnDownChart> {
    let (first, last) = (points.first()?.at, points.last()?.at);
    let end = last.max(deadline);
    let of = |it: &Point| [it.counts.affected, it.counts.unknown, it.counts.fixed];
    let most = points.iter().map(|it| of(it).iter().sum::<u64>()).max()?;
    if points.len() < 2 || end <= first || most == 0 {
        return None;
    }
    let x = |at: i64| LEFT + (RIGHT - LEFT) * (at - first) as f64 / (end - first) as f64;
    let y = |n: u64| BOTTOM - (BOTTOM - TOP) * n as f64 / most as f64;
    let area = |from: usize| {
        let below = |it: &Point| of(it)[..from].iter().sum::<u64>();
        let mut path = String::new();
        for (n, it) in points.iter().enumerate() {
            let word = if n == 0 { 'M' } else { 'L' };
            // Writing to a text does not fail.
            let _ = write!(path, "{word}{:.1} {:.1}", x(it.at), y(below(it) + of(it)[from]));
        }
        for it in points.iter().rev() {
            let _ = write!(path, "L{:.1} {:.1}", x(it.at), y(below(it)));
        }
        path.push('Z');
        path
    };
    let tick = |at: String, label: String| Tick { at, label, n_at_risk: String::new() };
    let ys = (0..=N_TICKS).map(|it| {
        let n = most * u64::from(it) / u64::from(N_TICKS);
        tick(format!("{:.1}", y(n)), n.to_string())
    });
    let xs = (0..=N_TICKS).map(|it| {
        let at = first + (end - first) / i64::from(N_TICKS) * i64::from(it);
        tick(format!("{:.1}", x(at)), day(Timestamp(at)))
    });
    Some(BurnDownChart {
        affected: area(0),
        unknown: area(1),
        fixed: area(2),
        xs: xs.collect(),
        ys: ys.collect(),
        deadline_x: (deadline >= first).then(|| format!("{:.1}", x(deadline))),
        pivots: pivots
            .iter()
            .filter(|at| (first..=end).contains(*at))
            .map(|at| format!("{:.1}", x(*at)))
            .collect(),
    })
}
