//! Dependency confusion: whether private and public package sources can answer for the same name.
