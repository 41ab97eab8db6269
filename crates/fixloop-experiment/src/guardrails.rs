//! What must not get worse while fixes get faster.
//!
//! Non-inferiority with teams as the sample, three answers. An alarm may be wrong, silence may not: what has no numbers is not known to be
//! safe.

mod kind;
mod reading;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::decision::Guardrails;
use crate::differences::differences;
use crate::table::{Arm, Table};

pub use kind::{Comparison, GuardrailKind};

/// One guardrail with its answer: safe, not known, or harm.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardrailReading {
    pub name: String,
    /// Of the values: `percent`, `minutes`, `points`.
    pub unit: String,
    pub control: Option<f64>,
    pub treated: Option<f64>,
    /// Treated minus control, above 0 being worse, and its 95 % interval; of a level (override rate, noise) the treated's own.
    pub worsening: Option<f64>,
    pub interval: Option<(f64, f64)>,
    /// Up to which worsening it is safe; of a level the line. NaN if nobody said.
    pub margin: f64,
    pub answer: Guardrails,
    /// Counts bet on harm: a person is to look before it goes further. Never evidence.
    pub is_alarm: bool,
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

/// Up to which age dismissals are compared, in days.
const DISMISSAL_DAYS: f64 = 14.0;

/// One team's numbers of one guardrail, on a day if looks are to be told apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    pub team: String,
    /// `None` if no arm is known of the team, or it has both.
    pub arm: Option<Arm>,
    pub day: Option<f64>,
    pub numerator: f64,
    pub denominator: f64,
}

/// A guardrail that was registered, with whatever numbers there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    pub kind: GuardrailKind,
    /// Instead of the usual one, in the guardrail's unit.
    pub margin: Option<f64>,
    pub amounts: Vec<Amount>,
}

#[derive(Clone, Debug, Error, PartialEq)]
pub enum GuardrailInputError {
    #[error("guardrail `{guardrail}`: number `{value}` of team `{team}` is {what}")]
    Number { guardrail: String, team: String, value: f64, what: &'static str },
    #[error("guardrail `{guardrail}` has margin `{margin}`, which is no number above 0")]
    Margin { guardrail: String, margin: f64 },
    #[error("guardrail `{0}` is registered twice")]
    Twice(String),
}

/// The readings of all registered guardrails, and of dismissal, which the findings tell themselves.
///
/// `None`: nobody registered any, which leaves the others not known.
///
/// # Errors
/// If a number is not finite, a denominator or margin negative, or a guardrail is there twice.
pub fn guardrails(
    table: &Table,
    registered: Option<&[Registered]>,
) -> Result<Vec<GuardrailReading>, GuardrailInputError> {
    let mut by_name: BTreeMap<&str, &Registered> = BTreeMap::new();
    for it in registered.unwrap_or_default() {
        it.check()?;
        if by_name.insert(&it.kind.name, it).is_some() {
            return Err(GuardrailInputError::Twice(it.kind.name.clone()));
        }
    }
    let dismissal = GuardrailKind::of("dismissal");
    let margin = by_name.get(&*dismissal.name).and_then(|it| it.margin);
    let it = differences(table, DISMISSAL_DAYS);
    let of_findings = reading::dismissal(&dismissal, it.dismissed, it.dismissal.as_ref(), margin);
    let counted = by_name.get(&*dismissal.name).filter(|it| !it.amounts.is_empty());
    let mut readings = vec![match counted {
        // Whoever counts dismissals records them: that there are none is known then.
        Some(counted) if it.dismissed == Some([0.0, 0.0]) => {
            let share = GuardrailKind {
                comparison: Comparison::Difference,
                is_count: true,
                ..dismissal.clone()
            };
            reading::judge(&share, &counted.amounts, margin)
        }
        _ => of_findings,
    }];
    let others = registered.unwrap_or_default().iter();
    let others = others.filter(|it| it.kind.comparison != Comparison::Dismissal);
    readings.extend(others.map(|it| reading::judge(&it.kind, &it.amounts, it.margin)));
    if registered.is_none() {
        let others = GuardrailKind {
            name: "others".to_owned(),
            margin: None,
            ..GuardrailKind::of("others")
        };
        let reason = "nobody said which other guardrails there are";
        readings.push(reading::not_known(&others, None, reason));
    }
    Ok(readings)
}

impl Registered {
    fn check(&self) -> Result<(), GuardrailInputError> {
        let guardrail = || self.kind.name.clone();
        if let Some(margin) = self.margin.filter(|it| !it.is_finite() || *it <= 0.0) {
            return Err(GuardrailInputError::Margin { guardrail: guardrail(), margin });
        }
        for it in &self.amounts {
            let fault = |value, what| {
                let (guardrail, team) = (guardrail(), it.team.clone());
                Err(GuardrailInputError::Number { guardrail, team, value, what })
            };
            if !it.numerator.is_finite() {
                return fault(it.numerator, "not finite");
            }
            if !it.denominator.is_finite() || it.denominator < 0.0 {
                return fault(it.denominator, "no denominator: it is negative or not finite");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
