//! What the tests of the modules share, and the whole crate against numbers computed elsewhere.

mod comparisons;
mod reference;
pub(crate) mod samples;
