//! The numbers that others show, and why they mislead.

use fixloop_stats::log_rank::{GroupedSample, log_rank};
use fixloop_stats::{Observation, closed_only};

use crate::table::{Arm, FIXED, Table};

/// What is shown beside, never decided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Naive {
    /// Median days of what was fixed, by arm: open findings are left out, so slow teams look fast.
    pub closed_medians: [Option<f64>; 2],
    pub closed_means: [Option<f64>; 2],
    /// Log-rank test as if findings were independent: too small wherever teams differ. `None` if nothing was fixed.
    pub log_rank_p: Option<f64>,
}

/// The naive numbers of the time of the experiment.
pub fn naive(table: &Table) -> Naive {
    let of = |arm: Arm| -> Vec<Observation> {
        table.during().filter(|it| it.arm == arm).map(|it| it.observation).collect()
    };
    let closed = [Arm::Control, Arm::Treated].map(|it| closed_only(&of(it), FIXED));
    let observations: Vec<Observation> = table.during().map(|it| it.observation).collect();
    let groups: Vec<u32> = table.during().map(|it| u32::from(it.arm == Arm::Treated)).collect();
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    Naive {
        closed_medians: [closed[0].median, closed[1].median],
        closed_means: [closed[0].mean, closed[1].mean],
        log_rank_p: log_rank(&sample, FIXED, 0.0).ok().map(|it| it.test.p),
    }
}
