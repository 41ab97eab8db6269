//! Build rules as data: `fixloop.rule/1`, one TOML file that names files, conditions and evidence, and carries good and bad examples.
//!
//! A rule is read whole or refused, and one that its own examples contradict is refused. What it says of a file is a
//! [`BuildCheck`](fixloop_model::BuildCheck); a file that cannot be read or decided is `unknown`, never safe. Everything is bounded:
//! the rule's text, its regular expressions (linear time), the tree of a file and the steps taken in it. `docs/rules.md` explains the
//! language.

mod check;
mod components;
mod condition;
mod error;
mod evaluate;
mod evidence;
mod examples;
mod files;
mod ini;
mod parse;
mod path;
mod rule;
#[cfg(test)]
mod tests;
mod tree;

pub use error::RuleError;
pub use rule::Rule;

/// What the first line of every rule says.
pub const SCHEMA: &str = "fixloop.rule/1";
