//! What tests share.

pub mod corpus;
pub mod shared;
