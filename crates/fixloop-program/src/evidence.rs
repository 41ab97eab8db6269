//! Evidence for and against problem hypotheses: a share of what was mined, its interval by team, and two lines set beforehand.
//!
//! Each query is a module with one function from mined rows to [`Evidence`]. Reading repositories and files, and words for people, are
//! the caller's. The interval is described at [`Measure`].

pub mod ceiling;
pub mod known_at_introduction;
pub mod late_alerts;
mod measure;
pub mod not_useful;
#[cfg(test)]
mod tests;
pub mod upgrade_regressions;

use fixloop_model::{Exposure, Opportunity, Regression, Timestamp};
use thiserror::Error;

use crate::alerts::Alert;
pub use measure::{Measure, TeamShare};
pub(crate) use measure::{Tally, Unit};

/// Opportunities of each kind that are given as examples.
pub(crate) const MAX_EXAMPLES: usize = 3;

/// What a repository's history says, as every query takes it.
#[derive(Clone, Copy)]
pub struct Mined<'a> {
    /// Those that statistics count.
    pub opportunities: &'a [&'a Opportunity],
    /// The opportunities' exposures are places in it.
    pub exposures: &'a [Exposure],
    /// Nothing later was looked at.
    pub cut: Timestamp,
}

/// Shares decided before the look: below `kill` the hypothesis is rejected, above `confirm` it is supported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lines {
    kill: f64,
    confirm: f64,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidLines {
    #[error("the {name} line `{value}` is not from 0 to 1")]
    Range { name: &'static str, value: f64 },
    #[error("the kill line `{kill}` is above the confirm line `{confirm}`")]
    Order { kill: f64, confirm: f64 },
}

impl Lines {
    /// # Errors
    /// If a line is no share, or the kill line is above the confirm line.
    pub fn new(kill: f64, confirm: f64) -> Result<Self, InvalidLines> {
        for (name, value) in [("kill", kill), ("confirm", confirm)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(InvalidLines::Range { name, value });
            }
        }
        if kill > confirm {
            return Err(InvalidLines::Order { kill, confirm });
        }
        Ok(Self { kill, confirm })
    }

    /// For lines of this crate, which are in order.
    const fn of(kill: f64, confirm: f64) -> Self {
        Self { kill, confirm }
    }

    pub fn kill(self) -> f64 {
        self.kill
    }

    pub fn confirm(self) -> f64 {
        self.confirm
    }
}

/// What a share says of the hypothesis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The whole interval is over the confirm line.
    Supported,
    /// The whole interval is under the kill line.
    Rejected,
    /// The interval reaches over a line, or lies between both.
    Open,
    /// There is no share.
    CannotTell,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Rejected => "rejected",
            Self::Open => "open",
            Self::CannotTell => "cannot tell",
        }
    }

    fn of(measure: &Measure, lines: Lines) -> Self {
        match measure.interval {
            None => Self::CannotTell,
            Some(it) if it.lower > lines.confirm => Self::Supported,
            Some(it) if it.upper < lines.kill => Self::Rejected,
            Some(_) => Self::Open,
        }
    }
}

/// An opportunity that the share is made of, with what is needed to check it by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Why it is named: `known at introduction`, `disclosed later`, …
    pub kind: &'static str,
    pub opportunity: Opportunity,
    /// Of all its advisories.
    pub ids: Vec<String>,
    /// The affected version of its first exposure.
    pub version: String,
    pub regression: Option<Regression>,
    pub alert: Option<Alert>,
}

/// The answer of one query.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub query: &'static str,
    /// What counts as x and what as n.
    pub definition: String,
    /// What n counts, and what x of them did: `412 opportunities`, `came in when …`.
    pub unit: &'static str,
    pub did: &'static str,
    pub measure: Measure,
    /// The same by open days, where that is another question.
    pub open_days: Option<Measure>,
    pub lines: Lines,
    pub verdict: Verdict,
    /// Why there is no verdict, or only half of one.
    pub reason: Option<String>,
    /// Counts of what is in no share, and of parts, by name and in words.
    pub facts: Vec<(&'static str, String)>,
    pub examples: Vec<Example>,
    /// What the share cannot show, in sentences.
    pub limits: Vec<String>,
}

impl Mined<'_> {
    /// The opportunities that fit, longest open first, as examples.
    fn examples(&self, kind: &'static str, fits: impl Fn(&Opportunity) -> bool) -> Vec<Example> {
        let mut fitting: Vec<&Opportunity> =
            self.opportunities.iter().copied().filter(|it| fits(it)).collect();
        fitting.sort_by(|a, b| open_days(b).total_cmp(&open_days(a)).then_with(|| a.id.cmp(&b.id)));
        fitting.into_iter().take(MAX_EXAMPLES).map(|it| self.example(kind, it)).collect()
    }

    fn example(&self, kind: &'static str, opportunity: &Opportunity) -> Example {
        let exposures = || self.exposures_of(opportunity);
        let mut ids: Vec<String> = Vec::new();
        for id in exposures().flat_map(|it| &it.ids) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        let version = exposures().next().map(|it| it.version_before.clone()).unwrap_or_default();
        let opportunity = opportunity.clone();
        Example { kind, opportunity, ids, version, regression: None, alert: None }
    }

    pub(crate) fn exposures_of(&self, of: &Opportunity) -> impl Iterator<Item = &Exposure> {
        of.exposures.iter().filter_map(|it| self.exposures.get(*it))
    }
}

const MICROSECONDS_A_DAY: f64 = 86_400e6;

/// Days from one instant to a later one; 0 if it is not later.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> f64 {
    (to.0 - from.0).max(0) as f64 / MICROSECONDS_A_DAY
}

/// From when it could be fixed to its end, or to when it was last proved to be there.
pub(crate) fn open_days(it: &Opportunity) -> f64 {
    days(it.start, until(it))
}

pub(crate) fn until(it: &Opportunity) -> Timestamp {
    it.end.unwrap_or(it.last_seen)
}

/// An opportunity without a team is its repository's.
pub(crate) fn team(it: &Opportunity) -> &str {
    it.team.as_deref().unwrap_or(&it.repository)
}
