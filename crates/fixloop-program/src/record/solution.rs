//! Solution hypotheses: if [treatment] for [ring] then [metric] changes by at least [worthwhile] within [days] because [mechanism].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::problem::ProblemState;
use super::states::{History, advance, begin, states};
use super::{Change, Record, Refusal, Stamp, What, create, known};

states! {
    SolutionState {
        Draft => "draft" [Planned, Stopped],
        Planned => "planned" [Piloting, Stopped],
        Piloting => "piloting" [Supported, NotSupported, Harmful, Inconclusive, Stopped],
        Supported => "supported" [Expanding, Pivoted, Stopped],
        NotSupported => "not_supported" [Pivoted, Stopped],
        Harmful => "harmful" [Pivoted, Stopped],
        Inconclusive => "inconclusive" [Piloting, Pivoted, Stopped],
        Expanding => "expanding" [Stopped],
        Pivoted => "pivoted" [],
        Stopped => "stopped" [],
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SolutionPlan {
    pub problem: ObjectId,
    pub treatment: ObjectId,
    pub ring: ObjectId,
    pub metric: String,
    /// 0.1: a tenth of the time to fix, the smallest change that is worth the trouble.
    pub worthwhile: f64,
    pub within_days: u32,
    /// The mechanism.
    pub because: String,
    pub guards: Vec<String>,
    pub leading: LeadingMeasure,
}

/// One number of the chain that can be read within a day, and the line that it is to pass.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LeadingMeasure {
    /// `delivered`, `seen`, `acted`, `landed` or `prevented`.
    pub step: String,
    /// Of the step before, in the treated arm.
    pub line: f64,
    pub within_hours: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionOutcome {
    Supported,
    NotSupported,
    Harmful,
    Inconclusive,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solution {
    pub id: ObjectId,
    pub state: SolutionState,
    pub plan: SolutionPlan,
    /// The next hypothesis, after a pivot.
    pub next: Option<ObjectId>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionChange {
    Created(SolutionPlan),
    /// What the pilot cannot show was read and accepted.
    Planned {
        why: String,
    },
    Piloting,
    Concluded {
        outcome: SolutionOutcome,
        why: String,
    },
    Expanding {
        why: String,
    },
    Pivoted {
        why: String,
        next: Option<ObjectId>,
    },
    Stopped {
        why: String,
    },
}

pub(super) fn apply(
    solutions: &mut BTreeMap<u32, Solution>,
    number: u32,
    change: &SolutionChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use SolutionState as S;
    if let SolutionChange::Created(plan) = change.clone() {
        let (id, state) = (ObjectId::new(Kind::Solution, number), S::Draft);
        let history = begin(state, stamp);
        return create(solutions, number, Solution { id, state, plan, next: None, history });
    }
    let it = known(solutions, number)?;
    let mut go = |to, why: Option<&str>| advance((&mut it.state, &mut it.history), to, stamp, why);
    match change.clone() {
        SolutionChange::Created(_) => Ok(()),
        SolutionChange::Planned { why } => go(S::Planned, Some(&why)),
        SolutionChange::Piloting => go(S::Piloting, None),
        SolutionChange::Concluded { outcome, why } => {
            let to = match outcome {
                SolutionOutcome::Supported => S::Supported,
                SolutionOutcome::NotSupported => S::NotSupported,
                SolutionOutcome::Harmful => S::Harmful,
                SolutionOutcome::Inconclusive => S::Inconclusive,
            };
            go(to, Some(&why))
        }
        SolutionChange::Expanding { why } => go(S::Expanding, Some(&why)),
        SolutionChange::Pivoted { why, next } => {
            go(S::Pivoted, Some(&why))?;
            it.next = next;
            Ok(())
        }
        SolutionChange::Stopped { why } => go(S::Stopped, Some(&why)),
    }
}

impl Solution {
    /// Nothing more comes of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, SolutionState::Pivoted | SolutionState::Stopped)
    }

    pub(super) fn change(&self, what: SolutionChange) -> Change {
        Change { object: self.id, what: What::Solution(what) }
    }
}

impl Record {
    pub fn create_solution(&self, plan: SolutionPlan) -> Result<Change, Refusal> {
        let problem = self.problem(plan.problem)?;
        self.treatment(plan.treatment)?;
        self.ring(plan.ring)?;
        match problem.state {
            ProblemState::Supported | ProblemState::Confirmed => {}
            ProblemState::Rejected => {
                return Err(Refusal::new(
                    format!(
                        "{} was rejected: {}",
                        problem.id,
                        problem.verdict.as_deref().unwrap_or("")
                    ),
                    format!(
                        "fixloop hypothesis create --supersedes {}: what else could be why?",
                        problem.id
                    ),
                ));
            }
            other => {
                return Err(Refusal::new(
                    format!(
                        "{} is {}: nobody knows yet whether it is a problem",
                        problem.id,
                        other.as_str()
                    ),
                    format!(
                        "fixloop hypothesis evidence {}, then fixloop hypothesis verdict {}",
                        problem.id, problem.id
                    ),
                ));
            }
        }
        let is_share = |it: f64| it > 0.0 && it < 1.0;
        if !is_share(plan.worthwhile) {
            return Err(Refusal::new(
                "the smallest worthwhile change is a share between 0 and 1",
                "--worthwhile 10%",
            ));
        }
        if plan.because.trim().is_empty() {
            return Err(Refusal::new(
                "a solution hypothesis names its mechanism, or nothing is learned if it fails",
                "--because \"developers see it before the code is committed\"",
            ));
        }
        if plan.guards.is_empty() {
            return Err(Refusal::new(
                "a solution hypothesis has a guard metric: what must not get worse",
                "--guard dismissal",
            ));
        }
        if !(1..=24).contains(&plan.leading.within_hours) {
            return Err(Refusal::new(
                "the leading measure is read within 24 hours",
                "--leading-hours 24",
            ));
        }
        let what = What::Solution(SolutionChange::Created(plan));
        Ok(Change { object: self.next(Kind::Solution), what })
    }

    /// The plan was read, with what it cannot show.
    pub fn plan_solution(&self, id: ObjectId, why: &str) -> Result<Option<Change>, Refusal> {
        let it = self.solution(id)?;
        match it.state {
            SolutionState::Draft => {
                Ok(Some(it.change(SolutionChange::Planned { why: why.to_owned() })))
            }
            SolutionState::Planned => Ok(None),
            other => Err(Refusal::new(
                format!("{id} is {}", other.as_str()),
                "what runs or is over is not planned anew: create another solution hypothesis",
            )),
        }
    }
}
