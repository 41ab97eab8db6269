//! Estimates without each cluster in turn, all in one pass over the ages.
//!
//! A sample without one cluster has the whole sample's counts less the cluster's own, so leaving out costs no pass over the rows.

mod sweep;

use crate::{Causes, Outcome, Sample, Start};
use sweep::Jump;

/// Who comes and who leaves, counted by age and cluster: what [`crate::jackknife`] needs of a sample.
///
/// Building is one pass over the rows. An estimate costs the ages with an event times the clusters, whatever the number of rows.
#[derive(Clone, Debug)]
pub struct ClusterCounts {
    /// By cluster; clusters without a subject share [`NOBODY`].
    place_of: Vec<usize>,
    places: Vec<Place>,
    ages: Vec<Age>,
    /// In the order of the ages.
    exits: Vec<Exits>,
    /// Age and place of those first seen late, ascending.
    entries: Vec<(f64, usize)>,
}

/// The place at which nobody is left out; subjects of no cluster are kept there, too.
const NOBODY: usize = 0;

/// One cluster's subjects.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    n_subjects: usize,
    n_late: usize,
    last_time: f64,
}

/// An age at which somebody leaves.
#[derive(Clone, Copy, Debug)]
struct Age {
    time: f64,
    n_at_risk: usize,
    /// Where its exits end.
    until: usize,
}

/// Subjects of one place that leave at one age by one outcome.
#[derive(Clone, Copy, Debug)]
struct Exits {
    place: usize,
    outcome: Outcome,
    n: usize,
}

impl ClusterCounts {
    /// `cluster_of` says the cluster of each index among the observations given to [`Sample::new`]; a subject whose number is not
    /// below `n_clusters` is never left out.
    pub fn new(sample: &Sample, n_clusters: usize, cluster_of: impl Fn(usize) -> usize) -> Self {
        let mut counts = Self {
            place_of: vec![NOBODY; n_clusters],
            places: vec![Place::default()],
            ages: Vec::new(),
            exits: Vec::new(),
            entries: Vec::new(),
        };
        let mut last = LastExits::new(n_clusters);
        for tie in sample.ties() {
            let from = counts.exits.len();
            for exit in tie.exits {
                let place = counts.place(cluster_of(exit.row));
                counts.places[place].n_subjects += 1;
                counts.places[place].last_time = tie.time;
                last.add(&mut counts.exits, from, Exits { place, outcome: exit.outcome, n: 1 });
            }
            let until = counts.exits.len();
            counts.ages.push(Age { time: tie.time, n_at_risk: tie.n_at_risk, until });
        }
        for (age, row) in sample.entries() {
            let place = counts.place(cluster_of(row));
            counts.places[place].n_late += 1;
            counts.entries.push((age, place));
        }
        counts
    }

    fn place(&mut self, cluster: usize) -> usize {
        let Some(place) = self.place_of.get_mut(cluster) else { return NOBODY };
        if *place == NOBODY {
            *place = self.places.len();
            self.places.push(Place::default());
        }
        *place
    }

    /// The shares of [`crate::aalen_johansen_from`] without each cluster, one per age of `ages`, in any order.
    ///
    /// Equal to the last digit to those of [`Sample::kept`]; `None` where they are.
    pub fn shares_without_each(
        &self,
        causes: Causes,
        start: Start,
        ages: &[f64],
    ) -> Vec<Vec<Option<f64>>> {
        let mut order: Vec<usize> = (0..ages.len()).collect();
        order.sort_by(|a, b| ages[*a].total_cmp(&ages[*b]));
        let mut told = vec![Vec::new(); ages.len()];
        let mut to_come = order.iter().copied().peekable();
        let mut shares = vec![0.0; self.places.len()];
        let mut survival = vec![1.0; self.places.len()];
        let last_age = ages.iter().copied().fold(0.0, f64::max);
        self.sweep(causes, start, last_age, |jump| {
            while let Some(index) = to_come.next_if(|it| ages[*it] < jump.time) {
                told[index].clone_from(&shares);
            }
            add_shares(jump, &mut shares, &mut survival);
        });
        for index in to_come {
            told[index].clone_from(&shares);
        }
        let ends = self.ends(&survival);
        let share = |place: usize, index: usize| {
            let is_known = (start.age()..=ends[place]?).contains(&ages[index]);
            is_known.then(|| told[index][place])
        };
        let of_place = |place: &usize| (0..ages.len()).map(|it| share(*place, it)).collect();
        self.place_of.iter().map(of_place).collect()
    }

