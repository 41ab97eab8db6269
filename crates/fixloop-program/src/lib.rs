//! The programme: baselines of key results, SMART checks, evidence for problem hypotheses, interviews, and the record of it all.

pub mod alerts;
mod baseline;
mod detection;
pub mod evidence;
pub mod interviews;
mod metric;
mod population;
pub mod record;
mod smart;
mod target;
#[cfg(test)]
mod tests;
mod words;

pub use baseline::{Baseline, Guard, Plan, Source, Wanted, WindowOf, baseline};
pub use detection::{Alternative, Detection};
pub use metric::{Metric, Unit};
pub use population::Population;
pub use smart::{Answer, Check, Letter};
pub use target::{InvalidTarget, Target};
pub use words::{days, number, percent};
