//! Events of editors and agents, kept in a local bounded crash-safe spool.
