//! A statistic that is chi-square distributed if there is no effect.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// A chi-square test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquareTest {
    pub statistic: f64,
    pub df: usize,
    /// Probability of a statistic at least as large without an effect.
    pub p: f64,
}

impl ChiSquareTest {
    /// Takes a statistic of at least 0 and at least 1 degree of freedom.
    pub(crate) fn new(statistic: f64, df: usize) -> Self {
        let distribution = ChiSquared::new(df as f64).expect("there is a degree of freedom");
        Self { statistic, df, p: distribution.sf(statistic) }
    }
}
