//! Alerts that another tool gave, as they were imported: `fixloop.alerts/1` (`docs/schema/alerts-1.json`).
//!
//! GitHub's list is read by [`github`]; which alert is of which opportunity is decided by [`first_alerts`].

pub mod github;
mod matching;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fixloop_model::Timestamp;

pub use matching::{Matching, first_alerts};
pub use store::{StoreError, read_store, write_store};

/// What became of an alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Open,
    Fixed,
    Dismissed,
    /// By a rule, not a person.
    AutoDismissed,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Open, Self::Fixed, Self::Dismissed, Self::AutoDismissed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::Dismissed => "dismissed",
            Self::AutoDismissed => "auto_dismissed",
        }
    }

    /// `None` for a word that this build does not know.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// One vulnerability of one package in one manifest, told to a repository.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alert {
    /// `OWNER/NAME`.
    pub repository: String,
    /// Within the repository.
    pub number: u64,
    /// OSV's name.
    pub ecosystem: String,
    /// Normalized.
    pub name: String,
    /// Of its advisory.
    pub ids: Vec<String>,
    pub manifest_path: String,
    pub state: State,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// When it was fixed or dismissed.
    pub closed: Option<Timestamp>,
    /// In the words of the tool: `tolerable_risk`, `no_bandwidth`, …
    pub dismissed_reason: Option<String>,
}

/// What adding alerts did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Merged {
    pub n_new: usize,
    pub n_changed: usize,
    /// As they were, or older than what was known.
    pub n_unchanged: usize,
}

/// Adds `more` to `known` by repository (whose case does not matter) and number; the later update wins. Sorted by both.
pub fn merge(known: &mut Vec<Alert>, more: Vec<Alert>) -> Merged {
    let key = |it: &Alert| (it.repository.to_lowercase(), it.number);
    let mut all: BTreeMap<(String, u64), Alert> =
        std::mem::take(known).into_iter().map(|it| (key(&it), it)).collect();
    let mut merged = Merged::default();
    for it in more {
        match all.get_mut(&key(&it)) {
            None => {
                merged.n_new += 1;
                all.insert(key(&it), it);
            }
            Some(before) if it.updated >= before.updated && it != *before => {
                merged.n_changed += 1;
                *before = it;
            }
            Some(_) => merged.n_unchanged += 1,
        }
    }
    known.extend(all.into_values());
    merged
}
