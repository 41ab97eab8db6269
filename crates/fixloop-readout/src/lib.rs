//! Time to fix, read out: one definition of the numbers for `history`, `okr baseline`, `analyze` and every later readout.

mod readout;

pub use readout::{
    CurvePoint, Definition, Estimate, Group, Month, Quantile, Readout, Row, Share, Slowest, Split,
};
