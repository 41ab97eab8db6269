//! A tolerant reader of YAML's everyday part that keeps byte spans.
//!
//! Grammar: YAML 1.2, <https://yaml.org/spec/1.2.2/>. Read are block and flow mappings and sequences, plain, quoted and block
//! scalars, explicit keys (`? key`), comments and the first document of a stream. Tags and anchors are read over; an alias stays the
//! text `*name` and is never expanded, so nothing can explode. A line that cannot be read is a problem and costs that line with what
//! is nested below it. Nesting is followed to [`MAX_DEPTH`]; nothing recurses.

mod block;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;

pub(crate) use block::{parse, parse_from};

/// Twice the deepest seen in pipelines.
const MAX_DEPTH: usize = 64;

/// A text with more problems than this is not worth a longer list.
const MAX_PROBLEMS: usize = 100;
