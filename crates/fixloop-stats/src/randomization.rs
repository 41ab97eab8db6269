//! Tests whose only assumption is how units were assigned: what else could have been drawn, and how the observed draw stands among it.
//!
//! A unit is what was randomised (a team; teams of one platform group together). Under "the treatment did nothing to anyone" every unit
//! would have done the same in the other arm, so the statistic of every assignment that could have been drawn is known, and the p-value
//! is a count: exact with any number of units, whatever correlates inside them, however they entered or were censored.
//!
//! # Source
//! Fisher 1935; Gail et al. 1996, <https://doi.org/10.1002/(SICI)1097-0258(19960615)15:11%3C1069::AID-SIM220%3E3.0.CO;2-Q>; for times to
//! an event in clusters Wang & De Gruttola 2017, <https://doi.org/10.1002/sim.7329>.

mod assignments;
mod sequential;
mod soft_rank;
mod time_ratio;

pub use assignments::{Assignments, AssignmentsError, Limits};
pub use sequential::{Look, LookError, Sequential, spent_budget};
pub use soft_rank::soft_rank_e;
pub use time_ratio::{ConfidenceSet, grid, invert, rescaled};

/// Statistics that differ by less are tied, so that rounding cannot make an assignment more extreme than its mirror image.
const TIE: f64 = 1e-9;

/// Shares of the assignments whose statistic is at least as extreme as the observed one, which is among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValues {
    /// By absolute value.
    pub two_sided: f64,
    /// At least as large.
    pub greater: f64,
}

/// The p-values of `statistics`, one per assignment; `observed` is the place of the one that was drawn.
///
/// A statistic that is not defined (not finite) counts as extreme as can be, so that an undefined comparison never looks rare.
/// `None` if there is none at `observed`, or it is not finite.
pub fn p_values(statistics: &[f64], observed: usize) -> Option<PValues> {
    let of = statistics.get(observed).copied().filter(|it| it.is_finite())?;
    let share = |is_extreme: &dyn Fn(f64) -> bool| {
        let n = statistics.iter().filter(|it| !it.is_finite() || is_extreme(**it)).count();
        n as f64 / statistics.len() as f64
    };
    Some(PValues {
        two_sided: share(&|it| it.abs() >= of.abs() - TIE),
        greater: share(&|it| it >= of - TIE),
    })
}

#[cfg(test)]
mod tests;