    /// The mean of [`crate::restricted_mean`] without each cluster, of the curve of [`crate::kaplan_meier_from`].
    ///
    /// Up to rounding those of [`Sample::kept`]; `None` where the horizon `tau` is out of range or nobody is left.
    pub fn restricted_means_without_each(
        &self,
        causes: Causes,
        start: Start,
        tau: f64,
    ) -> Vec<Option<f64>> {
        let mut survival = vec![1.0; self.places.len()];
        let mut areas = vec![0.0; self.places.len()];
        let mut since = 0.0;
        self.sweep(causes, start, tau, |jump| {
            if jump.n_events > 0.0 {
                add_areas(&survival, jump.time - since, &mut areas);
                since = jump.time;
                survive(jump, &mut survival);
            }
        });
        add_areas(&survival, tau - since, &mut areas);
        let ends = self.ends(&survival);
        let mean = |place: &usize| {
            let is_known = tau.is_finite() && (start.age()..=ends[*place]?).contains(&tau);
            is_known.then(|| areas[*place])
        };
        self.place_of.iter().map(mean).collect()
    }

    /// Where the curves without each place stop being known; `None` if nobody is left.
    ///
    /// A sweep need not have gone beyond the ages asked for: all before them that could bring S to 0 has happened.
    fn ends(&self, survival: &[f64]) -> Vec<Option<f64>> {
        let end = |(place, survival): (usize, &f64)| {
            let is_left = |it: &usize| *it != place || place == NOBODY;
            let others = (0..self.places.len()).filter(is_left).map(|it| self.places[it]);
            let times = others.filter(|it| it.n_subjects > 0).map(|it| it.last_time);
            let last_time = times.max_by(f64::total_cmp)?;
            Some(if *survival <= 0.0 { f64::INFINITY } else { last_time })
        };
        survival.iter().enumerate().map(end).collect()
    }
}

/// F grows by S d/n, then S shrinks.
fn add_shares(jump: &Jump<'_>, shares: &mut [f64], survival: &mut [f64]) {
    let own = jump.own.at_risk.iter().zip(&jump.own.any).zip(&jump.own.events);
    for ((share, survival), ((at_risk, any), events)) in shares.iter_mut().zip(survival).zip(own) {
        let n = at_least_one(jump.n_at_risk - at_risk);
        *share = f64::min(*share + *survival * (jump.n_events - events) / n, 1.0);
        *survival *= (n - (jump.n_any - any)) / n;
    }
}

fn survive(jump: &Jump<'_>, survival: &mut [f64]) {
    let own = jump.own.at_risk.iter().zip(&jump.own.events);
    for (survival, (at_risk, events)) in survival.iter_mut().zip(own) {
        let n = at_least_one(jump.n_at_risk - at_risk);
        *survival *= (n - (jump.n_events - events)) / n;
    }
}

fn add_areas(survival: &[f64], width: f64, areas: &mut [f64]) {
    for (area, survival) in areas.iter_mut().zip(survival) {
        *area += survival * width;
    }
}

/// Where none of the others is at risk none of them has an event, and nothing changes.
fn at_least_one(n: f64) -> f64 {
    if n < 1.0 { 1.0 } else { n }
}

/// Where the last exits of each place and outcome are counted.
struct LastExits(Vec<usize>);

/// Censored, and any cause.
const N_OUTCOMES: usize = 257;

impl LastExits {
    fn new(n_clusters: usize) -> Self {
        Self(vec![0; (n_clusters + 1) * N_OUTCOMES])
    }

    /// Adds to those that are counted at this age already, at `from` or after it.
    fn add(&mut self, exits: &mut Vec<Exits>, from: usize, one: Exits) {
        let code = match one.outcome {
            Outcome::Censored => 0,
            Outcome::Event(cause) => 1 + usize::from(cause),
        };
        let last = &mut self.0[one.place * N_OUTCOMES + code];
        let counted = exits.get_mut(*last).filter(|it| *last >= from && it.is_like(&one));
        if let Some(counted) = counted {
            counted.n += 1;
        } else {
            *last = exits.len();
            exits.push(one);
        }
    }
}

impl Exits {
    fn is_like(&self, other: &Self) -> bool {
        self.place == other.place && self.outcome == other.outcome
    }
}

#[cfg(test)]
mod tests;
