//! The programme's record: every objective, hypothesis, experiment and decision, as what was done to it, by whom and when.
//!
//! Nothing is ever overwritten. A [`Record`] is what the entries so far add up to; a command looks at it and answers with [`Change`]s or a
//! [`Refusal`] that says what to do. States and their transitions are those of `docs/program.md`.

mod campaign;
mod decision;
mod evidence;
mod experiment;
mod id;
mod interview;
mod iteration_clock;
mod key_result;
mod objective;
mod policy;
mod problem;
mod readout;
mod references;
mod refusal;
mod ring;
mod rollout;
mod rule;
mod solution;
mod states;
#[cfg(test)]
mod tests;
mod treatment;
mod verdict;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use campaign::{
    Campaign, CampaignChange, CampaignPlan, CampaignState, Look, Pivot, Pivoted, Reached, Rung,
    TakenBack, TargetCounts, mode_word,
};
pub use decision::{Decided, Decision, DecisionVerdict, Dissent, PivotKind, Wish};
pub use evidence::{Answer, Basis, EvidenceChange, EvidenceKind, Filed, FiledEvidence, Stance};
pub use experiment::{
    Experiment, ExperimentChange, ExperimentState, Registered, Running, ScopeChange, Started,
};
pub use id::{Kind, ObjectId};
pub use interview::{Interview, InterviewChange, InterviewNotes};
pub use iteration_clock::{
    IterationClock, Stage, StageTime, Stuck, iteration_clock, stage_times, stuck,
};
pub use key_result::{
    CheckRecord, FrozenBaseline, GuardRecord, KeyResult, KeyResultChange, KeyResultOutcome,
    KeyResultPlan, KeyResultState, Measurement,
};
pub use objective::{Objective, ObjectiveChange, ObjectiveState};
pub use policy::{Built, Policy, PolicyChange};
pub use problem::{Prediction, Problem, ProblemChange, ProblemState, Query};
pub use readout::{FrozenReadout, Readout, ReadoutChange};
pub use refusal::Refusal;
pub use ring::{Ring, RingChange, RingPlan, Selection};
pub use rollout::{
    AssignmentRow, How, Override, Rollout, RolloutChange, RolloutPlan, RolloutState,
};
pub use rule::{BUILT_IN_RULE, RuleChange, RulePlan, RuleRecord};
pub use solution::{
    LeadingMeasure, Solution, SolutionChange, SolutionOutcome, SolutionPlan, SolutionState,
};
pub use states::{History, Step};
pub use treatment::{TreatmentChange, TreatmentKind, TreatmentPlan, TreatmentRecord};
pub use verdict::{ProblemReading, read_problem};

/// One line of the record.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// From 1, without a gap.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: Actor,
    /// The clock was set by hand, as for a story or a test.
    pub is_clock_set: bool,
    #[serde(flatten)]
    pub change: Change,
}

/// Something that is done to one object.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Change {
    pub object: ObjectId,
    pub what: What,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Objective(ObjectiveChange),
    KeyResult(KeyResultChange),
    Problem(ProblemChange),
    Evidence(EvidenceChange),
    Interview(InterviewChange),
    Treatment(TreatmentChange),
    Ring(RingChange),
    Solution(SolutionChange),
    Rollout(RolloutChange),
    Experiment(ExperimentChange),
    Readout(ReadoutChange),
    Decision(Decided),
    Campaign(CampaignChange),
    Policy(PolicyChange),
    Rule(RuleChange),
}

/// Who did it: a name that colleagues know.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Actor(String);

impl Actor {
    pub fn new(name: &str) -> Result<Self, &'static str> {
        let name = name.trim();
        if name.is_empty() {
            return Err("a name is needed");
        }
        if name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err("a name is one line of at most 100 characters");
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Actor {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name)
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.0
    }
}

