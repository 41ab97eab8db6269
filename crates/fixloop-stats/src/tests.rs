//! Tests of the whole crate against numbers computed elsewhere.

mod comparisons;
mod reference;
