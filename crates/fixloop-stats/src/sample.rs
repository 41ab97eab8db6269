//! Subjects in the order in which they leave: sorted once, then shared by every estimator and every resampling.

use thiserror::Error;

use crate::{Causes, Observation, Outcome};

/// An estimate of nobody.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the sample has no subject")]
pub struct EmptySample;

/// From which age on a curve speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// From the origin, events at age 0 included.
    Origin,
    /// Of those still without an event after this age: S(t | T > age).
    After(f64),
}

/// Subjects of one group. Building sorts, O(n log n); [`Sample::repeated`] is a pass without sorting.
#[derive(Clone, Debug)]
pub struct Sample {
    exits: Vec<Exit>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Exit {
    time: f64,
    pub(crate) outcome: Outcome,
    /// Its index among the observations.
    pub(crate) row: usize,
}

/// Those watched from the origin on have none.
#[derive(Clone, Copy, Debug)]
struct Entry {
    age: f64,
    row: usize,
}

/// All subjects that leave at one age.
pub(crate) struct Tie<'a> {
    pub(crate) time: f64,
    pub(crate) n_at_risk: usize,
    pub(crate) exits: &'a [Exit],
}

impl Sample {
    /// # Errors
    /// If `observations` is empty.
    pub fn new(observations: &[Observation]) -> Result<Self, EmptySample> {
        let rows = || observations.iter().enumerate();
        let mut exits: Vec<Exit> =
            rows().map(|(row, it)| Exit { time: it.time(), outcome: it.outcome(), row }).collect();
        let mut entries: Vec<Entry> =
            rows().filter_map(|(row, it)| it.entry().map(|age| Entry { age, row })).collect();
        // Stable, so that equals stay in the order of the rows; with many of them it is also the faster sort.
        exits.sort_by(|a, b| a.time.total_cmp(&b.time));
        entries.sort_by(|a, b| a.age.total_cmp(&b.age));
        Self { exits, entries }.nonempty()
    }

    /// Each subject as often as `times` says of its index among the observations given to [`Sample::new`].
    ///
    /// # Errors
    /// If nobody is left.
    pub fn repeated(&self, times: impl Fn(usize) -> usize) -> Result<Self, EmptySample> {
        let exits = self.exits.iter().flat_map(|it| std::iter::repeat_n(*it, times(it.row)));
        let entries = self.entries.iter().flat_map(|it| std::iter::repeat_n(*it, times(it.row)));
        Self { exits: exits.collect(), entries: entries.collect() }.nonempty()
    }

    /// The subjects for whose index among the observations `keep` holds.
    ///
    /// # Errors
    /// If nobody is left.
    pub fn kept(&self, keep: impl Fn(usize) -> bool) -> Result<Self, EmptySample> {
        self.repeated(|row| usize::from(keep(row)))
    }

    fn nonempty(self) -> Result<Self, EmptySample> {
        if self.exits.is_empty() { Err(EmptySample) } else { Ok(self) }
    }

    pub fn n_subjects(&self) -> usize {
        self.exits.len()
    }

    pub fn n_events(&self, causes: Causes) -> usize {
        self.exits.iter().filter(|it| causes.holds(it.outcome)).count()
    }

    /// The oldest age at which somebody was still watched.
    pub fn last_time(&self) -> f64 {
        self.exits.last().map_or(0.0, |it| it.time)
    }

    /// How many have `entry < t <= time`.
    pub fn n_at_risk(&self, t: f64) -> usize {
        let n_left = self.exits.partition_point(|it| it.time < t);
        let n_entered = self.entries.partition_point(|it| it.age < t);
        self.exits.len() - n_left - (self.entries.len() - n_entered)
    }

    /// Whether somebody was first seen after the origin.
    pub fn has_delayed_entry(&self) -> bool {
        self.entries.last().is_some_and(|it| it.age > 0.0)
    }

    /// Age and index of those first seen late, ascending.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (f64, usize)> {
        self.entries.iter().map(|it| (it.age, it.row))
    }

    /// The smallest age right after which at least `n_wanted` subjects are at risk.
    pub(crate) fn first_age_with(&self, n_wanted: usize) -> Option<f64> {
        let n_at_risk_after = |age: f64| {
            let n_left = self.exits.partition_point(|it| it.time <= age);
            let n_to_come = self.entries.len() - self.entries.partition_point(|it| it.age <= age);
            self.exits.len() - n_left - n_to_come
        };
        let mut ages = std::iter::once(0.0).chain(self.entries.iter().map(|it| it.age));
        ages.find(|age| n_at_risk_after(*age) >= n_wanted)
    }

    /// Ascending by time; the times are recorded, not computed, so that ties compare exactly; sorted, "not later" is "equal".
    pub(crate) fn ties(&self) -> impl Iterator<Item = Tie<'_>> {
        let mut n_left = 0;
        let mut n_entered = 0;
        self.exits.chunk_by(|a, b| b.time <= a.time).map(move |exits| {
            let time = exits[0].time;
            n_entered += self.entries[n_entered..].iter().take_while(|it| it.age < time).count();
            let n_to_come = self.entries.len() - n_entered;
            let n_at_risk = self.exits.len() - n_left - n_to_come;
            n_left += exits.len();
            Tie { time, n_at_risk, exits }
        })
    }
}

impl Start {
    pub(crate) fn includes(self, time: f64) -> bool {
        match self {
            Self::Origin => true,
            Self::After(age) => time > age,
        }
    }

    /// The age at which the curve is 1; 0 for the origin.
    pub fn age(self) -> f64 {
        match self {
            Self::Origin => 0.0,
            Self::After(age) => age,
        }
    }
}
