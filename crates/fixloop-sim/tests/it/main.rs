//! The made-up organisation as git and fixloop see it.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

mod alerts;
mod determinism;
mod effect;
mod mine;
mod mined;
mod work;
