//! Gray's test: whether groups have the same cumulative incidence of a cause, all other causes taking effect.
//!
//! It compares shares, not hazards: an arm whose findings are dismissed more often has fewer fixed ones, which a log-rank test of one cause does not see.

use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::log_rank::GroupedSample;
use crate::{Causes, ChiSquareTest, Outcome};

/// Most groups that are compared; the variance costs their third power at each event time.
pub const MAX_GROUPS: usize = 50;

/// Why groups cannot be compared.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum GrayError {
    #[error("{labels} labels for {observations} observations")]
    Lengths { observations: usize, labels: usize },
    /// Incidence is a share of those watched from the origin on.
    #[error("row {row} was seen late, and the test knows no delayed entry")]
    DelayedEntry { row: usize },
    #[error("{0} groups are more than the {MAX_GROUPS} that can be compared")]
    TooManyGroups(usize),
    #[error("no event happened")]
    NoEvent,
    #[error("fewer than two groups were at risk at an event")]
    OneGroup,
    #[error("no event happened while groups could be compared")]
    NoVariance,
}

/// Result of Gray's test.
#[derive(Clone, Debug, PartialEq)]
pub struct Gray {
    /// Events beyond those at the pooled subdistribution hazard, by ascending number of the group; they sum to 0.
    pub scores: Vec<(u32, f64)>,
    /// Covariance of the scores, one row per group.
    pub covariance: Vec<Vec<f64>>,
    /// One degree of freedom less than there are groups that could have had an event.
    pub test: ChiSquareTest,
}

/// Compares the cumulative incidence of `causes` between groups; events of other causes compete.
///
/// Takes one observation per subject, in any order; strata add up. The weight is 1 at all times (`rho` = 0 in `cmprsk`).
/// Rows are independent: with few clusters it is a display beside the exact test. Costs O(n log n + k^3 event times).
///
/// # Units
/// Any unit of time gives the same result.
///
/// # Errors
/// If lengths differ, a row has a delayed entry, there are more than [`MAX_GROUPS`] groups, no event, or no two groups that can be compared.
///
/// # Source
/// Gray 1988, <https://doi.org/10.1214/aos/1176350951>; ties as in R `cmprsk` 2.2-11, on which it is tested.
pub fn gray(sample: &GroupedSample<'_>, causes: Causes) -> Result<Gray, GrayError> {
    let groups = check(sample, causes)?;
    let k = groups.len();
    let mut scores = vec![0.0; k];
    let mut covariance = vec![0.0; k * k];
    let mut took_part = vec![false; k];
    let mut order: Vec<usize> = (0..sample.observations.len()).collect();
    let key = |row: usize| (sample.strata.map_or(0, |it| it[row]), sample.observations[row].time());
    order.sort_unstable_by(|&a, &b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let kind = |outcome: Outcome| match outcome {
        Outcome::Censored => Kind::Censored,
        outcome if causes.holds(outcome) => Kind::Event,
        Outcome::Event(_) => Kind::Competing,
    };
    for rows in order.chunk_by(|&a, &b| key(a).0 == key(b).0) {
        let exit = |&row: &usize| Exit {
            time: key(row).1,
            group: groups.partition_point(|&it| it < sample.groups[row]),
            kind: kind(sample.observations[row].outcome()),
        };
        let stratum = Stratum::run(&rows.iter().map(exit).collect::<Vec<_>>(), k);
        for (sum, score) in scores.iter_mut().zip(&stratum.scores) {
            *sum += score;
        }
        for (sum, term) in covariance.iter_mut().zip(stratum.covariance()) {
            *sum += term;
        }
        for (group, took_part) in took_part.iter_mut().enumerate() {
            *took_part |= stratum.projections[group * k + group] > 0.0;
        }
    }
    let active: Vec<usize> = (0..k).filter(|&it| took_part[it]).collect();
    let Some((_, compared)) = active.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(GrayError::OneGroup);
    };
    let pairs = compared.iter().flat_map(|&g| compared.iter().map(move |&h| g * k + h));
    let variance: Vec<f64> = pairs.map(|it| covariance[it]).collect();
    let excess: Vec<f64> = compared.iter().map(|&it| scores[it]).collect();
    let factor = Cholesky::new(&variance, compared.len()).map_err(|_| GrayError::NoVariance)?;
    let statistic = factor.quadratic_form(&excess);
    if !statistic.is_finite() {
        return Err(GrayError::NoVariance);
    }
    Ok(Gray {
        scores: groups.into_iter().zip(scores).collect(),
        covariance: covariance.chunks(k).map(<[f64]>::to_vec).collect(),
        test: ChiSquareTest::new(statistic, compared.len()),
    })
}