/// What the entries add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Of the last entry.
    pub seq: u64,
    pub objectives: BTreeMap<u32, Objective>,
    pub key_results: BTreeMap<u32, KeyResult>,
    pub problems: BTreeMap<u32, Problem>,
    pub evidence: BTreeMap<u32, FiledEvidence>,
    pub interviews: BTreeMap<u32, Interview>,
    pub treatments: BTreeMap<u32, TreatmentRecord>,
    pub rings: BTreeMap<u32, Ring>,
    pub solutions: BTreeMap<u32, Solution>,
    pub rollouts: BTreeMap<u32, Rollout>,
    pub experiments: BTreeMap<u32, Experiment>,
    pub readouts: BTreeMap<u32, Readout>,
    pub decisions: BTreeMap<u32, Decision>,
    pub campaigns: BTreeMap<u32, Campaign>,
    pub rules: BTreeMap<u32, RuleRecord>,
    pub policy: Policy,
}

/// An entry that no command of ours would have written.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("entry {seq} of the record cannot be: {reason}")]
pub struct Corrupt {
    pub seq: u64,
    pub reason: String,
}

/// What one entry brings to an object: when, who.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    pub(crate) at: Timestamp,
    pub(crate) actor: &'a Actor,
}

impl Record {
    /// # Errors
    /// If an entry breaks a rule of the record: somebody changed the database by hand, or it is of a newer build.
    pub fn replay(entries: &[Entry]) -> Result<Self, Corrupt> {
        let mut record = Self::default();
        for entry in entries {
            record.add(entry)?;
        }
        Ok(record)
    }

    pub fn add(&mut self, entry: &Entry) -> Result<(), Corrupt> {
        let corrupt = |reason: String| Corrupt { seq: entry.seq, reason };
        if entry.seq != self.seq + 1 {
            return Err(corrupt(format!("it follows entry {}", self.seq)));
        }
        self.apply(&entry.change, Stamp { at: entry.at, actor: &entry.actor }).map_err(corrupt)?;
        self.seq = entry.seq;
        Ok(())
    }

    fn apply(&mut self, change: &Change, stamp: Stamp<'_>) -> Result<(), String> {
        let Change { object: id, what } = change;
        let (kind, number) = (id.kind(), id.number());
        self.refers(change)?;
        match what {
            What::Objective(it) if kind == Kind::Objective => {
                objective::apply(&mut self.objectives, number, it, stamp)?;
            }
            What::KeyResult(it) if kind == Kind::KeyResult => {
                key_result::apply(&mut self.key_results, number, it, stamp)?;
                self.follow_key_results(it, stamp);
            }
            What::Problem(it) if kind == Kind::Problem => {
                problem::apply(&mut self.problems, number, it, stamp)?;
            }
            What::Evidence(it) if kind == Kind::Evidence => {
                evidence::apply(&mut self.evidence, number, it, stamp)?;
            }
            What::Interview(it) if kind == Kind::Interview => {
                interview::apply(&mut self.interviews, number, it, stamp)?;
            }
            What::Treatment(it) if kind == Kind::Treatment => {
                treatment::apply(&mut self.treatments, number, it, stamp)?;
            }
            What::Ring(it) if kind == Kind::Ring => {
                ring::apply(&mut self.rings, number, it, stamp)?;
            }
            What::Solution(it) if kind == Kind::Solution => {
                solution::apply(&mut self.solutions, number, it, stamp)?;
            }
            What::Rollout(it) if kind == Kind::Rollout => {
                rollout::apply(&mut self.rollouts, number, it, stamp)?;
            }
            What::Experiment(it) if kind == Kind::Experiment => {
                experiment::apply(&mut self.experiments, number, it, stamp)?;
            }
            What::Readout(it) if kind == Kind::Readout => {
                readout::apply(&mut self.readouts, number, it, stamp)?;
            }
            What::Decision(it) if kind == Kind::Decision => {
                decision::apply(&mut self.decisions, number, it, stamp)?;
            }
            What::Campaign(it) if kind == Kind::Campaign => {
                campaign::apply(&mut self.campaigns, number, it, stamp)?;
            }
            What::Rule(it) if kind == Kind::Rule => {
                rule::apply(&mut self.rules, number, it, stamp)?;
            }
            What::Policy(it) if kind == Kind::Policy => self.policy.apply(it, stamp)?,
            _ => return Err(format!("`{id}` is no object of that kind")),
        }
        Ok(())
    }

