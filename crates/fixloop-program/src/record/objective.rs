//! Objectives: what the business wants, and how far its key results are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::key_result::KeyResultState;
use super::states::{History, State, advance, begin, states};
use super::{Change, Record, Refusal, Stamp, What, create};

states! {
    /// Follows the key results.
    ObjectiveState {
        Draft => "draft" [Active, Dropped],
        Active => "active" [Met, Missed, Dropped],
        Met => "met" [],
        Missed => "missed" [],
        Dropped => "dropped" [],
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Objective {
    pub id: ObjectId,
    pub state: ObjectiveState,
    pub statement: String,
    pub owner: Option<String>,
    /// As people call it: `2027 Q1`.
    pub period: Option<String>,
    /// The risk or policy that it is about.
    pub risk: Option<String>,
    pub n_key_results: usize,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveChange {
    Created {
        statement: String,
        owner: Option<String>,
        period: Option<String>,
        risk: Option<String>,
    },
}

impl Objective {
    /// Active with the first active key result; over when all are.
    pub(super) fn follow(&mut self, key_results: &[KeyResultState], stamp: Stamp<'_>) {
        use KeyResultState as K;
        if key_results.is_empty() {
            return;
        }
        let all = |wanted: &[K]| key_results.iter().all(|it| wanted.contains(it));
        let to = if key_results.contains(&K::Active) {
            ObjectiveState::Active
        } else if all(&[K::Abandoned]) {
            ObjectiveState::Dropped
        } else if all(&[K::Achieved, K::Abandoned]) {
            ObjectiveState::Met
        } else if all(&[K::Achieved, K::Missed, K::Abandoned]) {
            ObjectiveState::Missed
        } else {
            return;
        };
        if self.state.next().contains(&to) {
            let step =
                advance((&mut self.state, &mut self.history), to, stamp, Some("its key results"));
            debug_assert!(step.is_ok(), "asked before");
        }
    }
}

pub(super) fn apply(
    objectives: &mut BTreeMap<u32, Objective>,
    number: u32,
    change: &ObjectiveChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let ObjectiveChange::Created { statement, owner, period, risk } = change.clone();
    let state = ObjectiveState::Draft;
    let id = ObjectId::new(Kind::Objective, number);
    let history = begin(state, stamp);
    let objective =
        Objective { id, state, statement, owner, period, risk, n_key_results: 0, history };
    create(objectives, number, objective)
}

impl Record {
    pub fn create_objective(
        &self,
        statement: &str,
        (owner, period, risk): (Option<String>, Option<String>, Option<String>),
    ) -> Result<Change, Refusal> {
        let statement = statement.trim();
        if statement.is_empty() {
            return Err(Refusal::new(
                "an objective is a sentence",
                "say what the business wants: --objective \"fix vulnerable packages faster\"",
            ));
        }
        let statement = statement.to_owned();
        let what = ObjectiveChange::Created { statement, owner, period, risk };
        Ok(Change { object: self.next(Kind::Objective), what: What::Objective(what) })
    }
}
