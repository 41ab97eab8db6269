//! A tolerant JSON reader that keeps byte spans.
//!
//! Grammar: RFC 8259, and besides it comments, trailing commas and a byte order mark, which cost nothing. Anything else that is
//! wrong becomes a [`Problem`] and costs the rest of its line; the other entries are kept. In a broken text indentation tells which
//! brackets were left open. Nesting is followed to [`MAX_DEPTH`];
//! nothing recurses.

mod indentation;
mod parser;
#[cfg(test)]
mod tests;

pub(crate) use parser::{parse, unescape};

/// Lockfiles nest as deep as `node_modules` did under npm 2; 256 levels are twice the deepest seen.
pub(crate) const MAX_DEPTH: usize = 256;
