//! Readouts: what was said at a look, frozen with what it was computed from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::states::{History, Step};
use super::{Stamp, create};

/// Everything that computes it again, to the byte.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FrozenReadout {
    pub experiment: ObjectId,
    /// The planned day of the look.
    pub day: f64,
    pub is_planned: bool,
    /// Nothing later was looked at.
    pub cut: Timestamp,
    /// Of the question, as it was registered.
    pub analysis_hash: String,
    /// Name and version of how it was computed.
    pub method: String,
    /// SHA-256 of the stored files by name: `findings.csv`, `assignment.json`, …
    pub inputs: BTreeMap<String, String>,
    /// SHA-256 of the document, which is stored too.
    pub document: String,
    /// By the rule: `expand`, `persevere`, `pivot`, `stop`, `inconclusive`.
    pub verdict: String,
    pub rule: String,
    pub sentence: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readout {
    pub id: ObjectId,
    /// `frozen`.
    pub state: &'static str,
    #[serde(flatten)]
    pub frozen: FrozenReadout,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadoutChange {
    Frozen(FrozenReadout),
}

pub(super) fn apply(
    readouts: &mut BTreeMap<u32, Readout>,
    number: u32,
    change: &ReadoutChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let ReadoutChange::Frozen(frozen) = change.clone();
    let id = ObjectId::new(Kind::Readout, number);
    let (who, when) = (stamp.actor.clone(), stamp.at);
    let history = vec![Step { who, when, from: None, to: "frozen".to_owned(), why: None }];
    create(readouts, number, Readout { id, state: "frozen", frozen, history })
}
