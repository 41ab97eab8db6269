//! The server over an in-memory connection, as a client sees it.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

mod actions;
mod bad_input;
mod build_rules;
mod client;
mod diagnostics;
mod edit_scripts;
mod lockfiles;
mod policy;
mod private_advisories;
mod telemetry;
