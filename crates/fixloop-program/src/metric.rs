//! The registry of metrics that a key result can have. Less is better in all of them.
//!
//! The median is none: it moves in steps, is not reached where less than half are fixed, and has no jackknife. It is told beside.

use fixloop_readout::{Estimate, Group, Statistic};

use crate::words::{days, percent};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Metric {
    /// Mean days open in the first 90: defined though many are never fixed, and each day counts.
    TimeToFix,
    /// Share not fixed within 14 days.
    Unfixed14,
    /// Share not fixed within 30 days.
    Unfixed30,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    Days,
    Share,
}

impl Metric {
    pub const ALL: [Self; 3] = [Self::TimeToFix, Self::Unfixed14, Self::Unfixed30];

    pub fn name(self) -> &'static str {
        match self {
            Self::TimeToFix => "time_to_fix",
            Self::Unfixed14 => "unfixed_14_days",
            Self::Unfixed30 => "unfixed_30_days",
        }
    }

    /// As the option of the command has it.
    pub fn option(self) -> &'static str {
        match self {
            Self::TimeToFix => "time-to-fix",
            Self::Unfixed14 => "unfixed-14",
            Self::Unfixed30 => "unfixed-30",
        }
    }

    /// What the number is.
    pub fn words(self) -> &'static str {
        match self {
            Self::TimeToFix => "mean days open in the first 90 days",
            Self::Unfixed14 => "share not fixed within 14 days",
            Self::Unfixed30 => "share not fixed within 30 days",
        }
    }

    pub fn unit(self) -> Unit {
        match self {
            Self::TimeToFix => Unit::Days,
            Self::Unfixed14 | Self::Unfixed30 => Unit::Share,
        }
    }

    pub fn show(self, value: f64) -> String {
        match self.unit() {
            Unit::Days => days(value),
            Unit::Share => percent(value),
        }
    }

    /// The largest value that it can have.
    pub(crate) fn largest(self) -> f64 {
        match self.unit() {
            Unit::Days => 90.0,
            Unit::Share => 1.0,
        }
    }

    /// Of the numbers of a readout, so that two outputs agree.
    pub fn of(self, group: &Group) -> Option<Estimate> {
        let unfixed = |days: f64| {
            let share = group.shares.iter().find(|it| it.days.total_cmp(&days).is_eq())?;
            let fixed = share.fixed?;
            let interval = fixed.interval.map(|(lower, upper)| (1.0 - upper, 1.0 - lower));
            Some(Estimate { value: 1.0 - fixed.value, interval })
        };
        match self {
            Self::TimeToFix => group.restricted_mean,
            Self::Unfixed14 => unfixed(14.0),
            Self::Unfixed30 => unfixed(30.0),
        }
    }

    pub(crate) fn statistic(self) -> Statistic {
        match self {
            Self::TimeToFix => Statistic::MeanOpen,
            Self::Unfixed14 => Statistic::Unfixed { days: 14.0 },
            Self::Unfixed30 => Statistic::Unfixed { days: 30.0 },
        }
    }
}
