//! Time to fix, read out: one definition of the numbers for `history`, `okr baseline`, `analyze` and every later readout.

mod compute;
mod group;
mod labels;
mod months;
mod readout;
#[cfg(test)]
mod tests;
mod window;

pub use compute::{COMPETING_CAUSE, FIXED_CAUSES, Input, TIME_TO_FIX, observation, readout};
pub use group::Ages;
pub use labels::Labels;
pub use readout::{
    CurvePoint, Definition, Estimate, Group, Month, Quantile, Readout, Row, Share, Slowest, Split,
};
pub use window::{InWindow, LogSpread, Replicated, Statistic, in_window};
