//! Events and expectations of teams at any time ratio, without sorting again; and the ends of an interval without trying every ratio.

use std::collections::BTreeMap;

use fixloop_stats::randomization::ConfidenceSet;

use crate::table::{FIXED, Finding};
use crate::within_day::within_day;

/// Findings ordered once: dividing times by a ratio keeps the order inside an arm, so that another ratio only merges what is sorted.
pub(crate) struct Sorted {
    /// Findings of one stratum each.
    strata: Vec<Stratum>,
    n_teams: usize,
}

#[derive(Default)]
struct Stratum {
    /// Control and treated.
    arms: [Ordered; 2],
}

#[derive(Default)]
struct Ordered {
    /// The same rows three times, in the order of their times, of their limits, and of their entries.
    times: Vec<Row>,
    limits: Vec<Row>,
    /// Only those first seen late.
    entries: Vec<Row>,
}

#[derive(Clone, Copy)]
struct Row {
    time: f64,
    limit: f64,
    /// Before everything, if it was seen from the start.
    entry: f64,
    team: u32,
    is_event: bool,
}

/// What scores are made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Excess {
    pub(crate) observed: Vec<f64>,
    pub(crate) expected: Vec<f64>,
    pub(crate) n_events: usize,
}

/// How one arm's times are read under a ratio: as [`fixloop_stats::randomization::rescaled`] does, to the last bit.
#[derive(Clone, Copy)]
struct Scale {
    factor: f64,
    ratio: f64,
}

impl Scale {
    fn end(self, row: &Row) -> f64 {
        f64::min(row.limit, row.limit / self.ratio)
    }

    fn is_cut(self, row: &Row) -> bool {
        row.time * self.factor > self.end(row)
    }

    fn exit(self, row: &Row) -> f64 {
        f64::min(row.time * self.factor, self.end(row))
    }

    /// What enters only after it left tells nothing.
    fn is_kept(self, row: &Row) -> bool {
        row.entry * self.factor < self.exit(row)
    }
}

impl Sorted {
    /// With times as [`within_day`] spreads them; `None` if a finding's limit is not known.
    pub(crate) fn of(findings: &[&Finding], n_teams: usize) -> Option<Self> {
        let mut strata: BTreeMap<u32, Stratum> = BTreeMap::new();
        for (it, taken) in findings.iter().zip(within_day(findings)) {
            let row = Row {
                time: it.observation.time() - taken,
                limit: it.limit?,
                entry: it.observation.entry().unwrap_or(f64::NEG_INFINITY),
                team: it.team,
                is_event: FIXED.holds(it.observation.outcome()),
            };
            strata.entry(it.stratum).or_default().arms[it.arm.index()].times.push(row);
        }
        let mut strata: Vec<Stratum> = strata.into_values().collect();
        for arm in strata.iter_mut().flat_map(|it| &mut it.arms) {
            arm.times.sort_unstable_by(|a, b| a.time.total_cmp(&b.time));
            arm.limits.clone_from(&arm.times);
            arm.limits.sort_unstable_by(|a, b| a.limit.total_cmp(&b.limit));
            arm.entries = arm.times.iter().filter(|it| it.entry.is_finite()).copied().collect();
            arm.entries.sort_unstable_by(|a, b| a.entry.total_cmp(&b.entry));
        }
        Some(Self { strata, n_teams })
    }

    /// Events and expectations if treated times are `ratio` times as long. Costs as many steps as there are findings.
    pub(crate) fn at(&self, ratio: f64) -> Excess {
        let mut excess = Excess {
            observed: vec![0.0; self.n_teams],
            expected: vec![0.0; self.n_teams],
            n_events: 0,
        };
        for stratum in &self.strata {
            stratum.add(ratio, &mut excess);
        }
        excess
    }
}

/// A row that leaves, or that enters.
type Exit = (f64, u32, bool);

impl Stratum {
    fn add(&self, ratio: f64, excess: &mut Excess) {
        let scales = [1.0, 1.0 / ratio].map(|factor| Scale { factor, ratio });
        let [control, treated] = &self.arms;
        let late: usize = self.arms.iter().map(|it| it.entries.len()).sum();
        let exits = merged(control.exits(scales[0]), treated.exits(scales[1]));
        let entries = merged(control.entries(scales[0]), treated.entries(scales[1]));
        let mut entries = entries.peekable();
        let mut exits = exits.peekable();
        let n_rows = control.times.len() + treated.times.len();
        let (mut n_at_risk, mut hazard) = ((n_rows - late) as f64, 0.0);
        let mut tied: Vec<Exit> = Vec::new();
        while let Some((time, ..)) = exits.peek().copied() {
            while let Some((_, team, _)) = entries.next_if(|it| it.0 < time) {
                n_at_risk += 1.0;
                excess.expected[team as usize] -= hazard;
            }
            tied.clear();
            let mut n_events = 0_usize;
            while let Some(exit) = exits.next_if(|it| it.0 <= time) {
                n_events += usize::from(exit.2);
                tied.push(exit);
            }
            if n_events > 0 {
                excess.n_events += n_events;
                hazard += n_events as f64 / n_at_risk;
            }
            for (_, team, is_event) in &tied {
                let team = *team as usize;
                excess.expected[team] += hazard;
                excess.observed[team] += f64::from(u8::from(*is_event));
            }
            n_at_risk -= tied.len() as f64;
        }
    }
}

