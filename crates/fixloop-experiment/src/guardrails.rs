//! What must not get worse while fixes get faster.

use crate::decision::Guardrails;

/// One guardrail with its answer: safe, not known, or harm.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardrailReading {
    pub name: String,
    /// Of the values: `percent`, `minutes`, `points`.
    pub unit: String,
    pub control: Option<f64>,
    pub treated: Option<f64>,
    /// Treated minus control, above 0 being worse, and its 95 % interval.
    pub worsening: Option<f64>,
    pub interval: Option<(f64, f64)>,
    /// Up to which worsening it is safe.
    pub margin: f64,
    pub answer: Guardrails,
    /// The answer in a sentence.
    pub says: String,
}

/// All guardrails together: harm if one is harmed, safe if all are; none at all are not known to be safe.
pub fn guardrails_together(readings: &[GuardrailReading]) -> Guardrails {
    let any = |answer| readings.iter().any(|it| it.answer == answer);
    if any(Guardrails::Harm) {
        Guardrails::Harm
    } else if readings.is_empty() || any(Guardrails::NotKnown) {
        Guardrails::NotKnown
    } else {
        Guardrails::Safe
    }
}
