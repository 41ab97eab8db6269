//! Verdicts by table.
