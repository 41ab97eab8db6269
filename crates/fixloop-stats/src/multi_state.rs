//! Stage occupancy: which share of the subjects is in which state at an age, and how long they stay in each up to a horizon.

use thiserror::Error;

use crate::HorizonOutOfRange;

/// One stretch of one subject in one state, at risk of leaving it at `start < t <= stop`.
///
/// Consecutive stretches of a subject join: the next starts where and in the state to which the last one ended. Of several moves at
/// one age, given as stretches of no length, the last one counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// Any number; stretches of one number belong together.
    pub subject: usize,
    pub start: f64,
    pub stop: f64,
    /// States are numbered from 0.
    pub from: usize,
    /// `None` if still there when the watch ended.
    pub to: Option<usize>,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidTransitions {
    #[error("times `{start}` and `{stop}` of subject `{subject}` are no interval of ages")]
    Interval { subject: usize, start: f64, stop: f64 },
    #[error("state `{state}` of subject `{subject}` is not below `{n_states}`")]
    State { subject: usize, state: usize, n_states: usize },
    #[error("stretches of subject `{subject}` do not join at `{time}`")]
    Gap { subject: usize, time: f64 },
    #[error("no subject is watched at age 0")]
    NobodyAtOrigin,
}

/// State probabilities over age.
#[derive(Clone, Debug)]
pub struct StageOccupancy {
    steps: Vec<Occupancy>,
    end: f64,
}

/// From one age at which somebody moved up to the next.
#[derive(Clone, Debug, PartialEq)]
struct Occupancy {
    time: f64,
    /// By state; they sum to 1.
    probabilities: Vec<f64>,
}

/// The Aalen-Johansen estimate of being in each of `n_states` states. The state mix at age 0 is that of the subjects watched then.
///
/// Unbiased for state occupancy also where the moves do not follow a Markov process, as long as the watch ends at random.
///
/// # Errors
/// If a stretch is no interval, a state is unknown, a subject's stretches do not join, or nobody is watched at age 0.
///
/// # Source
/// Datta & Satten 2001, <https://doi.org/10.1016/S0167-7152(01)00155-9>. Tested on R `survival` 3.5-3.
pub fn stage_occupancy(
    n_states: usize,
    transitions: &[Transition],
) -> Result<StageOccupancy, InvalidTransitions> {
    for it in transitions {
        it.check(n_states)?;
    }
    let mut sorted = transitions.to_vec();
    sorted.sort_by(|a, b| {
        let times = a.start.total_cmp(&b.start).then(a.stop.total_cmp(&b.stop));
        a.subject.cmp(&b.subject).then(times)
    });
    let mut moves = Moves { initial: vec![0; n_states], stretches: Vec::new() };
    for stretches in sorted.chunk_by(|a, b| a.subject == b.subject) {
        moves.add_subject(stretches)?;
    }
    moves.occupancy()
}

impl Transition {
    fn check(&self, n_states: usize) -> Result<(), InvalidTransitions> {
        let Self { subject, start, stop, .. } = *self;
        if !(start >= 0.0 && start <= stop && stop.is_finite()) {
            return Err(InvalidTransitions::Interval { subject, start, stop });
        }
        let unknown = std::iter::once(self.from).chain(self.to).find(|it| *it >= n_states);
        match unknown {
            Some(state) => Err(InvalidTransitions::State { subject, state, n_states }),
            None => Ok(()),
        }
    }
}

/// Stretches with a length, and the states at age 0.
struct Moves {
    initial: Vec<usize>,
    stretches: Vec<Transition>,
}

impl Moves {
    /// Takes one subject's stretches in order of time; moves at one age become one.
    fn add_subject(&mut self, stretches: &[Transition]) -> Result<(), InvalidTransitions> {
        let first = stretches[0];
        let (mut state, mut time) = (Some(first.from), first.start);
        let begin = self.stretches.len();
        for it in stretches {
            if state != Some(it.from) || time < it.start || it.start < time {
                return Err(InvalidTransitions::Gap { subject: it.subject, time: it.start });
            }
            (state, time) = (it.to, it.stop);
            if it.start < it.stop {
                self.stretches.push(*it);
            } else if let Some(last) = self.stretches[begin..].last_mut() {
                last.to = it.to.or(Some(it.from));
            }
            // A watch that ends without a move leaves the subject where it was.
            state = state.or(Some(it.from));
        }
        if first.start == 0.0 {
            let at_origin = stretches.iter().take_while(|it| it.stop == 0.0).last();
            let state = at_origin.map_or(first.from, |it| it.to.unwrap_or(it.from));
            self.initial[state] += 1;
        }
        Ok(())
    }

