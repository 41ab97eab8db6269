//! The process in the order of the calendar, in which everything known today stays true tomorrow.

use thiserror::Error;

use crate::{Causes, Outcome};

use super::sweep::{Piece, sweep};
use super::{ELogRankError, EProcess, HazardRatio, check_length, second_group};

/// Ages in days at which a subject passes from one band to the next: [0, 7), [7, 14), [14, 30), [30, ..).
pub const AGE_BANDS: [u32; 3] = [7, 14, 30];

/// One subject by whole days of the calendar: at risk on day `c` where `entered < c <= left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalendarObservation {
    origin: i32,
    entered: i32,
    left: i32,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidCalendarObservation {
    #[error("entry on day `{entered}` is before the origin on day `{origin}`")]
    EnteredBeforeOrigin { origin: i32, entered: i32 },
    #[error("end on day `{left}` is not after entry on day `{entered}`")]
    LeftNotAfterEntry { entered: i32, left: i32 },
}

/// Rows to compare, in any order.
#[derive(Clone, Copy, Debug)]
pub struct CalendarSample<'a> {
    pub observations: &'a [CalendarObservation],
    /// Group of each observation, numbered as the caller likes.
    pub groups: &'a [u32],
    /// Stratum (team) of each observation; rows are compared only inside one.
    pub strata: Option<&'a [u32]>,
    /// Ages that part the bands, positive and ascending; rows are compared only inside one. See [`AGE_BANDS`].
    pub age_bands: &'a [u32],
}

/// [`super::e_log_rank`] in the order of the calendar: valid at any stop, also where subjects come at different dates.
///
/// Strata are crossed with bands of the age at the start of the day, `c - 1 - origin`, since subjects of different ages have
/// different hazards. What was computed up to a day does not change when later days are added. Costs O(n log n) per band.
///
/// # Units
/// Days of one calendar, from any origin; steps are at days.
///
/// # Errors
/// If lengths differ, there are not exactly two groups, or the bands are not ascending.
///
/// # Source
/// As [`super::e_log_rank`]; the two clocks are in its authors' tutorials on staggered entry. Tested on first principles.
pub fn e_log_rank_by_calendar(
    sample: &CalendarSample<'_>,
    causes: Causes,
    ratio: HazardRatio,
) -> Result<EProcess, ELogRankError> {
    let n = sample.observations.len();
    let second = second_group(sample.groups, n)?;
    if let Some(strata) = sample.strata {
        check_length(strata, n)?;
    }
    let is_positive = sample.age_bands.first().is_none_or(|&it| 0 < it);
    if !is_positive || !sample.age_bands.is_sorted_by(|a, b| a < b) {
        return Err(ELogRankError::AgeBands);
    }
    let mut pieces = Vec::with_capacity(n);
    for (row, observation) in sample.observations.iter().enumerate() {
        let stratum = sample.strata.map_or(0, |it| it[row]);
        let is_event = causes.holds(observation.outcome);
        for (band, (entry, exit)) in observation.days_by_band(sample.age_bands) {
            pieces.push(Piece {
                stratum: (stratum, band),
                entry: entry as f64,
                exit: exit as f64,
                is_second: sample.groups[row] == second,
                is_event: is_event && exit == i64::from(observation.left),
            });
        }
    }
    Ok(EProcess { steps: sweep(pieces, ratio.0.ln()) })
}

impl CalendarObservation {
    /// `origin`: the day at whose end the age was 0 (disclosed). `entered`: the last day before it was watched. `left`: the day of
    /// the outcome.
    ///
    /// # Errors
    /// If not `origin <= entered < left`; what ends on the day it begins was never at risk of a day.
    pub fn new(
        origin: i32,
        entered: i32,
        left: i32,
        outcome: Outcome,
    ) -> Result<Self, InvalidCalendarObservation> {
        if entered < origin {
            return Err(InvalidCalendarObservation::EnteredBeforeOrigin { origin, entered });
        }
        if left <= entered {
            return Err(InvalidCalendarObservation::LeftNotAfterEntry { entered, left });
        }
        Ok(Self { origin, entered, left, outcome })
    }

    /// The days `(entry, exit]` in each band in which there are any.
    fn days_by_band(self, age_bands: &[u32]) -> impl Iterator<Item = (usize, (i64, i64))> {
        let [origin, entered, left] = [self.origin, self.entered, self.left].map(i64::from);
        let starts = std::iter::once(0).chain(age_bands.iter().map(|&it| i64::from(it)));
        let ends = age_bands.iter().map(move |&it| origin + i64::from(it)).chain([i64::MAX]);
        starts
            .zip(ends)
            .map(move |(start, end)| (entered.max(origin + start), left.min(end)))
            .enumerate()
            .filter(|(_, (entry, exit))| entry < exit)
    }
}
