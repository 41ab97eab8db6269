//! A table of intervals, one row per finding, as commands read it.

mod columns;
mod lines;
mod status;
mod table;

pub(crate) use columns::{ColumnArguments, Wanted};
pub(crate) use lines::Lines;
pub(crate) use status::Codes;
pub(crate) use table::{Table, condition, read};
