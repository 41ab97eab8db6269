//! The made-up organisation as fixloop itself sees it.

//mod determinism;
//mod mined;
mod speed;
