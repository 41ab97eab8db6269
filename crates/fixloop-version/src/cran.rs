//! Order of R packages (CRAN, Bioconductor).
//!
//! Numbers between `.` or `-`, compared one by one; of two versions that agree so far, the shorter
//! one is lower. Source: "Package versions" in the R documentation of `package_version`,
//! <https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html>.

use crate::number::{Number, split_numbers};

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key(Box<[Number]>);

pub(crate) fn parse(text: &str) -> Option<Key> {
    split_numbers(text, &['.', '-']).map(Key)
}
