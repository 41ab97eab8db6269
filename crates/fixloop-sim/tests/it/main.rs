//! The made-up organisation as git and fixloop see it.

mod alerts;
mod determinism;
mod effect;
mod mine;
mod mined;
mod work;
