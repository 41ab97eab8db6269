//! The programme: baselines of key results, SMART checks, evidence for problem hypotheses.

pub mod alerts;
pub mod evidence;
