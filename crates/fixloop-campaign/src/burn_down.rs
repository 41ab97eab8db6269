//! How many targets were affected, fixed, clean and unknown, day by day.

use serde::{Deserialize, Serialize};

use crate::DAY;
use crate::target::{Target, TargetState};

/// Targets by state. What is unknown is a number of its own, never part of another.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub affected: u64,
    pub fixed: u64,
    pub clean: u64,
    pub unknown: u64,
    /// Of the unknown ones: those that were affected when they were last seen.
    pub unknown_open: u64,
}

impl Counts {
    pub fn of(targets: &[Target]) -> Self {
        let mut counts = Self::default();
        for it in targets {
            match it.state {
                TargetState::Affected => counts.affected += 1,
                TargetState::Fixed => counts.fixed += 1,
                TargetState::Clean => counts.clean += 1,
                TargetState::Unknown => {
                    counts.unknown += 1;
                    counts.unknown_open += u64::from(it.is_open());
                }
            }
        }
        counts
    }

    pub fn of_state(&self, state: TargetState) -> u64 {
        match state {
            TargetState::Affected => self.affected,
            TargetState::Fixed => self.fixed,
            TargetState::Clean => self.clean,
            TargetState::Unknown => self.unknown,
        }
    }
}

/// The counts of one look.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Point {
    pub at: i64,
    pub counts: Counts,
}

/// The last look of each day (UTC), the oldest first. A day without a look is not there: nobody knows how it stood.
pub fn burn_down(looks: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut looks = looks.to_vec();
    looks.sort_by_key(|it| it.at);
    for look in looks {
        match points.last_mut() {
            Some(last) if last.at.div_euclid(DAY) == look.at.div_euclid(DAY) => *last = look,
            _ => points.push(look),
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_last_look() {
        let point = |hours: i64, affected| Point {
            at: hours * DAY / 24,
            counts: Counts { affected, ..Counts::default() },
        };
        let looks = [point(30, 5), point(1, 9), point(23, 8), point(100, 2)];
        let found: Vec<u64> = burn_down(&looks).iter().map(|it| it.counts.affected).collect();
        assert_eq!(found, [8, 5, 2]);
        assert!(burn_down(&[]).is_empty());
    }
}