/// The groups, ascending.
fn check(sample: &GroupedSample<'_>, causes: Causes) -> Result<Vec<u32>, GrayError> {
    let observations = sample.observations.len();
    for labels in [sample.groups.len(), sample.strata.map_or(observations, <[u32]>::len)] {
        if labels != observations {
            return Err(GrayError::Lengths { observations, labels });
        }
    }
    let is_late = |entry: Option<f64>| entry.is_some_and(|it| it > 0.0);
    if let Some(row) = sample.observations.iter().position(|it| is_late(it.entry())) {
        return Err(GrayError::DelayedEntry { row });
    }
    if !sample.observations.iter().any(|it| causes.holds(it.outcome())) {
        return Err(GrayError::NoEvent);
    }
    let mut groups = sample.groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    match groups.len() {
        1 => Err(GrayError::OneGroup),
        n if n > MAX_GROUPS => Err(GrayError::TooManyGroups(n)),
        _ => Ok(groups),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Censored,
    Event,
    Competing,
}

struct Exit {
    time: f64,
    group: usize,
    kind: Kind,
}

/// A group just before an age.
#[derive(Clone, Copy)]
struct Group {
    n_at_risk: f64,
    /// Without an event of any cause, by Kaplan-Meier.
    survival: f64,
    incidence: f64,
    n_events: f64,
    n_competing: f64,
}

/// What accumulates over the ages of one stratum; matrices have a row for each score and a column for each group.
///
/// A score is a sum of martingales of each group. What one of them adds at an age counts `direction + factor * projections at the end`: the
/// products of both parts are kept apart, since the end is not known then.
struct Stratum {
    groups: Vec<Group>,
    /// Pooled incidence just before an age.
    incidence: f64,
    scores: Vec<f64>,
    /// How the scores project on the pooled hazard: Gray's `c`.
    projections: Vec<f64>,
    /// Sums of direction * direction', direction * factor, factor^2.
    directions: Vec<f64>,
    crossed: Vec<f64>,
    factors: Vec<f64>,
}

impl Stratum {
    /// Takes exits by ascending time.
    fn run(exits: &[Exit], k: usize) -> Self {
        let group = Group {
            n_at_risk: 0.0,
            survival: 1.0,
            incidence: 0.0,
            n_events: 0.0,
            n_competing: 0.0,
        };
        let mut stratum = Self {
            groups: vec![group; k],
            incidence: 0.0,
            scores: vec![0.0; k],
            projections: vec![0.0; k * k],
            directions: vec![0.0; k * k],
            crossed: vec![0.0; k * k],
            factors: vec![0.0; k],
        };
        for exit in exits {
            stratum.groups[exit.group].n_at_risk += 1.0;
        }
        for tied in exits.chunk_by(|a, b| b.time <= a.time) {
            for exit in tied {
                let group = &mut stratum.groups[exit.group];
                group.n_events += f64::from(u8::from(exit.kind == Kind::Event));
                group.n_competing += f64::from(u8::from(exit.kind == Kind::Competing));
            }
            if tied.iter().any(|it| it.kind != Kind::Censored) {
                stratum.event_time();
            }
            for exit in tied {
                stratum.groups[exit.group].n_at_risk -= 1.0;
            }
        }
        stratum
    }

    fn event_time(&mut self) {
        let k = self.groups.len();
        let d: f64 = self.groups.iter().map(|it| it.n_events).sum();
        let total: f64 = self.groups.iter().map(Group::weight).sum();
        let still_to_come: f64 = self.groups.iter().map(Group::subdistribution_risk).sum();
        let jump = d / total;
        let mut own = vec![0.0; k * k];
        for row in 0..k {
            self.scores[row] += self.groups[row].n_events;
            if d > 0.0 {
                self.scores[row] -= d * self.groups[row].subdistribution_risk() / still_to_come;
            }
            let weight = self.groups[row].weight();
            for column in 0..k {
                let same = if row == column { 1.0 } else { 0.0 };
                own[row * k + column] = weight * (same - self.groups[column].weight() / total);
                if d > 0.0 {
                    let hazard = jump / (1.0 - self.incidence);
                    self.projections[row * k + column] += own[row * k + column] * hazard;
                }
            }
        }
        self.incidence += jump;
        for at in 0..k {
            let group = self.groups[at];
            if group.n_at_risk > 0.0 {
                self.spread(at, &own, d, total);
                self.groups[at] = group.after();
            }
        }
    }

    /// The variance that the events of one age bring by group `at`.
    fn spread(&mut self, at: usize, own: &[f64], d: f64, total: f64) {
        let k = self.groups.len();
        let group = self.groups[at];
        let n = group.n_at_risk;
        let left = group.after().survival;
        let rest = 1.0 - self.incidence;
        let column =
            |matrix: &[f64]| -> Vec<f64> { (0..k).map(|it| matrix[it * k + at]).collect() };
        if d > 0.0 {
            let factor = if left > 0.0 { 1.0 - rest / left } else { 1.0 };
            let ties = if d > 1.0 { 1.0 - (d - 1.0) / (total * group.survival - 1.0) } else { 1.0 };
            let projected = column(&self.projections).into_iter().map(|it| factor * it);
            let direction: Vec<f64> =
                column(own).into_iter().zip(projected).map(|(own, it)| own - it).collect();
            self.add(at, &direction, factor, ties * group.survival * d / (total * n));
        }
        let competing = group.n_competing;
        if competing > 0.0 && left > 0.0 {
            let factor = rest / left;
            let ties = if competing > 1.0 { 1.0 - (competing - 1.0) / (n - 1.0) } else { 1.0 };
            let direction: Vec<f64> =
                column(&self.projections).into_iter().map(|it| -factor * it).collect();
            let variance = ties * group.survival * group.survival * competing / (n * n);
            self.add(at, &direction, factor, variance);
        }
    }

    fn add(&mut self, at: usize, direction: &[f64], factor: f64, variance: f64) {
        let k = direction.len();
        self.factors[at] += factor * factor * variance;
        for (row, a) in direction.iter().enumerate() {
            self.crossed[row * k + at] += a * factor * variance;
            for (column, b) in direction.iter().enumerate() {
                self.directions[row * k + column] += a * b * variance;
            }
        }
    }

    fn covariance(&self) -> Vec<f64> {
        let k = self.groups.len();
        let cell = |at: usize| {
            let (row, column) = (at / k * k, at % k * k);
            let of_group = |group: usize| {
                let (a, b) = (self.projections[row + group], self.projections[column + group]);
                let crossed = a * self.crossed[column + group] + b * self.crossed[row + group];
                a * b * self.factors[group] + crossed
            };
            self.directions[at] + (0..k).map(of_group).sum::<f64>()
        };
        (0..k * k).map(cell).collect()
    }
}

impl Group {
    /// As many as would be at risk had nobody had an event yet.
    fn weight(&self) -> f64 {
        if self.n_at_risk > 0.0 { self.n_at_risk / self.survival } else { 0.0 }
    }

    /// Those that could still have an event of the cause: the others that had one are still among them.
    fn subdistribution_risk(&self) -> f64 {
        self.weight() * (1.0 - self.incidence)
    }

    /// The group after the events of this age.
    fn after(self) -> Self {
        let Self { n_at_risk: n, survival, incidence, n_events, n_competing } = self;
        Self {
            n_at_risk: n,
            survival: survival * (n - n_events - n_competing) / n,
            incidence: incidence + survival * n_events / n,
            n_events: 0.0,
            n_competing: 0.0,
        }
    }
}

#[cfg(test)]
mod tests;
