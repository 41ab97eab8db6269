//! The policy as it was published: versions of the bundle, and the kill switch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ObjectId;
use super::states::{History, Step};
use super::{Change, Record, Refusal, Stamp, What};

/// A bundle that was signed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Built {
    pub version: u64,
    /// SHA-256 of the file.
    pub digest: String,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Policy {
    /// Everything observes.
    pub kill_switch: bool,
    pub built: Vec<Built>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyChange {
    Built(Built),
    KillSwitch { is_on: bool, why: String },
}

impl Policy {
    /// Of the last bundle, 0 before the first.
    pub fn version(&self) -> u64 {
        self.built.last().map_or(0, |it| it.version)
    }

    pub(super) fn apply(&mut self, change: &PolicyChange, stamp: Stamp<'_>) -> Result<(), String> {
        let mut step = |from: String, to: String, why: Option<String>| {
            let (who, when) = (stamp.actor.clone(), stamp.at);
            self.history.push(Step { who, when, from: Some(from), to, why });
        };
        match change.clone() {
            PolicyChange::Built(it) => {
                let before = self.built.last().map_or(0, |it| it.version);
                if it.version <= before {
                    return Err(format!("bundle {} does not follow {before}", it.version));
                }
                step(format!("bundle {before}"), format!("bundle {}", it.version), None);
                self.built.push(it);
            }
            PolicyChange::KillSwitch { is_on, why } => {
                let word = |it: bool| if it { "kill switch on" } else { "kill switch off" };
                step(word(self.kill_switch).to_owned(), word(is_on).to_owned(), Some(why));
                self.kill_switch = is_on;
            }
        }
        Ok(())
    }
}

impl Record {
    pub fn built(&self, built: Built) -> Result<Change, Refusal> {
        if built.version <= self.policy.version() {
            return Err(Refusal::new(
                format!("bundle {} was built meanwhile", self.policy.version()),
                "build again: the next one has a higher version",
            ));
        }
        Ok(Change { object: ObjectId::POLICY, what: What::Policy(PolicyChange::Built(built)) })
    }

    pub fn switch(&self, is_on: bool, why: &str) -> Result<Change, Refusal> {
        if why.trim().is_empty() {
            return Err(Refusal::new("the kill switch is turned for a reason", "--why \"…\""));
        }
        let what = PolicyChange::KillSwitch { is_on, why: why.to_owned() };
        Ok(Change { object: ObjectId::POLICY, what: What::Policy(what) })
    }
}
