//! All hypotheses that were tested, together: who looks often enough finds something, so the ledger asks for more.
//!
//! A decision that was frozen stays: later hypotheses may be harder to confirm for it, and never take it back. E-values are those of the
//! decision, not the largest that a running experiment ever had.

use fixloop_stats::Level;
use fixloop_stats::multiplicity::{MultiplicityError, benjamini_hochberg, e_benjamini_hochberg};
use thiserror::Error;

/// From how many experiments on effects are shrunk.
const MIN_EXPERIMENTS: usize = 5;

/// A p-value of 0 would be an effect without error.
const MIN_P: f64 = 1e-15;

/// A decision that was made once and holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Frozen {
    Confirmed,
    Rejected,
}

/// One hypothesis.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub hypothesis: String,
    /// Of a look that was planned.
    pub p: Option<f64>,
    /// Frozen at the decision.
    pub e: Option<f64>,
    /// On a scale where 0 is none: share of time saved, points, log of a ratio.
    pub effect: Option<f64>,
    pub frozen: Option<Frozen>,
}

/// What the ledger says of a hypothesis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    Confirmed,
    /// Only a person rejects; a large p-value rejects nothing.
    Rejected,
    Open,
}

/// A hypothesis among all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// p-value adjusted after Benjamini and Hochberg.
    pub adjusted_p: Option<f64>,
    /// Confirmed by its p-value among all.
    pub is_confirmed_by_p: bool,
    /// Confirmed by its e-value among all.
    pub is_confirmed_by_e: bool,
    pub standing: Standing,
    /// Confirmed before, and would not be today.
    pub is_kept: bool,
    /// The effect shrunk toward 0; `None` where there is nothing to shrink it by.
    pub shrunk: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// Share of false ones that is accepted among the confirmed.
    pub rate: f64,
    /// In the order of the entries.
    pub ranked: Vec<Ranked>,
    /// What effects are multiplied with, against the winner's curse; `None` below five experiments with a p-value.
    pub shrinkage: Option<f64>,
    /// Hypotheses with a p-value.
    pub n_with_p: usize,
}

#[derive(Clone, Debug, Error, PartialEq)]
pub enum LedgerError {
    #[error("hypothesis `{hypothesis}`")]
    Value { hypothesis: String, source: MultiplicityError },
    #[error("effect `{effect}` of hypothesis `{hypothesis}` is not a finite number")]
    Effect { hypothesis: String, effect: f64 },
    #[error("hypothesis `{0}` has neither p-value nor e-value nor a frozen decision")]
    Nothing(String),
    #[error("hypothesis `{0}` is there twice")]
    Twice(String),
    #[error(transparent)]
    Rate(MultiplicityError),
}

/// Ranks the entries at a false discovery `rate`.
///
/// Both lists count every hypothesis of the ledger: one without a p-value as p = 1, one without an e-value as e = 0. A hypothesis with
/// both is confirmed by its p-value alone, for two chances would be one too many.
///
/// # Errors
/// If a p-value is not from 0 to 1, an e-value negative, an effect not finite, a hypothesis there twice or without any number, or the rate
/// not between 0 and 1.
///
/// # Source
/// Benjamini & Hochberg 1995; Wang & Ramdas 2022; shrinkage by the positive part of James & Stein 1961 on the z-values of the p-values.
pub fn ledger(entries: &[Entry], rate: f64) -> Result<Ledger, LedgerError> {
    e_benjamini_hochberg(&[], rate).map_err(LedgerError::Rate)?;
    check(entries)?;
    let p_values: Vec<f64> = entries.iter().map(|it| it.p.unwrap_or(1.0)).collect();
    let e_values: Vec<f64> = entries.iter().map(|it| it.e.unwrap_or(0.0)).collect();
    let adjusted = benjamini_hochberg(&p_values).map_err(LedgerError::Rate)?;
    let by_e = e_benjamini_hochberg(&e_values, rate).map_err(LedgerError::Rate)?;
    let z_values: Vec<f64> = entries.iter().filter_map(|it| it.p).map(z).collect();
    let shrinkage = shrinkage(&z_values);
    let rank = |((it, adjusted), by_e): ((&Entry, f64), bool)| {
        let is_confirmed_by_p = it.p.is_some() && adjusted <= rate;
        let is_confirmed = if it.p.is_some() { is_confirmed_by_p } else { by_e };
        Ranked {
            adjusted_p: it.p.map(|_| adjusted),
            is_confirmed_by_p,
            is_confirmed_by_e: by_e,
            standing: match it.frozen {
                Some(Frozen::Confirmed) => Standing::Confirmed,
                Some(Frozen::Rejected) => Standing::Rejected,
                None if is_confirmed => Standing::Confirmed,
                None => Standing::Open,
            },
            is_kept: it.frozen == Some(Frozen::Confirmed) && !is_confirmed,
            shrunk: it.p.and(it.effect).zip(shrinkage).map(|(effect, factor)| effect * factor),
        }
    };
    let ranked = entries.iter().zip(adjusted).zip(by_e).map(rank).collect();
    Ok(Ledger { rate, ranked, shrinkage, n_with_p: z_values.len() })
}

fn check(entries: &[Entry]) -> Result<(), LedgerError> {
    let mut names = std::collections::BTreeSet::new();
    for it in entries {
        let hypothesis = || it.hypothesis.clone();
        let value = |source| LedgerError::Value { hypothesis: hypothesis(), source };
        if !names.insert(&*it.hypothesis) {
            return Err(LedgerError::Twice(hypothesis()));
        }
        if it.p.is_none() && it.e.is_none() && it.frozen.is_none() {
            return Err(LedgerError::Nothing(hypothesis()));
        }
        if let Some(effect) = it.effect.filter(|it| !it.is_finite()) {
            return Err(LedgerError::Effect { hypothesis: hypothesis(), effect });
        }
        benjamini_hochberg(it.p.as_slice()).map_err(value)?;
        e_benjamini_hochberg(it.e.as_slice(), 0.5).map_err(value)?;
    }
    Ok(())
}

/// Of a two-sided p-value.
fn z(p: f64) -> f64 {
    Level::new(1.0 - p.max(MIN_P)).map_or(0.0, Level::z)
}

/// The share of the effects' spread that is not chance.
fn shrinkage(z_values: &[f64]) -> Option<f64> {
    let n = z_values.len();
    if n < MIN_EXPERIMENTS {
        return None;
    }
    let squares: f64 = z_values.iter().map(|it| it * it).sum();
    Some(if squares > 0.0 { (1.0 - (n as f64 - 2.0) / squares).max(0.0) } else { 0.0 })
}

#[cfg(test)]
mod tests;