impl Ordered {
    /// Ascending: those that are cut leave in the order of their limits, the others in that of their times.
    fn exits(&self, scale: Scale) -> impl Iterator<Item = Exit> {
        let whole = self.times.iter().filter(move |it| !scale.is_cut(it) && scale.is_kept(it));
        let whole = whole.map(move |it| (it.time * scale.factor, it.team, it.is_event));
        let cut = self.limits.iter().filter(move |it| scale.is_cut(it) && scale.is_kept(it));
        merged(whole, cut.map(move |it| (scale.end(it), it.team, false)))
    }

    fn entries(&self, scale: Scale) -> impl Iterator<Item = Exit> {
        let kept = self.entries.iter().filter(move |it| scale.is_kept(it));
        kept.map(move |it| (it.entry * scale.factor, it.team, false))
    }
}

/// Two ascending runs as one.
fn merged(
    a: impl Iterator<Item = Exit>,
    b: impl Iterator<Item = Exit>,
) -> impl Iterator<Item = Exit> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(first), Some(second)) if first.0 <= second.0 => a.next(),
        (_, Some(_)) => b.next(),
        (_, None) => a.next(),
    })
}

/// What one ratio says: the two-sided p-value, and the statistic of the assignment as it was.
pub(crate) type Tried = Option<(f64, f64)>;

/// Ratios around the point that are always tried, on each side.
const AROUND: usize = 5;

/// The set of [`fixloop_stats::randomization::invert`] with its ends and its point, from some dozen ratios of the grid.
///
/// For tables so large that p rises up to the point and falls beyond it. The statistic grows with the ratio; where it changes its sign the
/// point is sought, and the ends from there outwards, so holes in the set are not found. `None` if a ratio has no statistic.
pub(crate) fn search(
    grid: &[f64],
    alpha: f64,
    tried: impl Fn(f64) -> Tried,
) -> Option<ConfidenceSet> {
    let mut known: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let mut at = |index: usize| -> Tried {
        if let Some(known) = known.get(&index) {
            return Some(*known);
        }
        let found = tried(*grid.get(index)?)?;
        known.insert(index, found);
        Some(found)
    };
    let last = grid.len().checked_sub(1)?;
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = usize::midpoint(low, high);
        if at(middle)?.1 < 0.0 { low = middle + 1 } else { high = middle }
    }
    let mut inside: Option<(usize, usize)> = None;
    for index in low.saturating_sub(AROUND)..=(low + AROUND).min(last) {
        if at(index)?.0 > alpha {
            inside = Some((inside.map_or(index, |it| it.0), index));
        }
    }
    let mut ends = (None, None);
    if let Some((first, final_one)) = inside {
        let first = outermost(first, 0, |it| Some(at(it)?.0 > alpha))?;
        let final_one = outermost(final_one, last, |it| Some(at(it)?.0 > alpha))?;
        ends = ((first > 0).then(|| grid[first]), (final_one < last).then(|| grid[final_one]));
    }
    let p_values: Vec<(f64, Option<f64>)> =
        known.iter().map(|(index, it)| (grid[*index], Some(it.0))).collect();
    let largest = known.values().map(|it| it.0).filter(|it| *it > alpha).reduce(f64::max);
    let best: Vec<f64> =
        p_values.iter().filter(|it| it.1.is_some() && it.1 == largest).map(|it| it.0).collect();
    Some(ConfidenceSet {
        low: ends.0,
        high: ends.1,
        point: best.get(best.len() / 2).copied(),
        p_values,
    })
}

/// The last index on the way from `from`, which is inside, to `end` that is inside: in growing steps, then between the last two.
fn outermost(
    from: usize,
    end: usize,
    mut is_inside: impl FnMut(usize) -> Option<bool>,
) -> Option<usize> {
    let towards = |from: usize, step: usize| {
        if end < from { from.saturating_sub(step).max(end) } else { (from + step).min(end) }
    };
    let (mut inside, mut step) = (from, 1);
    let mut outside = loop {
        if inside == end {
            return Some(end);
        }
        let next = towards(inside, step);
        if !is_inside(next)? {
            break next;
        }
        inside = next;
        step *= 2;
    };
    while inside.abs_diff(outside) > 1 {
        let middle = usize::midpoint(inside, outside);
        if is_inside(middle)? { inside = middle } else { outside = middle }
    }
    Some(inside)
}

#[cfg(test)]
mod tests;
