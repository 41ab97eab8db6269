//! One subject watched for a while: the input of every survival function.

use thiserror::Error;

/// How a subject's time ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// No event up to the time.
    Censored,
    /// An event of this cause; causes are numbered from 1 by the caller.
    Event(u8),
}

/// Which causes count as the event; the others censor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Causes {
    Any,
    Only(u8),
    /// Each cause whose bit is set (`1 << cause`).
    Set(u64),
}

impl Causes {
    pub fn holds(self, outcome: Outcome) -> bool {
        match (self, outcome) {
            (_, Outcome::Censored) => false,
            (Self::Any, Outcome::Event(_)) => true,
            (Self::Only(wanted), Outcome::Event(cause)) => wanted == cause,
            (Self::Set(bits), Outcome::Event(cause)) => {
                bits.checked_shr(u32::from(cause)).is_some_and(|it| it & 1 == 1)
            }
        }
    }
}

/// One subject: at risk at `t` where `entry < t <= time`; from the origin on, if there is no entry.
///
/// # Units
/// Both times are ages since the clock's origin, in one unit of the caller's (days, all over fixloop).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    entry: Option<f64>,
    time: f64,
    outcome: Outcome,
}

/// Numbers that are no interval.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidObservation {
    #[error("time `{0}` is not a finite number of at least 0")]
    Time(f64),
    #[error("entry `{0}` is not a finite number of at least 0")]
    Entry(f64),
    #[error("entry `{entry}` is not before time `{time}`")]
    EntryNotBeforeTime { entry: f64, time: f64 },
}

impl Observation {
    /// Watched from the origin on.
    ///
    /// # Errors
    /// If `time` is negative or not finite.
    pub fn new(time: f64, outcome: Outcome) -> Result<Self, InvalidObservation> {
        if !time.is_finite() || time < 0.0 {
            return Err(InvalidObservation::Time(time));
        }
        Ok(Self { entry: None, time, outcome })
    }

    /// Watched from age `entry` on (left truncation); an entry of 0 is the origin, except that what ends at 0 is at risk only without one.
    ///
    /// # Errors
    /// If a number is negative or not finite, or `entry` is not before `time`.
    pub fn entered(entry: f64, time: f64, outcome: Outcome) -> Result<Self, InvalidObservation> {
        let observation = Self::new(time, outcome)?;
        if !entry.is_finite() || entry < 0.0 {
            return Err(InvalidObservation::Entry(entry));
        }
        if entry >= time {
            return Err(InvalidObservation::EntryNotBeforeTime { entry, time });
        }
        Ok(Self { entry: Some(entry), ..observation })
    }

    pub fn entry(&self) -> Option<f64> {
        self.entry
    }

    pub fn time(&self) -> f64 {
        self.time
    }

    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}
