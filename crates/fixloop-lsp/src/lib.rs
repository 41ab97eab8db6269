//! The language server: alerts at the first reference to a vulnerable package.
//!
//! Protocol: LSP 3.17/3.18, <https://microsoft.github.io/language-server-protocol/>. One thread turns each keystroke into diagnostics at
//! once: no debounce, no network, no lock. Whatever reads files that nobody is typing in (lockfiles, the index, git, the spool) is done
//! by one worker thread ([`worker`]) and comes back as an [`worker::Outcome`].

mod actions;
mod analysis;
mod build_rules;
mod capabilities;
mod commands;
mod diagnostics;
mod document;
mod documents;
mod episodes;
mod hover;
mod inlay_hints;
mod locked;
mod main_loop;
mod options;
mod position;
mod protocol;
mod rule_diagnostics;
mod session;
mod status;
mod transport;
mod worker;
mod workspace;

pub use main_loop::{Environment, Served, serve};
pub use transport::{Transport, Written, over};