    fn occupancy(mut self) -> Result<StageOccupancy, InvalidTransitions> {
        let n_initial: usize = self.initial.iter().sum();
        if n_initial == 0 {
            return Err(InvalidTransitions::NobodyAtOrigin);
        }
        let shares = self.initial.iter().map(|it| *it as f64 / n_initial as f64);
        let mut now = Occupancy { time: 0.0, probabilities: shares.collect() };
        let mut n_at_risk = vec![0_usize; self.initial.len()];
        let mut is_left = vec![false; self.initial.len()];
        let mut entries: Vec<_> = self.stretches.iter().map(|it| (it.start, it.from)).collect();
        entries.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut entries = entries.into_iter().peekable();
        self.stretches.sort_unstable_by(|a, b| a.stop.total_cmp(&b.stop));
        let mut steps = vec![now.clone()];
        for tie in self.stretches.chunk_by(|a, b| b.stop <= a.stop) {
            now.time = tie[0].stop;
            while let Some((_, state)) = entries.next_if(|it| it.0 < now.time) {
                n_at_risk[state] += 1;
            }
            if now.advance(tie, &n_at_risk) {
                steps.push(now.clone());
            }
            for it in tie {
                n_at_risk[it.from] -= 1;
                is_left[it.from] = true;
            }
        }
        // Past the last subject, only those in a state that nobody leaves stay known.
        let states = now.probabilities.iter().zip(&is_left);
        let n_open: f64 = states.filter(|(_, is_left)| **is_left).map(|(p, _)| p).sum();
        let end = if n_open < 1e-12 { f64::INFINITY } else { now.time };
        Ok(StageOccupancy { steps, end })
    }
}

impl Occupancy {
    /// Applies all moves of one age at once; whether there were any.
    fn advance(&mut self, tie: &[Transition], n_at_risk: &[usize]) -> bool {
        let before = self.probabilities.clone();
        let n_states = before.len();
        // Counted first: sums of counts do not depend on the order of the subjects.
        let mut n_moves = vec![0_usize; n_states * n_states];
        for it in tie {
            n_moves[it.from * n_states + it.to.unwrap_or(it.from)] += 1;
        }
        let mut is_moved = false;
        for (from, row) in n_moves.chunks_exact(n_states).enumerate() {
            let n = n_at_risk[from];
            let mut n_left = 0;
            for (to, &d) in row.iter().enumerate().filter(|(to, d)| *to != from && **d > 0) {
                self.probabilities[to] += before[from] * (d as f64 / n as f64);
                n_left += d;
            }
            if n_left > 0 {
                let arrived = self.probabilities[from] - before[from];
                self.probabilities[from] =
                    arrived + before[from] * ((n - n_left) as f64 / n as f64);
                is_moved = true;
            }
        }
        is_moved
    }
}

impl StageOccupancy {
    /// The state mix at age 0.
    pub fn initial(&self) -> &[f64] {
        &self.steps[0].probabilities
    }

    /// State probabilities at age `t`; `None` past the last subject, unless all are in states that nobody leaves.
    pub fn at(&self, t: f64) -> Option<&[f64]> {
        let is_known = (0.0..=self.end).contains(&t);
        let n_steps = self.steps.partition_point(|it| it.time <= t);
        is_known.then(|| self.steps[n_steps - 1].probabilities.as_slice())
    }

    /// Mean time in each state from age 0 to `tau`; they sum to `tau`.
    ///
    /// # Errors
    /// If `tau` is negative or past what is known.
    ///
    /// # Source
    /// Royston & Parmar 2013, <https://doi.org/10.1186/1471-2288-13-152>, by state.
    pub fn restricted_means(&self, tau: f64) -> Result<Vec<f64>, HorizonOutOfRange> {
        if !tau.is_finite() || tau < 0.0 || tau > self.end {
            return Err(HorizonOutOfRange { tau, start: 0.0, end: self.end });
        }
        let mut means = vec![0.0; self.initial().len()];
        let ends = self.steps.iter().skip(1).map(|it| it.time).chain([tau]);
        for (step, until) in self.steps.iter().zip(ends) {
            let length = f64::min(until, tau) - step.time;
            if length > 0.0 {
                for (mean, probability) in means.iter_mut().zip(&step.probabilities) {
                    *mean += probability * length;
                }
            }
        }
        Ok(means)
    }
}

#[cfg(test)]
mod tests;