    /// An objective is where its key results are.
    fn follow_key_results(&mut self, change: &KeyResultChange, stamp: Stamp<'_>) {
        let KeyResultChange::Created { plan, .. } = change else {
            for objective in self.objectives.values_mut() {
                let of_it =
                    self.key_results.values().filter(|it| it.plan.objective == objective.id);
                let states: Vec<KeyResultState> = of_it.map(|it| it.state).collect();
                objective.follow(&states, stamp);
            }
            return;
        };
        if let Some(objective) = self.objectives.get_mut(&plan.objective.number()) {
            objective.n_key_results += 1;
        }
    }

    /// All objects of a kind, the oldest first: ids have no gap.
    pub fn ids(&self, kind: Kind) -> Vec<ObjectId> {
        (1..self.next(kind).number()).map(|it| ObjectId::new(kind, it)).collect()
    }

    /// The next free id of a kind.
    pub fn next(&self, kind: Kind) -> ObjectId {
        let last = match kind {
            Kind::Objective => last(&self.objectives),
            Kind::KeyResult => last(&self.key_results),
            Kind::Problem => last(&self.problems),
            Kind::Evidence => last(&self.evidence),
            Kind::Interview => last(&self.interviews),
            Kind::Treatment => last(&self.treatments),
            Kind::Ring => last(&self.rings),
            Kind::Solution => last(&self.solutions),
            Kind::Rollout => last(&self.rollouts),
            Kind::Experiment => last(&self.experiments),
            Kind::Readout => last(&self.readouts),
            Kind::Decision => last(&self.decisions),
            Kind::Campaign => last(&self.campaigns),
            Kind::Rule => last(&self.rules),
            Kind::Policy => 0,
        };
        ObjectId::new(kind, last + 1)
    }
}

fn last<T>(objects: &BTreeMap<u32, T>) -> u32 {
    objects.last_key_value().map_or(0, |it| *it.0)
}

/// Puts a new object in its place.
pub(crate) fn create<T>(
    objects: &mut BTreeMap<u32, T>,
    number: u32,
    object: T,
) -> Result<(), String> {
    if number != last(objects) + 1 {
        return Err(format!("number {number} is not the next one"));
    }
    objects.insert(number, object);
    Ok(())
}

/// The object that something is done to.
pub(crate) fn known<T>(objects: &mut BTreeMap<u32, T>, number: u32) -> Result<&mut T, String> {
    objects.get_mut(&number).ok_or_else(|| format!("number {number} does not exist"))
}

/// Look-ups that say what there is instead.
macro_rules! lookups {
    ($($name:ident: $kind:ident, $field:ident, $type:ty;)+) => {
        impl Record {
            $(
                /// # Errors
                /// If there is none with this id.
                pub fn $name(&self, id: ObjectId) -> Result<&$type, Refusal> {
                    let found = (id.kind() == Kind::$kind).then(|| self.$field.get(&id.number()));
                    found.flatten().ok_or_else(|| Refusal::unknown(id, Kind::$kind, last(&self.$field)))
                }
            )+
        }
    };
}

lookups! {
    objective: Objective, objectives, Objective;
    key_result: KeyResult, key_results, KeyResult;
    problem: Problem, problems, Problem;
    evidence_of: Evidence, evidence, FiledEvidence;
    interview: Interview, interviews, Interview;
    treatment: Treatment, treatments, TreatmentRecord;
    ring: Ring, rings, Ring;
    solution: Solution, solutions, Solution;
    rollout: Rollout, rollouts, Rollout;
    experiment: Experiment, experiments, Experiment;
    readout: Readout, readouts, Readout;
    decision: Decision, decisions, Decision;
    campaign: Campaign, campaigns, Campaign;
    rule: Rule, rules, RuleRecord;
}
