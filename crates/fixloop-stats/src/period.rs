//! The period curve: what time-to-event would be if everything ran as in one calendar window.
//!
//! A cohort curve of the last quarter is always immature; this one takes events and person-time inside the window alone.

use thiserror::Error;

use crate::{Causes, Observation, Outcome};

/// One subject on the calendar.
///
/// # Units
/// Days (or any unit) since one calendar origin, the same for all and for the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Where the clock starts: age 0.
    pub origin: f64,
    /// First seen; `None`, or not after the origin, if watched from the origin on.
    pub entry: Option<f64>,
    pub end: f64,
    /// How it ended at `end`.
    pub outcome: Outcome,
}

/// Days after `after`, up to and including `until`: adjacent windows share no event and no time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    after: f64,
    until: f64,
}

/// The subjects at risk at some time of a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Period {
    pub observations: Vec<Observation>,
    /// For each observation, the index of its span: the way back to its cluster.
    pub rows: Vec<usize>,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidPeriod {
    #[error("window `{after}` to `{until}` is empty or not finite")]
    Window { after: f64, until: f64 },
    #[error("span `{row}` has a number that is not finite, or ends before its origin")]
    Span { row: usize },
}

impl Window {
    /// # Errors
    /// If a limit is not finite, or `until` is not later than `after`.
    pub fn new(after: f64, until: f64) -> Result<Self, InvalidPeriod> {
        if after.is_finite() && until.is_finite() && after < until {
            Ok(Self { after, until })
        } else {
            Err(InvalidPeriod::Window { after, until })
        }
    }
}

/// Cuts each span to the window: what is open on day `after` enters at its age then, what is open after `until` is censored there.
///
/// # Errors
/// If a span has a number that is not finite, or ends before its origin.
///
/// # Source
/// Brenner & Gefeller 1996, <https://doi.org/10.1002/(SICI)1097-0142(19961101)78:9%3C2004::AID-CNCR23%3E3.0.CO;2-E>.
pub fn period(spans: &[Span], window: Window) -> Result<Period, InvalidPeriod> {
    let mut period = Period::default();
    for (row, span) in spans.iter().enumerate() {
        let cut = span.cut(window).map_err(|()| InvalidPeriod::Span { row })?;
        if let Some(observation) = cut {
            period.observations.push(observation);
            period.rows.push(row);
        }
    }
    Ok(period)
}

impl Period {
    pub fn n_events(&self, causes: Causes) -> usize {
        self.observations.iter().filter(|it| causes.holds(it.outcome())).count()
    }

    /// Time at risk inside the window, all subjects together.
    pub fn person_time(&self) -> f64 {
        self.observations.iter().map(|it| it.time() - it.entry().unwrap_or(0.0)).sum()
    }
}

impl Span {
    /// `None` if never at risk inside the window.
    fn cut(&self, window: Window) -> Result<Option<Observation>, ()> {
        let Self { origin, entry, end, outcome } = *self;
        let is_finite = [origin, end, entry.unwrap_or(origin)].iter().all(|it| it.is_finite());
        if !is_finite || end < origin {
            return Err(());
        }
        let (end, outcome) =
            if end > window.until { (window.until, Outcome::Censored) } else { (end, outcome) };
        if end <= window.after || end < origin {
            return Ok(None);
        }
        let seen = entry.filter(|it| *it > origin);
        let open_at_start = Some(window.after).filter(|it| *it >= origin);
        let cut = match seen.into_iter().chain(open_at_start).reduce(f64::max) {
            None => Observation::new(end - origin, outcome),
            Some(from) if from >= end => return Ok(None),
            Some(from) => Observation::entered(from - origin, end - origin, outcome),
        };
        cut.map(Some).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests;
