//! What tests share.

pub mod corpus;
pub mod git_host;
pub mod shared;
