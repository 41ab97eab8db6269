//! The editor alert for coding agents, by the Model Context Protocol.
//!
//! Protocol: MCP 2025-11-25 and 2026-07-28 on standard input and output, <https://modelcontextprotocol.io/specification/2025-11-25>.
//! The SDK's runtime stays in this crate: `serve` is a plain call that returns when the client has closed the input. Each tool call is
//! plain synchronous work on a thread of its own; no file of a project is written, no command run, and no network used but for the address of
//! a policy that somebody configured.
//!
//! What comes from databases and projects is data: names and versions are bounded to one line ([`quoted`]), and an advisory's words stand
//! only in fields that say so.

mod advisory;
mod check_package;
mod index;
mod lines;
mod policy;
mod quoted;
mod recording;
mod scan_project;
mod serve;
mod server;
mod suggest_fix;
#[cfg(test)]
mod tests;
mod tool;
mod tools;
mod transport;

pub use serve::serve;
pub use tools::Environment;
