//! Small samples, by hand and at random.

use proptest::prelude::*;

use crate::{Observation, Outcome};

pub(crate) fn event(time: f64) -> Observation {
    Observation::new(time, Outcome::Event(1)).unwrap()
}

pub(crate) fn open(time: f64) -> Observation {
    Observation::new(time, Outcome::Censored).unwrap()
}

/// An event of somebody seen late.
pub(crate) fn entered(entry: f64, time: f64) -> Observation {
    Observation::entered(entry, time, Outcome::Event(1)).unwrap()
}

/// The same in another unit.
pub(crate) fn scaled(observation: &Observation, factor: f64) -> Observation {
    let (time, outcome) = (observation.time() * factor, observation.outcome());
    match observation.entry() {
        None => Observation::new(time, outcome).unwrap(),
        Some(entry) => Observation::entered(entry * factor, time, outcome).unwrap(),
    }
}

/// Whole days up to 20, so that ties are common; half of the subjects seen late, two causes.
pub(crate) fn samples() -> impl Strategy<Value = Vec<Observation>> {
    let observation =
        (0_u8..20, 1_u8..20, 0_u8..3, any::<bool>()).prop_map(|(entry, length, cause, is_late)| {
            let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
            let (entry, length) = (f64::from(entry), f64::from(length));
            if is_late {
                Observation::entered(entry, entry + length, outcome).unwrap()
            } else {
                Observation::new(length - 1.0, outcome).unwrap()
            }
        });
    proptest::collection::vec(observation, 1..40)
}
