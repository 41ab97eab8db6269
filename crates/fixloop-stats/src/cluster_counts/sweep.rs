//! The pass over the ages, with the counts of all and of each place.

use crate::{Causes, Outcome, Start};

use super::{ClusterCounts, Exits, NOBODY};

/// An age with an event of any cause.
pub(super) struct Jump<'a> {
    pub(super) time: f64,
    pub(super) n_at_risk: f64,
    /// Events of any cause, and of those in question.
    pub(super) n_any: f64,
    pub(super) n_events: f64,
    pub(super) own: &'a Own,
}

/// The same counts of each place alone. Whole numbers, but as floats they need no conversion in the innermost loops.
pub(super) struct Own {
    pub(super) at_risk: Vec<f64>,
    pub(super) any: Vec<f64>,
    pub(super) events: Vec<f64>,
}

impl ClusterCounts {
    /// Calls `at_jump` with each age up to `last_age` that `start` includes and at which an event happens, ascending.
    pub(super) fn sweep(
        &self,
        causes: Causes,
        start: Start,
        last_age: f64,
        mut at_jump: impl FnMut(&Jump<'_>),
    ) {
        let mut own = Own::of(self);
        let (mut from, mut n_entered) = (0, 0);
        for age in self.ages.iter().take_while(|it| it.time <= last_age) {
            while let Some((_, place)) = self.entries.get(n_entered).filter(|it| it.0 < age.time) {
                own.enter(*place);
                n_entered += 1;
            }
            let exits = &self.exits[from..age.until];
            from = age.until;
            let count = |holds: &dyn Fn(Outcome) -> bool| {
                exits.iter().filter(|it| holds(it.outcome)).map(|it| it.n).sum::<usize>() as f64
            };
            let n_any = count(&|it| Causes::Any.holds(it));
            if n_any > 0.0 && start.includes(age.time) {
                own.count(exits, causes, 1.0);
                at_jump(&Jump {
                    time: age.time,
                    n_at_risk: age.n_at_risk as f64,
                    n_any,
                    n_events: count(&|it| causes.holds(it)),
                    own: &own,
                });
                // Back to 0, which is exact with whole numbers.
                own.count(exits, causes, -1.0);
            }
            own.leave(exits);
        }
    }
}

impl Own {
    fn of(counts: &ClusterCounts) -> Self {
        let at_origin = |(place, it): (usize, &super::Place)| {
            if place == NOBODY { 0.0 } else { (it.n_subjects - it.n_late) as f64 }
        };
        let none = vec![0.0; counts.places.len()];
        Self {
            at_risk: counts.places.iter().enumerate().map(at_origin).collect(),
            any: none.clone(),
            events: none,
        }
    }

    fn enter(&mut self, place: usize) {
        if place != NOBODY {
            self.at_risk[place] += 1.0;
        }
    }

    fn leave(&mut self, exits: &[Exits]) {
        for exits in exits.iter().filter(|it| it.place != NOBODY) {
            self.at_risk[exits.place] -= exits.n as f64;
        }
    }

    fn count(&mut self, exits: &[Exits], causes: Causes, sign: f64) {
        for exits in exits.iter().filter(|it| it.place != NOBODY) {
            let n = sign * exits.n as f64;
            if Causes::Any.holds(exits.outcome) {
                self.any[exits.place] += n;
            }
            if causes.holds(exits.outcome) {
                self.events[exits.place] += n;
            }
        }
    }
}
