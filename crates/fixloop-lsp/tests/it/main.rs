//! The server over an in-memory connection, as a client sees it.

mod actions;
mod bad_input;
mod client;
mod diagnostics;
mod edit_scripts;
mod lockfiles;
mod telemetry;
