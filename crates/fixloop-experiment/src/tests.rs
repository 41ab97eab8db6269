//! Tests across modules.

mod properties;
